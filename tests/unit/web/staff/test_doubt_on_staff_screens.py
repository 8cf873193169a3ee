"""What the doctor and reception read of a doubt, and what they may do while it stands."""

from collections.abc import Callable

import pytest

from kiosk.checkin import lists, open_record
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.identity import PartialDate
from kiosk.model.staff import Role
from kiosk.ports.devices import SignalSource
from tests.support.at_reception import attach_found
from tests.support.small_hospital import GIA_QR, SetClock
from tests.support.staff_site import Browser, arrive

DESK, DOCTOR = Actor.staff("desk"), Actor.staff("doc")
FIELD = 'name="birth_date"'
OFF = "Hôm nay không dùng câu hỏi ngày sinh"


@pytest.fixture
def attached(services: Services, clock: SetClock) -> CheckIn:
    """Answered wrongly twice in one clinic at 8:00, and attached again for another."""
    check_in = lists.one(services, arrive(services, GIA_QR, "noi").id)
    for year in (1950, 1951):
        check_in = open_record.answer_open_question(
            services,
            check_in.id,
            version=check_in.version,
            clinic_id="noi",
            answer=PartialDate(year, 3, 3),
            by=DOCTOR,
        )
    clock.pass_time(minutes=20)
    [case] = [one for one in lists.reception_board(services).desk if one.stage is Stage.RECEPTION]
    return attach_found(services, case.id, version=case.version, patient_id="gia", clinic_id="mat", by=DESK)


def guess(services: Services) -> None:
    for day in (1, 2, 3):
        LocalCheckIns(services).claim("kiosk-2", GIA_QR.replace("02011940", f"{day:02}021940"), SignalSource.CAMERA)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ("Đã trả lời sai 2 lần lúc 08:00, Phòng 101", OFF, "Xem giấy tờ có ảnh")),
        ("en", ("Answered wrongly 2 times at 08:00, Phòng 101", "The open question is off today")),
    ],
)
def test_the_doctor_reads_why_and_finds_no_question(
    signed_in: Callable[..., Browser], attached: CheckIn, language: str, words: tuple[str, ...]
) -> None:
    doctor = signed_in(Role.DOCTOR, "mat")
    doctor.post("/doctor/language", language=language)
    page = doctor.text(f"/doctor/check-ins/{attached.id}")
    for said in words:
        assert said in page
    assert FIELD not in page
    assert not [said for said in ("1940", "1950", "02/01") if said in page]


def test_a_form_that_was_open_when_the_doubt_arose_opens_nothing(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    assert FIELD in doctor.text(f"/doctor/check-ins/{check_in.id}")
    guess(services)
    path = f"/doctor/check-ins/{check_in.id}/open-question"
    refused = doctor.post(path, version=check_in.version, birth_date="02/01/1940")
    assert refused.status_code == 409
    assert (lists.one(services, check_in.id).version, lists.one(services, check_in.id).stage) == (
        check_in.version,
        Stage.ARRIVED,
    )


def test_guesses_at_a_kiosk_are_said_to_be_anybodys(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    guess(services)
    page = doctor.text(f"/doctor/check-ins/{check_in.id}")
    assert "Ngày sinh hoặc họ tên không khớp 3 lần tại kiosk, lần cuối lúc 08:00: có thể do người khác" in page
    assert OFF in page
    assert FIELD not in page
    assert "Có điều nghi ngờ" in doctor.text("/doctor/")


def test_a_document_opens_and_the_doubt_stays_in_sight(signed_in: Callable[..., Browser], attached: CheckIn) -> None:
    doctor = signed_in(Role.DOCTOR, "mat")
    path = f"/doctor/check-ins/{attached.id}"
    doctor.post(f"{path}/document", version=attached.version, document="passport")
    page = doctor.text(path)
    assert "86 tuổi" in page
    assert "Đã trả lời sai 2 lần lúc 08:00, Phòng 101" in page
    assert OFF not in page


def test_wrong_answers_of_another_clinic_are_counted_on_the_page(
    services: Services, signed_in: Callable[..., Browser]
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    open_record.answer_open_question(
        services, check_in.id, version=check_in.version, clinic_id="noi", answer=PartialDate(1950), by=DOCTOR
    )
    view = LocalCheckIns(services).start("kiosk-2", "vi")
    second = attach_found(services, view.id, version=view.version, patient_id="gia", clinic_id="mat", by=DESK)
    page = signed_in(Role.DOCTOR, "mat").text(f"/doctor/check-ins/{second.id}")
    assert "Số lần không khớp hôm nay: 1 trên 2" in page


def test_reception_sees_each_presentation_with_its_place_and_evidence(
    services: Services, reception: Browser, clock: SetClock
) -> None:
    guess(services)
    clock.pass_time(minutes=7)
    LocalCheckIns(services).claim("kiosk-3", GIA_QR, SignalSource.CAMERA)
    [case] = [one for one in lists.reception_board(services).desk if one.stage is Stage.RECEPTION]
    page = reception.text(f"/reception/check-ins/{case.id}").partition('id="doubt-title"')[2]
    page = page.partition("</section>")[0]
    for words in (
        "4 lần",
        "Đưa ra lần nữa",
        "08:07 · kiosk-3",
        "08:00 · kiosk-2",
        "01/02/1940",
        "03/02/1940",
        "ngày sinh",
    ):
        assert words in page
    assert "001040054321" not in page


def test_reception_reads_wrong_answers_once(reception: Browser, attached: CheckIn) -> None:
    page = reception.text(f"/reception/check-ins/{attached.id}").partition('id="doubt-title"')[2]
    assert "Đã trả lời sai 2 lần" in page
    assert "Đã trả lời sai 1 lần" not in page


def test_a_case_without_doubt_shows_none(services: Services, reception: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    assert "doubt-title" not in reception.text(f"/reception/check-ins/{check_in.id}")


def test_many_claims_of_a_case_are_counted_beyond_those_shown(services: Services, reception: Browser) -> None:
    for day in range(1, 13):
        LocalCheckIns(services).claim("kiosk-2", GIA_QR.replace("02011940", f"{day:02}021940"), SignalSource.CAMERA)
    [case] = [one for one in lists.reception_board(services).desk if one.stage is Stage.RECEPTION]
    page = reception.text(f"/reception/check-ins/{case.id}")
    assert "và 3 lần trước đó" in page
