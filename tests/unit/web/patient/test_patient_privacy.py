"""Nothing of a patient stays in the browser, in an address or before somebody else's eyes."""

import pytest

from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import StorageError
from kiosk.model.check_in_view import CheckInView
from kiosk.ports.devices import SignalSource
from kiosk.settings import Settings
from kiosk.settings.sections import StationSettings
from tests.support.patient_site import STATION, PatientSite, PlainBrowser
from tests.support.small_hospital import MAU_QR, STRANGER_QR, SetClock

STEPS = (
    "/start", "/number", "/birth-date", "/name", "/appointment", "/clinic", "/back", "/help", "/print", "/leave",
    "/other-clinic", "/further-clinic",
    "/language", "/switch", "/here", "/face", "/face-consent", "/cannot-turn", "/last-four", "/enrolment", "/forget",
)  # fmt: skip
SECRETS = ("Mẫu", "MẪU", "Nguyễn", "001190012345", "1990", "05/03", "Ví Dụ,", "Khám lại", 'mau"')


class BrokenCheckIns(LocalCheckIns):
    """A kiosk whose database is gone."""

    def current(self, station_id: str) -> CheckInView | None:
        raise StorageError(f"disk of {station_id} is full")


def test_no_page_of_a_whole_visit_holds_more_than_the_hall_may_know(
    screen: PlainBrowser, station: LocalCheckIns
) -> None:
    pages = [screen.press("/start")]
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    pages += [screen.open(), screen.press("/name", answer="yes"), screen.open("/clinics")]
    pages += [screen.press("/appointment", appointment="eye-0930"), screen.press("/leave")]
    for page in pages:
        assert not [secret for secret in SECRETS if secret in page.replace("2026", "")]
    assert all("NGUYỄN" not in page for page in pages[4:])


def test_addresses_and_titles_say_nothing(screen: PlainBrowser, station: LocalCheckIns) -> None:
    screen.press("/start")
    screen.open("/number")
    screen.press("/number", number="BN000123")
    assert "<title>Đăng ký khám</title>" in screen.page
    screen.press("/birth-date", day="5", month="3", year="1990")
    screen.press("/name", answer="yes")
    screen.press("/appointment", appointment="eye-0930")
    assert "<title>Đăng ký khám</title>" in screen.page
    view = station.newest(STATION)
    assert view
    assert view.id not in screen.page
    assert set(screen.visited) <= {"/?", "/number?"}


def test_the_spoken_sentence_has_no_name(screen: PlainBrowser, station: LocalCheckIns) -> None:
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    screen.open()
    assert screen.body["speak"] == "Tên trên màn hình có phải là tên của ông/bà không?"


def test_after_the_end_every_address_shows_nothing_of_the_patient(screen: PlainBrowser, station: LocalCheckIns) -> None:
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    screen.open()
    screen.press("/leave")
    for path in ("/", "/number", "/clinics", "/state", "/problem"):
        screen.open(path)
        assert "NGUYỄN" not in screen.page
    assert station.current(STATION) is None


def test_a_finished_ticket_does_not_come_back(screen: PlainBrowser, station: LocalCheckIns) -> None:
    station.claim(STATION, STRANGER_QR, SignalSource.CAMERA)
    screen.open()
    assert screen.heading == "Số thứ tự của ông/bà"
    screen.press("/leave")
    assert screen.open() == screen.open()
    assert screen.heading == "Kính chào ông/bà"


def test_a_page_that_was_left_lying_is_wiped_without_scripts(
    screen: PlainBrowser, station: LocalCheckIns, clock: SetClock
) -> None:
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    assert '<noscript><meta http-equiv="refresh" content="66;url=/">' in screen.open()
    clock.pass_time(seconds=60)
    assert "NGUYỄN" in screen.open()
    clock.pass_time(seconds=66)
    assert "NGUYỄN" not in screen.open()
    assert station.current(STATION) is None


def test_the_language_of_the_last_patient_is_forgotten(screen: PlainBrowser, clock: SetClock) -> None:
    screen.press("/language", language="en")
    clock.pass_time(seconds=66)
    screen.open()
    assert screen.heading == "Kính chào ông/bà"


@pytest.mark.parametrize("path", ["/", "/number", "/clinics", "/problem", "/state", "/theme.css", "/nowhere", "/bench"])
def test_every_answer_is_closed_down_and_never_kept(screen: PlainBrowser, path: str) -> None:
    headers = screen.client.get(path, base_url="http://localhost").headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", STEPS)
def test_a_step_needs_the_token_of_a_page_and_answers_no_get(screen: PlainBrowser, path: str) -> None:
    assert screen.send(path, csrf_token="0" * 64).status_code == 403
    if path not in {"/number", "/other-clinic"}:
        assert screen.client.get(path, base_url="http://localhost").status_code == 405


@pytest.mark.parametrize("path", [step for step in STEPS if step != "/here"])
def test_every_step_redirects_even_with_nothing_in_the_form(screen: PlainBrowser, path: str) -> None:
    assert screen.send(path).status_code == 303


def test_pages_hold_no_inline_style_or_script(screen: PlainBrowser, station: LocalCheckIns) -> None:
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    for path in ("/", "/problem", "/bench", "/components"):
        page = screen.open(path)
        assert "style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert "onclick" not in page
        assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in page


def test_cookies_are_closed_to_scripts_and_secure_outside_the_demo(station: LocalCheckIns, clock: SetClock) -> None:
    production = Settings(station=StationSettings(camera="/dev/video0"))
    for settings, secure in ((production, True), (None, False)):
        site = PatientSite(station, clock, settings=settings) if settings else PatientSite(station, clock)
        screen = PlainBrowser(site.app())
        screen.open()
        answer = screen.send("/language", language="en")
        cookies = [*answer.headers.getlist("Set-Cookie"), *_cookies_of_first_page(site)]
        assert {cookie.partition("=")[0] for cookie in cookies} >= {"kiosk_patient", "kiosk_patient_form"}
        for cookie in cookies:
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            assert ("Secure" in cookie) is secure


def test_a_broken_database_leads_to_a_person_and_not_to_a_trace(station: LocalCheckIns, clock: SetClock) -> None:
    site = PatientSite(BrokenCheckIns(station.services), clock)
    answer = site.app().test_client().get("/", base_url="http://localhost", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "Mời ông/bà thử lại." in answer.text
    assert "quầy tiếp đón" in answer.text
    assert "disk" not in answer.text
    assert "Traceback" not in answer.text


def _cookies_of_first_page(site: PatientSite) -> list[str]:
    return site.app().test_client().get("/", base_url="http://localhost").headers.getlist("Set-Cookie")
