"""After a restore: reception sees the numbers that patients hold, and makes them again with one press."""

from collections.abc import Callable

from kiosk.checkin.lost_numbers import lost_today
from kiosk.checkin.services import Services
from kiosk.model.staff import Role
from tests.support.small_hospital import GIA_QR, MAU_QR
from tests.support.staff_site import Browser, arrive
from tests.unit.checkin.test_lost_numbers import lose, now


def test_nothing_is_said_where_nothing_is_lost(reception: Browser) -> None:
    assert "Số đã cấp sau bản sao lưu" not in reception.text("/reception/")


def test_the_list_names_number_person_clinic_and_stage(services: Services, reception: Browser) -> None:
    lose(services, arrive(services, GIA_QR, "noi").id)
    page = reception.text("/reception/")
    for words in ("Số đã cấp sau bản sao lưu", "Trần Văn Già", "Nội tổng quát", "Đang chờ", "Cấp lại tất cả 1 số"):
        assert words in page
    assert "Trần Văn Già" in reception.text("/reception/board"), "the board that follows events has it too"


def test_one_press_for_one(services: Services, reception: Browser) -> None:
    first, second = arrive(services, GIA_QR, "noi"), arrive(services, MAU_QR, "noi")
    lose(services, first.id, second.id)

    answer = reception.post(f"/reception/lost-numbers/{first.id}/again")

    assert answer.status_code == 303
    page = reception.text(answer.headers["Location"])
    assert "Đã cấp lại: đúng số như trên phiếu." in page
    assert now(services, first.id).ticket == now(services, first.id).ticket
    assert [one.id for one in lost_today(services)] == [second.id]


def test_one_press_for_all(services: Services, reception: Browser) -> None:
    ids = {arrive(services, GIA_QR, "noi").id, arrive(services, MAU_QR, "mat").id}
    lose(services, *ids)
    answer = reception.post("/reception/lost-numbers/again")
    assert "Đã cấp lại tất cả các số" in reception.text(answer.headers["Location"])
    assert {now(services, one).id for one in ids} == ids
    assert lost_today(services) == []


def test_two_presses_at_once_make_it_once(services: Services, reception: Browser) -> None:
    first = arrive(services, GIA_QR, "noi")
    lose(services, first.id)
    assert reception.post(f"/reception/lost-numbers/{first.id}/again").status_code == 303
    assert reception.post(f"/reception/lost-numbers/{first.id}/again").status_code == 404
    assert now(services, first.id).version == 5


def test_only_reception_may(services: Services, signed_in: Callable[..., Browser]) -> None:
    first = arrive(services, GIA_QR, "noi")
    lose(services, first.id)
    doctor = signed_in(Role.DOCTOR, "noi")
    token = doctor.token("doctor")
    for path in (f"/reception/lost-numbers/{first.id}/again", "/reception/lost-numbers/again"):
        answer = doctor.client.post(path, data={"csrf_token": token}, base_url=doctor.base_url)
        assert answer.status_code in {303, 401, 403}
    assert [one.id for one in lost_today(services)] == [first.id]
