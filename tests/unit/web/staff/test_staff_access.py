"""Who may see what: each role on each route, closed by default, with sessions that end."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from kiosk.checkin.accounts import disable
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.staff import Role, StaffAccount
from kiosk.settings import Settings
from kiosk.settings.sections import WebSettings
from kiosk.web.access import AREAS, PUBLIC_ENDPOINTS, StaffParts, guard_of
from kiosk.web.live import LiveFeed
from kiosk.web.staff_app import create_staff_app
from tests.support.patient_site import PatientSite
from tests.support.small_hospital import GIA_QR, SetClock
from tests.support.staff_server import SwitchedBus
from tests.support.staff_site import AREA_OF, OPERATOR, PASSWORD, Browser, add_staff, arrive

PUBLIC = {
    "static",
    "index",
    "healthz",
    "readyz",
    "doctor.sign_in",
    "doctor.enter",
    "doctor.sign_out",
    "doctor.language",
    "reception.sign_in",
    "reception.enter",
    "reception.sign_out",
    "reception.language",
    "display.sign_in",
    "display.enter",
    "display.sign_out",
    "display.language",
    "admin.sign_in",
    "admin.enter",
    "admin.sign_out",
    "admin.language",
}
ROLES = list(Role)
SHARED_PATHS = {"/", "/healthz", "/readyz", "/static/<path:filename>"}


def rules(app: Flask) -> Iterator[Rule]:
    return app.url_map.iter_rules()


def test_every_route_declares_its_guard_or_is_one_of_a_short_list(app: Flask) -> None:
    for rule in rules(app):
        if rule.endpoint in PUBLIC_ENDPOINTS:
            continue
        guard = guard_of(app, rule.endpoint)
        assert guard is not None, rule
        assert (guard.role is None) == (rule.endpoint in PUBLIC), rule


def test_every_guarded_route_is_of_the_role_of_its_area(app: Flask) -> None:
    for rule in rules(app):
        guard = None if rule.endpoint in PUBLIC_ENDPOINTS else guard_of(app, rule.endpoint)
        if guard and guard.role:
            assert rule.rule.startswith(f"/{AREA_OF[guard.role]}/"), rule


def test_an_endpoint_without_a_guard_is_refused(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = Browser(app).get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_the_two_listeners_share_no_route_but_those_that_tell_nothing(
    app: Flask, services: Services, clock: SetClock
) -> None:
    patient = PatientSite(LocalCheckIns(services), clock, services.bus, faces_on=True).app()
    patient.extensions["kiosk_feed"].close()
    here, there = ({rule.rule for rule in rules(one)} for one in (app, patient))
    assert {"/preview", "/bench", "/components", "/live", "/start"} <= there
    assert here & there == SHARED_PATHS
    areas = tuple(f"{area.path}/" for area in AREAS)
    assert not [path for path in here - SHARED_PATHS if not path.startswith(areas)]
    assert not [path for path in there if path.startswith(areas)]


def test_no_view_of_the_patients_listener_is_behind_any_address_here(app: Flask) -> None:
    modules = {view.__module__ for view in app.view_functions.values()}
    assert "kiosk.web.doctor.views" in modules
    assert not [name for name in modules if name.startswith(("kiosk.web.patient", "kiosk.web.bench"))]


@pytest.mark.parametrize("role", [None, *ROLES])
def test_each_role_sees_its_own_routes_and_no_other(
    role: Role | None, app: Flask, services: Services, signed_in: Callable[..., Browser]
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    browser = signed_in(role, "noi") if role else Browser(app)
    for rule in rules(app):
        guard = None if rule.endpoint in PUBLIC_ENDPOINTS else guard_of(app, rule.endpoint)
        if guard is None or guard.role is None:
            continue
        path = rule.rule.replace("<check_in_id>", check_in.id).replace("<staff_id>", "nobody")
        answer = browser.get(path) if "GET" in (rule.methods or set()) else browser.post(path)
        if guard.role is role:
            assert answer.status_code != 401, path
            assert "/sign-in" not in answer.headers.get("Location", ""), path
            answer.close()
        else:
            signs_in = answer.status_code == 303 and answer.headers["Location"].endswith("/sign-in")
            assert signs_in or answer.status_code == 401, path
            assert "Trần" not in answer.text, path


def test_a_doctor_of_another_clinic_does_not_even_learn_that_the_check_in_exists(
    services: Services, signed_in: Callable[..., Browser]
) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    other = signed_in(Role.DOCTOR, "mat")
    assert other.get(f"/doctor/check-ins/{check_in.id}").status_code == 404
    assert other.get(f"/doctor/rows/{check_in.id}").status_code == 404
    answer = other.post(f"/doctor/check-ins/{check_in.id}/open-question", version=4, birth_date="02/01/1940")
    assert answer.status_code == 404
    assert "Trần" not in other.text("/doctor/")


def test_a_doctor_of_another_clinic_cannot_call_its_patients(signed_in: Callable[..., Browser]) -> None:
    assert signed_in(Role.DOCTOR, "mat").post("/doctor/call-next", clinic="noi").status_code == 403


def test_several_roles_are_open_in_one_browser(app: Flask, services: Services) -> None:
    browser = Browser(app)
    for role in ROLES:
        add_staff(services, f"name-{role}", role, "noi")
        browser.sign_in(role, f"name-{role}")
    for role in ROLES:
        assert browser.get(f"/{AREA_OF[role]}/").status_code == 200
    browser.post("/doctor/sign-out")
    assert browser.get("/doctor/").headers["Location"] == "/doctor/sign-in"
    assert browser.get("/reception/").status_code == 200


def test_a_session_of_one_role_opens_no_other_area(app: Flask, doctor: Browser) -> None:
    cookie = doctor.client.get_cookie("kiosk_doctor", path="/doctor", domain="localhost")
    assert cookie
    thief = Browser(app)
    thief.client.set_cookie("kiosk_reception", cookie.value, domain="localhost", path="/reception")
    assert thief.get("/reception/").headers["Location"] == "/reception/sign-in"


@pytest.mark.parametrize(("mode", "host", "secure"), [("demo", "127.0.0.1", False), ("production", "127.0.0.1", True)])
def test_session_cookies_are_out_of_reach(services: Services, mode: str, host: str, *, secure: bool) -> None:
    feed = LiveFeed(services.bus)
    settings = Settings(mode="demo" if mode == "demo" else "production", web=WebSettings(staff_host=host))
    add_staff(services, "bác sĩ", Role.DOCTOR, "noi")
    browser = Browser(create_staff_app(StaffParts(settings, services, feed)), base_url="https://localhost")
    cookie = browser.sign_in(Role.DOCTOR, "bác sĩ").headers["Set-Cookie"]
    assert cookie.startswith("kiosk_doctor=")
    for flag in ("HttpOnly", "Path=/doctor", "SameSite=Lax"):
        assert flag in cookie
    assert ("Secure" in cookie) is secure


def test_signing_in_replaces_the_cookie_of_the_form(app: Flask, services: Services) -> None:
    add_staff(services, "bác sĩ", Role.DOCTOR, "noi")
    browser = Browser(app)
    browser.text("/doctor/sign-in")
    before = browser.client.get_cookie("kiosk_doctor", path="/doctor", domain="localhost")
    browser.sign_in(Role.DOCTOR, "bác sĩ")
    after = browser.client.get_cookie("kiosk_doctor", path="/doctor", domain="localhost")
    assert before
    assert after
    assert before.value != after.value


def test_signing_out_ends_the_session_on_the_server(app: Flask, doctor: Browser) -> None:
    cookie = doctor.client.get_cookie("kiosk_doctor", path="/doctor", domain="localhost")
    assert cookie
    doctor.post("/doctor/sign-out")
    thief = Browser(app)
    thief.client.set_cookie("kiosk_doctor", cookie.value, domain="localhost", path="/doctor")
    assert thief.get("/doctor/").headers["Location"] == "/doctor/sign-in"


def test_an_unused_session_ends(doctor: Browser, clock: SetClock) -> None:
    clock.pass_time(minutes=29)
    assert doctor.get("/doctor/").status_code == 200
    clock.pass_time(minutes=31)
    assert doctor.get("/doctor/").headers["Location"] == "/doctor/sign-in"


def test_a_screen_that_refreshes_itself_does_not_keep_its_session_alive(doctor: Browser, clock: SetClock) -> None:
    for _ in range(3):
        clock.pass_time(minutes=9)
        assert doctor.get("/doctor/list").status_code == 200
    clock.pass_time(minutes=9)
    assert doctor.get("/doctor/list").status_code == 401


def test_a_used_session_ends_too(doctor: Browser, clock: SetClock) -> None:
    for _ in range(24):
        clock.pass_time(minutes=29)
        assert doctor.get("/doctor/").status_code == 200
    clock.pass_time(minutes=29)
    assert doctor.get("/doctor/").headers["Location"] == "/doctor/sign-in"


def test_a_waiting_room_screen_stays_signed_in_for_weeks(signed_in: Callable[..., Browser], clock: SetClock) -> None:
    screen = signed_in(Role.DISPLAY, "noi")
    clock.pass_time(days=29)
    assert screen.get("/display/calls").status_code == 200
    clock.pass_time(days=2)
    assert screen.get("/display/calls").status_code == 401


def test_a_disabled_account_is_out_at_once(services: Services, doctor: Browser) -> None:
    account = next(one for one in all_of(services) if one.role is Role.DOCTOR)
    disable(services, staff_id=account.id, by=OPERATOR)
    assert doctor.get("/doctor/").headers["Location"] == "/doctor/sign-in"


def test_five_wrong_passwords_lock_the_account_for_a_while(app: Flask, services: Services, clock: SetClock) -> None:
    add_staff(services, "bác sĩ", Role.DOCTOR, "noi")
    browser = Browser(app)
    for _ in range(5):
        answer = browser.sign_in(Role.DOCTOR, "bác sĩ", "không phải câu này")
        assert answer.headers["Location"] == "/doctor/sign-in?note=refused"
    assert browser.sign_in(Role.DOCTOR, "bác sĩ").headers["Location"] == "/doctor/sign-in?note=refused"
    clock.pass_time(minutes=16)
    assert browser.sign_in(Role.DOCTOR, "bác sĩ").headers["Location"] == "/doctor/"


def test_wrong_unknown_and_of_another_role_look_alike(app: Flask, services: Services) -> None:
    add_staff(services, "bác sĩ", Role.DOCTOR, "noi")
    browser = Browser(app)
    answers = [
        browser.sign_in(Role.DOCTOR, "bác sĩ", "không phải câu này"),
        browser.sign_in(Role.DOCTOR, "người lạ"),
        browser.post("/reception/sign-in", name="bác sĩ", password=PASSWORD),
    ]
    assert {answer.headers["Location"].partition("?")[2] for answer in answers} == {"note=refused"}


def test_one_address_cannot_try_for_ever(app: Flask) -> None:
    browser = Browser(app)
    answers = [browser.sign_in(Role.DOCTOR, f"tên {number}") for number in range(31)]
    assert answers[29].headers["Location"].endswith("note=refused")
    assert answers[30].headers["Location"].endswith("note=wait")
    assert "quá nhiều lần" in browser.text("/doctor/sign-in?note=wait")


def test_signing_in_works_without_a_bus(app: Flask, services: Services, bus: SwitchedBus) -> None:
    bus.off = True
    add_staff(services, "bác sĩ", Role.DOCTOR, "noi")
    assert Browser(app).sign_in(Role.DOCTOR, "bác sĩ").headers["Location"] == "/doctor/"


def test_a_form_without_its_token_changes_nothing(doctor: Browser, services: Services) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    answer = doctor.client.post("/doctor/call-next", data={"clinic": "noi"}, base_url=doctor.base_url)
    assert answer.status_code == 403
    assert "Đang chờ" in doctor.text(f"/doctor/check-ins/{check_in.id}")


def test_the_language_is_switched_for_this_browser_and_stays_on_the_page(doctor: Browser) -> None:
    answer = doctor.post("/doctor/language", language="en", back="/doctor/list")
    assert answer.headers["Location"] == "/doctor/list"
    assert '<html lang="en"' in doctor.text("/doctor/")
    doctor.post("/doctor/language", language="vi")
    assert '<html lang="vi"' in doctor.text("/doctor/")


@pytest.mark.parametrize(
    "back",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/doctor//x.example",
        "/admin/",
        "/doctor/\r\nSet-Cookie: a=b",
    ],
)
def test_the_language_switch_leads_nowhere_else(doctor: Browser, back: str) -> None:
    assert doctor.post("/doctor/language", language="en", back=back).headers["Location"] == "/doctor/"


def test_titles_and_addresses_hold_nothing_personal(services: Services, doctor: Browser) -> None:
    check_in = arrive(services, GIA_QR, "noi")
    page = doctor.text(f"/doctor/check-ins/{check_in.id}")
    title = re.search("<title>(.*)</title>", page)
    assert title
    assert title[1] == "Bác sĩ"
    addresses = re.findall(r'(?:href|src|action|data-\w+)="([^"]*)"', page)
    assert not [one for one in addresses if "Trần" in one or "001040054321" in one or "BN000777" in one]


def all_of(services: Services) -> list[StaffAccount]:
    with services.storage.read() as work:
        return list(work.staff.all())
