"""Reception says that somebody comes, sees what is shown again, and loses no case to another change."""

import json
import re
from html import unescape

from kiosk.checkin import lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.checkin import Stage
from kiosk.model.queue import PrintState, Priority
from kiosk.ports.devices import SignalSource
from tests.support.small_hospital import GIA_QR, MAU_QR, STRANGER_QR
from tests.support.staff_site import Browser, arrive

HERE = "kiosk-1"


def test_the_patient_is_promised_somebody_once_reception_says_so(services: Services, reception: Browser) -> None:
    kiosk = LocalCheckIns(services)
    view = kiosk.help(HERE, kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA).id)
    address = f"/reception/check-ins/{view.id}"
    assert "Tôi đến ngay: báo cho người bệnh" in reception.text(address)
    assert f'action="{address}/coming"' in reception.text("/reception/board")
    assert not kiosk.view(HERE, view.id).help_coming
    assert reception.post(f"{address}/coming").status_code == 303
    assert kiosk.view(HERE, view.id).help_coming
    page = reception.text(address)
    assert 'id="coming"' in page
    assert "Tôi đến ngay: báo" not in page
    board = reception.text("/reception/board")
    assert "có người đang đến" in board
    assert "/coming" not in board


def test_who_has_left_is_promised_nothing(services: Services, reception: Browser) -> None:
    kiosk = LocalCheckIns(services)
    view = kiosk.help(HERE, None)
    kiosk.leave(HERE, view.id)
    assert "/coming" not in reception.text("/reception/board")


def test_the_tab_says_how_many_need_somebody_and_no_name(services: Services, reception: Browser) -> None:
    assert "<title>Quầy tiếp đón</title>" in reception.text("/reception/")
    LocalCheckIns(services).claim(HERE, STRANGER_QR, SignalSource.CAMERA)
    assert "<title>(1) Quầy tiếp đón</title>" in reception.text("/reception/")


def test_the_next_act_after_helping_at_the_kiosk_meets_no_conflict(services: Services, reception: Browser) -> None:
    kiosk = LocalCheckIns(services)
    view = kiosk.claim(HERE, STRANGER_QR, SignalSource.CAMERA)
    address = f"/reception/check-ins/{view.id}"
    attached = reception.post(f"{address}/attach", version=view.version, patient="gia", clinic="noi")
    version = re.search(r'name="version" value="(\d+)"', reception.text(attached.headers["Location"]))
    kiosk.printed(view.id, PrintState.PRINTED)
    assert version
    after = reception.post(f"{address}/priority", version=version[1], priority=Priority.PREGNANT)
    assert after.status_code == 303


def test_a_conflict_is_said_in_the_case_with_what_was_chosen(services: Services, reception: Browser) -> None:
    view = arrive(services, GIA_QR, "noi")
    seen = lists.one(services, view.id).version
    address = f"/reception/check-ins/{view.id}"
    assert reception.post(f"{address}/priority", version=seen, priority=Priority.PREGNANT).status_code == 303
    late = reception.post(f"{address}/move", version=seen, clinic="mat")
    assert late.status_code == 409
    assert "TRẦN VĂN GIÀ" in late.text.upper()
    assert "điều vừa chọn vẫn còn" in late.text
    kept = re.search(r'data-action="([^"]+)" data-page="([^"]+)" data-fields="([^"]+)"', late.text)
    assert kept
    assert (kept[1], kept[2], json.loads(unescape(kept[3]))) == (f"{address}/move", address, {"clinic": "mat"})
    version = re.search(r'name="version" value="(\d+)"', late.text)
    assert version
    assert reception.post(f"{address}/move", version=version[1], clinic="mat").status_code == 303


def test_no_password_is_kept_from_what_came_too_late(services: Services, reception: Browser) -> None:
    view = arrive(services, GIA_QR, "noi")
    address = f"/reception/check-ins/{view.id}/priority"
    late = reception.post(address, version=99, priority=Priority.PREGNANT, second_password="một câu đủ dài")
    assert late.status_code == 409
    assert "một câu đủ dài" not in late.text


def test_what_cannot_be_done_now_is_said_in_the_case(services: Services, reception: Browser) -> None:
    view = arrive(services, GIA_QR, "noi")
    late = reception.post(f"/reception/check-ins/{view.id}/move", version=view.version, clinic="noi")
    assert late.status_code == 409
    assert "Lúc này chưa thực hiện được việc đó" in late.text


def test_a_code_that_is_shown_again_is_told_and_is_no_need(services: Services, reception: Browser) -> None:
    view = arrive(services, GIA_QR, "noi")
    kiosk = LocalCheckIns(services)
    for _ in range(2):
        shown = kiosk.claim("kiosk-2", GIA_QR, SignalSource.CAMERA)
        assert shown.stage is Stage.BIRTH_DATE
        kiosk.leave("kiosk-2", shown.id)
    assert "Không có ai đang cần giúp" in reception.text("/reception/")
    page = reception.text(f"/reception/check-ins/{view.id}")
    assert 'id="shown-again"' in page
    assert "đưa ra lại 2 lần" in page
