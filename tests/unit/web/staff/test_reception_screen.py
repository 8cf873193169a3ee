"""Reception: who needs a person, what is known, and what may be decided."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from kiosk.checkin import lists
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, DocumentKind, Opening, Reason, Stage
from kiosk.model.events import CommandKind, DeviceState, StationHealth
from kiosk.model.identity import Assurance
from kiosk.model.queue import Priority
from kiosk.model.staff import Role
from kiosk.ports.devices import SignalSource
from kiosk.web.reception.presenters import MOST_URGENT_FIRST
from tests.support.small_hospital import GIA_QR, MAU_QR, STRANGER_QR, SetClock, SmallRecord
from tests.support.staff_server import SwitchedBus
from tests.support.staff_site import PASSWORD, Browser, arrive


def stranger(services: Services, station: str = "kiosk-1") -> CheckInView:
    """Somebody whose card the record does not know: a number of the desk."""
    return LocalCheckIns(services).claim(station, STRANGER_QR, SignalSource.CAMERA)


def now(services: Services, check_in_id: str) -> CheckIn:
    return lists.one(services, check_in_id)


def decide(reception: Browser, services: Services, check_in_id: str, step: str, **fields: object) -> str:
    path = f"/reception/check-ins/{check_in_id}/{step}"
    answer = reception.post(path, version=now(services, check_in_id).version, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def found(reception: Browser, services: Services, check_in_id: str, payload: str) -> str:
    where = decide(reception, services, check_in_id, "find", payload=payload)
    assert not payload or payload not in where
    return reception.text(where)


def in_order(page: str, words: Sequence[str]) -> bool:
    places = [page.find(word) for word in words]
    return -1 not in places and places == sorted(places)


def test_an_empty_screen_says_so_everywhere(reception: Browser) -> None:
    page = reception.text("/reception/")
    for words in ("Không có ai đang cần giúp", "Không có kiosk nào", "Không có ai đang chờ", "Chọn một người"):
        assert words in page


def test_every_reason_has_its_place_in_the_list() -> None:
    assert set(MOST_URGENT_FIRST) == set(Reason)


def test_who_stands_at_a_kiosk_comes_before_who_waits_with_a_number(services: Services, reception: Browser) -> None:
    stranger(services)
    LocalCheckIns(services).help("kiosk-2", None)
    page = reception.text("/reception/board")
    assert in_order(page, ["Cần giúp đỡ", "kiosk-2", "Chưa có hồ sơ", "Lê Văn Lạ"])


def test_who_asked_and_left_comes_after_who_is_still_there(services: Services, reception: Browser) -> None:
    kiosks = LocalCheckIns(services)
    kiosks.leave("kiosk-2", kiosks.help("kiosk-2", None).id)
    stranger(services)
    page = reception.text("/reception/board")
    assert in_order(page, ["Chưa có hồ sơ", "Lê Văn Lạ", "Cần giúp đỡ", "kiosk-2"])


def test_stations_show_their_devices(services: Services, bus: SwitchedBus, reception: Browser) -> None:
    devices = {"camera": DeviceState.WORKING, "printer": DeviceState.NO_PAPER}
    bus.beat(StationHealth("kiosk-1", services.clock.now(), devices), timedelta(seconds=10))
    page = reception.text("/reception/board")
    assert "Camera: hoạt động" in page
    assert "Máy in phiếu: hết giấy" in page


def test_a_station_has_its_name_wherever_reception_reads_of_it(
    services: Services, bus: SwitchedBus, reception: Browser
) -> None:
    check_in = stranger(services)
    assert "kiosk-1" in reception.text("/reception/board")
    bus.beat(StationHealth("kiosk-1", services.clock.now(), {}, "Kiosk cổng A"), timedelta(seconds=10))
    assert reception.text("/reception/board").count("Kiosk cổng A") == 2
    page = reception.text(f"/reception/check-ins/{check_in.id}")
    assert "· Kiosk cổng A</p>" in page
    assert "In lại phiếu tại Kiosk cổng A" in page
    assert "kiosk-1" not in page


def test_a_case_shows_what_was_presented(services: Services, reception: Browser) -> None:
    page = reception.text(f"/reception/check-ins/{stranger(services).id}")
    for words in ("Mã QR thẻ căn cước", "00108500••••", "Lê Văn Lạ", "01/02/1985", "0 phút trước"):
        assert words in page


def test_a_patient_found_by_number_is_attached_and_gets_a_number(services: Services, reception: Browser) -> None:
    check_in = LocalCheckIns(services).help("kiosk-1", None)
    page = found(reception, services, check_in.id, "BN000123")
    for words in ("Nguyễn Thị Mẫu", "05/03/1990", "00119001••••", "gắn hồ sơ và cấp số mới"):
        assert words in page
    decide(reception, services, check_in.id, "attach", patient="mau", clinic="noi")
    after = now(services, check_in.id)
    assert (after.stage, after.clinic_id) == (Stage.ARRIVED, "noi")
    assert after.patient is not None
    assert after.patient.id == "mau"


def test_an_empty_search_takes_the_presented_number(services: Services, reception: Browser) -> None:
    assert "Không có hồ sơ nào với số này" in found(reception, services, stranger(services).id, "")


def test_what_is_no_number_is_said(services: Services, reception: Browser) -> None:
    assert "Đây không phải số hay mã" in found(reception, services, stranger(services).id, "abc!")


def test_a_search_while_the_record_is_off_is_said(services: Services, reception: Browser, record: SmallRecord) -> None:
    check_in = stranger(services)
    record.off = True
    assert "Chưa kết nối được hồ sơ" in found(reception, services, check_in.id, "BN000123")


def test_a_search_is_of_one_account(services: Services, reception: Browser) -> None:
    page = reception.text(f"/reception/check-ins/{stranger(services).id}?search=somebody-elses")
    assert "Kết quả tìm đã cũ" in page


def test_attaching_somebody_who_has_a_number_leads_to_that_number(services: Services, reception: Browser) -> None:
    first = arrive(services, MAU_QR, "noi")
    second = LocalCheckIns(services).help("kiosk-2", None)
    found(reception, services, second.id, "BN000123")
    where = decide(reception, services, second.id, "attach", patient="mau", clinic="noi")
    assert where == f"/reception/check-ins/{first.id}?note=already"
    assert "không cấp số mới" in reception.text(where)


def test_a_move_gives_a_new_number_and_says_what_becomes_of_the_old(services: Services, reception: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    page = reception.text(f"/reception/check-ins/{check_in.id}")
    assert "Chuyển và cấp số mới: số 1 không còn dùng" in page
    decide(reception, services, check_in.id, "move", clinic="mat")
    assert now(services, check_in.id).clinic_id == "mat"


def test_a_cancellation_can_be_undone_for_ten_seconds(services: Services, reception: Browser, clock: SetClock) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    where = decide(reception, services, check_in.id, "cancel")
    assert now(services, check_in.id).stage is Stage.CANCELLED
    assert "Hoàn tác: giữ lại số 1" in reception.text(where)
    clock.pass_time(seconds=8)
    decide(reception, services, check_in.id, "undo")
    assert now(services, check_in.id).stage is Stage.ARRIVED


def test_a_cancellation_of_eleven_seconds_ago_stays(services: Services, reception: Browser, clock: SetClock) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    where = decide(reception, services, check_in.id, "cancel")
    clock.pass_time(seconds=11)
    assert "Hoàn tác:" not in reception.text(where)
    late = reception.post(f"/reception/check-ins/{check_in.id}/undo", version=now(services, check_in.id).version)
    assert late.status_code == 409
    assert "Lúc này chưa thực hiện được" in late.text


def test_a_priority_is_confirmed_and_taken_back(services: Services, reception: Browser) -> None:
    check_in = arrive(services, MAU_QR, "noi")
    decide(reception, services, check_in.id, "priority", priority="pregnant")
    assert now(services, check_in.id).priority is Priority.PREGNANT
    assert "Phụ nữ mang thai" in reception.text(f"/reception/check-ins/{check_in.id}")
    decide(reception, services, check_in.id, "priority", priority="")
    assert now(services, check_in.id).priority is None


def test_a_reprint_is_sent_to_the_station(services: Services, bus: SwitchedBus, reception: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    assert decide(reception, services, check_in.id, "reprint").endswith("note=printing")
    commands = bus.commands("kiosk-1", "0-0", 0)
    assert (commands[-1][1].kind, commands[-1][1].check_in_id) == (CommandKind.PRINT, check_in.id)


def test_without_a_bus_reception_goes_on_and_says_what_it_does_not_know(
    services: Services, bus: SwitchedBus, reception: Browser
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    bus.off = True
    page = reception.text("/reception/")
    assert "Không rõ trạng thái kiosk" in page
    assert "Trần Văn Già" in page
    assert "Chưa gửi được lệnh in" in reception.text(decide(reception, services, check_in.id, "reprint"))
    decide(reception, services, check_in.id, "move", clinic="mat")
    assert now(services, check_in.id).clinic_id == "mat"


def test_help_that_was_given_leaves_the_list(services: Services, reception: Browser) -> None:
    check_in = LocalCheckIns(services).help("kiosk-1", None)
    assert "Cần giúp đỡ" in reception.text("/reception/board")
    decide(reception, services, check_in.id, "help-given")
    assert "Không có ai đang cần giúp" in reception.text("/reception/board")


def test_an_absent_patient_at_the_desk_is_brought_back(services: Services, reception: Browser, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    doctor.post("/doctor/call-next", clinic="noi")
    doctor.post(f"/doctor/check-ins/{check_in.id}/absent", version=now(services, check_in.id).version)
    decide(reception, services, check_in.id, "bring-back")
    assert now(services, check_in.id).stage is Stage.ARRIVED


@pytest.mark.parametrize("version", ["", "x", "-1", "²", "9" * 30])
def test_a_form_with_a_spoilt_version_is_refused(services: Services, reception: Browser, version: str) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    assert reception.post(f"/reception/check-ins/{check_in.id}/cancel", version=version).status_code == 400


def test_the_screen_hears_of_every_clinic(services: Services, reception: Browser) -> None:
    position = reception.text("/reception/").split('data-position="')[1].split('"')[0]
    first, second = arrive(services, MAU_QR, "mat"), arrive(services, GIA_QR, "noi")
    told = reception.get(f"/reception/live?after={position}").text
    assert first.id in told
    assert second.id in told


def test_reception_inspects_a_photo_document_and_it_is_recorded(services: Services, reception: Browser) -> None:
    arrived = arrive(services, GIA_QR, "noi")
    page = f"/reception/check-ins/{arrived.id}"
    assert "Giấy tờ có ảnh đã xem" in reception.text(page)
    reception.post(f"{page}/document", version=str(arrived.version), document="passport", read="02/01/1940")
    kept = lists.one(services, arrived.id)
    assert kept.assurance is Assurance.VERIFIED
    assert kept.checked
    assert (kept.checked.document, kept.checked.how) == (DocumentKind.PASSPORT, Opening.DOCUMENT)


def test_somebody_who_was_never_searched_for_here_is_not_attached(services: Services, reception: Browser) -> None:
    check_in = LocalCheckIns(services).help("kiosk-1", None)
    where = decide(reception, services, check_in.id, "attach", patient="mau", clinic="noi")
    assert where.endswith("note=search-old")
    assert "Kết quả tìm đã cũ" in reception.text(where)
    assert now(services, check_in.id).patient is None


def test_a_stranger_is_numbered_without_a_record(services: Services, reception: Browser, doctor: Browser) -> None:
    check_in = stranger(services)
    assert "Cấp số, không gắn hồ sơ" in reception.text(f"/reception/check-ins/{check_in.id}")
    assert decide(reception, services, check_in.id, "number", clinic="noi").endswith("note=numbered")
    assert "Chưa gắn hồ sơ" in doctor.text("/doctor/")
    assert "chưa xác định được người này là ai" in doctor.text(f"/doctor/check-ins/{check_in.id}")


def test_what_differs_is_attached_with_a_reason_and_verified_by_two(
    services: Services, reception: Browser, signed_in: Callable[..., Browser]
) -> None:
    signed_in(Role.ADMINISTRATOR)
    check_in = stranger(services)
    page = found(reception, services, check_in.id, "BN000123")
    assert page.count('class="compared__differs"') == 4
    assert "Vẫn gắn hồ sơ khác này: chưa xác minh, cấp số mới" in page
    version = now(services, check_in.id).version
    path = f"/reception/check-ins/{check_in.id}/attach"
    assert reception.post(path, version=version, patient="mau", clinic="noi").status_code == 409
    decide(reception, services, check_in.id, "attach", patient="mau", clinic="noi", reason="other_document")
    card = {"document": "citizen_card", "read": "2345"}
    assert decide(reception, services, check_in.id, "document", **card).endswith("note=no-second-document")
    card |= {"second": "administrator-", "second_password": PASSWORD}
    assert decide(reception, services, check_in.id, "document", **card).endswith("note=inspected")
    assert now(services, check_in.id).assurance is Assurance.VERIFIED


def test_a_wrong_entry_from_a_document_verifies_nobody(services: Services, reception: Browser) -> None:
    check_in = arrive(services, MAU_QR, "noi")
    where = decide(reception, services, check_in.id, "document", document="citizen_card", read="9999")
    assert "Không khớp với hồ sơ: chưa xác minh" in reception.text(where)
    kept = now(services, check_in.id)
    assert (kept.assurance, kept.wrong_documents) == (Assurance.CLAIMED, 1)
    assert "001190012345" not in reception.text(where)
    where = decide(reception, services, check_in.id, "document", document="citizen_card", read="2345")
    assert "001190012345" in reception.text(where)


def test_the_search_returns_when_the_wrong_record_is_taken_off(
    services: Services, reception: Browser, clock: SetClock
) -> None:
    check_in = arrive(services, MAU_QR, "noi")
    page = f"/reception/check-ins/{check_in.id}"
    assert "Tìm trong hồ sơ bệnh viện" not in reception.text(page)
    assert "Bỏ hồ sơ này: giữ số 1" in reception.text(page)
    clock.pass_time(minutes=5)
    version = now(services, check_in.id).version
    done = reception.post(f"{page}/correct", version=version, what="person", reason="wrong_person")
    after = reception.text(done.headers["Location"])
    assert "Tìm trong hồ sơ bệnh viện" in after
    assert "Đã sửa lại" in after
    kept = now(services, check_in.id)
    assert kept.ticket
    assert (kept.patient, kept.ticket.number, kept.clinic_id) == (None, 1, "noi")


def test_a_correction_needs_a_reason(services: Services, reception: Browser) -> None:
    check_in = arrive(services, MAU_QR, "noi")
    path = f"/reception/check-ins/{check_in.id}/correct"
    assert reception.post(path, version=now(services, check_in.id).version, what="person").status_code == 400
    assert now(services, check_in.id).patient is not None
