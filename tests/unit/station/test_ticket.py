from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.errors import NotPossibleNow
from kiosk.live.clock import SystemClock
from kiosk.model.check_in_view import CheckInView, TicketView
from kiosk.model.checkin import Stage
from kiosk.model.clinic import RECEPTION
from kiosk.model.queue import PrintState
from kiosk.station.ticket import TicketWords
from tests.support.small_hospital import CLINICS, SetClock

CLOCK = SystemClock("Asia/Ho_Chi_Minh")
WORDS = TicketWords(
    {"vi": "Bệnh viện Ví Dụ", "en": "Example Hospital"},
    {clinic.id: clinic for clinic in CLINICS},
)
TICKET = TicketView(
    number=42,
    clinic_id="mat",
    room="Phòng 201",
    clinic_name="Phòng khám Mắt",
    ahead=3,
    given_at=datetime(2026, 11, 23, 2, 12, tzinfo=UTC),
    code="c-42",
    print_state=PrintState.NOT_ASKED,
)
VIEW = CheckInView("c-42", 5, Stage.ARRIVED, "vi", masked_name="NGUYỄN T** M**", ticket=TICKET)


def test_a_ticket_says_where_to_go_in_vietnamese_and_english() -> None:
    ticket = WORDS.ticket(VIEW, CLOCK)
    assert (ticket.number, ticket.code) == ("42", "c-42")
    assert ticket.lines == (
        "Bệnh viện Ví Dụ",
        "Số thứ tự · Queue number",
        "Phòng 201",
        "Phòng khám Mắt",
        "Eye clinic",
        "09:12 · 23/11/2026",
        "Mời ông/bà ngồi chờ đến lượt. Số sẽ hiện trên màn hình.",
        "Please take a seat. The screen will show your number.",
    )


def test_an_english_ticket_says_the_same_in_english_first() -> None:
    view = replace(VIEW, language="en", ticket=replace(TICKET, clinic_name="Eye clinic"))
    lines = WORDS.ticket(view, CLOCK).lines
    assert lines[:5] == ("Example Hospital", "Queue number · Số thứ tự", "Phòng 201", "Eye clinic", "Phòng khám Mắt")


def test_a_discreet_clinic_is_a_room_only() -> None:
    view = replace(VIEW, ticket=replace(TICKET, clinic_id="tam", room="Phòng 305", clinic_name=None))
    text = " ".join(WORDS.ticket(view, CLOCK).lines)
    assert "Phòng 305" in text
    assert "Tâm thần" not in text
    assert "Psychiatry" not in text


def test_a_number_of_reception_sends_to_reception() -> None:
    view = replace(VIEW, ticket=replace(TICKET, clinic_id=RECEPTION, room="", clinic_name=None))
    assert WORDS.ticket(view, CLOCK).lines[2:4] == ("Quầy tiếp đón", "Reception")


def test_nobodys_name_is_on_it() -> None:
    assert "NGUYỄN" not in " ".join(WORDS.ticket(VIEW, CLOCK).lines)


def test_without_a_number_there_is_no_ticket() -> None:
    with pytest.raises(NotPossibleNow):
        WORDS.ticket(replace(VIEW, ticket=None), CLOCK)


FORGOTTEN = replace(VIEW, stage=Stage.FORGOTTEN, ticket=None, masked_name=None)


def test_a_forgotten_face_is_confirmed_in_both_languages_without_a_name_or_number() -> None:
    receipt = WORDS.ticket(FORGOTTEN, SetClock())
    assert (receipt.number, receipt.code) == ("", "")
    assert receipt.lines[:5] == (
        "Bệnh viện Ví Dụ",
        "Biên nhận · Receipt",
        "Đã xóa khuôn mặt",
        "Face deleted",
        "08:00 · 23/11/2026",
    )
    assert "không còn giữ khuôn mặt" in receipt.lines[5]
    assert "keeps your face no longer" in receipt.lines[6]


def test_an_english_receipt_begins_in_english() -> None:
    lines = WORDS.ticket(replace(FORGOTTEN, language="en"), SetClock()).lines
    assert lines[:3] == ("Example Hospital", "Receipt · Biên nhận", "Face deleted")
