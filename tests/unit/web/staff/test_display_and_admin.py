"""The waiting room's screen, and administration."""

from collections.abc import Callable

import pytest
from flask import Flask

from kiosk.checkin.accounts import all_accounts
from kiosk.checkin.services import Services
from kiosk.model.kept_time import Doubt
from kiosk.model.staff import Role, StaffAccount
from tests.support.small_hospital import GIA_QR, MAU_QR, SetClock
from tests.support.staff_site import Browser, add_staff, arrive


@pytest.fixture
def screen(signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(Role.DISPLAY, "noi", "mat")


@pytest.fixture
def admin(signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(Role.ADMINISTRATOR)


def account_named(services: Services, name: str) -> StaffAccount:
    return next(one for one in all_accounts(services) if one.sign_in_name == name)


def test_a_waiting_room_without_calls_says_so(screen: Browser) -> None:
    assert "Chưa mời số nào" in screen.text("/display/")


def test_a_call_shows_number_and_room_and_no_name(services: Services, screen: Browser, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    doctor.post("/doctor/call-next", clinic="noi")
    for path in ("/display/", "/display/calls"):
        page = screen.text(path)
        assert 'data-number="1" data-room="Phòng 101"' in page
        for personal in ("Trần", "Già", "1940", "001040054321", check_in.id):
            assert personal not in page


def test_the_newest_call_is_on_top(services: Services, screen: Browser, doctor: Browser, clock: SetClock) -> None:
    arrive(services, GIA_QR, "noi")
    arrive(services, MAU_QR, "noi")
    doctor.post("/doctor/call-next", clinic="noi")
    clock.pass_time(seconds=5)
    doctor.post("/doctor/call-next", clinic="noi")
    page = screen.text("/display/calls")
    assert page.index('data-number="2"') < page.index('data-number="1"')


def test_calling_again_changes_the_key_that_the_voice_follows(
    services: Services, screen: Browser, doctor: Browser, clock: SetClock
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    doctor.post("/doctor/call-next", clinic="noi")
    before = screen.text("/display/calls")
    clock.pass_time(seconds=5)
    doctor.post(f"/doctor/check-ins/{check_in.id}/call-again", version=check_in.version + 1)
    assert screen.text("/display/calls") != before


def test_administration_lists_accounts_and_the_state_of_the_parts(services: Services, admin: Browser) -> None:
    add_staff(services, "bs.nội", Role.DOCTOR, "noi")
    page = admin.text("/admin/")
    for words in ("bs.nội", "Nội tổng quát · Phòng 101", "Cơ sở dữ liệu: hoạt động", "Kênh trực tiếp: hoạt động"):
        assert words in page


def test_administration_says_when_the_clock_is_in_doubt(admin: Browser, clock: SetClock) -> None:
    assert "Đồng hồ máy chủ: hoạt động" in admin.text("/admin/")
    clock.doubt = Doubt.AHEAD
    page = admin.text("/admin/")
    assert "Đồng hồ máy chủ: đang nghi ngờ" in page
    assert "theo ngày làm việc 23/11/2026" in page
    assert '"degraded"' in admin.get("/readyz").get_data(as_text=True)


def test_administration_shows_what_the_record_refused(services: Services, admin: Browser) -> None:
    assert "kiosk record refused" not in admin.text("/admin/")
    arrive(services, MAU_QR, "noi")
    with services.storage.write() as work:
        for delivery in work.outbox.due(services.clock.now(), 10):
            work.outbox.refused(delivery, "RecordRefused")
    assert "kiosk record refused" in admin.text("/admin/")


def test_an_account_is_disabled_and_let_in_again(app: Flask, services: Services, admin: Browser) -> None:
    account = add_staff(services, "bs.nội", Role.DOCTOR, "noi")
    doctor = Browser(app)
    doctor.sign_in(Role.DOCTOR, "bs.nội")
    admin.post(f"/admin/accounts/{account.id}/disable")
    assert doctor.get("/doctor/").status_code == 303
    assert doctor.sign_in(Role.DOCTOR, "bs.nội").headers["Location"].endswith("refused")
    admin.post(f"/admin/accounts/{account.id}/unlock")
    assert doctor.sign_in(Role.DOCTOR, "bs.nội").headers["Location"] == "/doctor/"


def test_a_locked_account_is_unlocked(app: Flask, services: Services, admin: Browser) -> None:
    account = add_staff(services, "bs.nội", Role.DOCTOR, "noi")
    doctor = Browser(app)
    for _ in range(5):
        doctor.sign_in(Role.DOCTOR, "bs.nội", "không phải câu này")
    assert "khóa đến 08:15" in admin.text("/admin/")
    admin.post(f"/admin/accounts/{account.id}/unlock")
    assert doctor.sign_in(Role.DOCTOR, "bs.nội").headers["Location"] == "/doctor/"


def test_nobody_shuts_themselves_out(services: Services, admin: Browser) -> None:
    me = account_named(services, "administrator-")
    assert admin.post(f"/admin/accounts/{me.id}/disable").status_code == 409
    assert admin.get("/admin/").status_code == 200


def test_the_front_page_leads_to_every_area_and_shows_nothing_else(app: Flask) -> None:
    page = Browser(app).text("/")
    for area in ("doctor", "reception", "display", "admin"):
        assert f'href="/{area}/"' in page
