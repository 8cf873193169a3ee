"""Who sees the camera's picture in a hospital: the station's own browser, and nobody else."""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.live.preview_pass import TOKEN_FILE, FilePreviewPass
from kiosk.ports.devices import SignalSource
from kiosk.settings import Settings
from kiosk.settings.sections import StationSettings
from tests.support.patient_site import STATION, PatientSite, PlainBrowser
from tests.support.small_faces import with_faces
from tests.support.small_hospital import MAU_QR, SetClock

HOSPITAL = Settings(station=StationSettings(camera="/dev/v4l/by-id/usb-Example-video-index0"))


@dataclass
class Kiosk:
    """A kiosk of a hospital; `token` is what its browser is started with."""

    site: PatientSite
    folder: Path
    browser: PlainBrowser

    @property
    def token(self) -> str:
        return (self.folder / TOKEN_FILE).read_text(encoding="ascii")

    def greet(self, token: str) -> TestResponse:
        return self.browser.client.get("/hello", query_string={"token": token}, base_url="http://localhost")

    def look(self) -> int:
        answer = self.browser.client.get("/preview", base_url="http://localhost", buffered=False)
        with answer:
            return answer.status_code

    def another_browser(self) -> "Kiosk":
        """Of somebody else on this host, who sees the same check-in."""
        other = replace(self, browser=PlainBrowser(self.browser.app))
        other.browser.open()
        other.browser.press("/start")
        return other


@pytest.fixture
def kiosk(site: PatientSite, tmp_path: Path) -> Kiosk:
    site.settings = HOSPITAL
    site.preview_pass = FilePreviewPass(tmp_path)
    made = Kiosk(site, tmp_path, PlainBrowser(site.app()))
    made.browser.open()
    return made


def test_the_stations_browser_sees_the_picture_and_another_one_does_not(kiosk: Kiosk) -> None:
    answer = kiosk.greet(kiosk.token)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    kiosk.browser.press("/start")
    assert kiosk.look() == 200
    assert kiosk.another_browser().look() == 404


def test_the_cookie_goes_to_the_picture_only_and_no_script_reads_it(kiosk: Kiosk) -> None:
    cookie = next(
        value for value in kiosk.greet(kiosk.token).headers.getlist("Set-Cookie") if value.startswith("kiosk_preview=")
    )
    for word in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/preview"):
        assert word in cookie


def test_a_token_that_was_used_or_guessed_leads_nowhere(kiosk: Kiosk) -> None:
    used = kiosk.token
    kiosk.greet(used)
    other = kiosk.another_browser()
    for token in (used, "guess", ""):
        assert other.greet(token).status_code == 404
    assert other.look() == 404


def test_the_picture_is_there_while_a_face_is_taken_and_not_while_consent_is_asked(
    services: Services, clock: SetClock, tmp_path: Path
) -> None:
    station = LocalCheckIns(with_faces(services, tmp_path, clock))
    site = PatientSite(station, clock, settings=HOSPITAL, preview_pass=FilePreviewPass(tmp_path), faces_on=True)
    kiosk = Kiosk(site, tmp_path, PlainBrowser(site.app()))
    kiosk.greet(kiosk.token)
    kiosk.browser.open()
    kiosk.browser.press("/start")
    kiosk.browser.press("/face")
    assert kiosk.look() == 404
    kiosk.browser.press("/face-consent", answer="yes")
    assert kiosk.look() == 200


def test_without_a_camera_step_nobody_sees_it(kiosk: Kiosk) -> None:
    kiosk.greet(kiosk.token)
    assert kiosk.look() == 404


def test_a_running_picture_ends_when_another_browser_becomes_the_stations(kiosk: Kiosk, clock: SetClock) -> None:
    kiosk.greet(kiosk.token)
    kiosk.browser.press("/start")
    with kiosk.browser.client.get("/preview", base_url="http://localhost", buffered=False) as answer:
        pictures = answer.iter_encoded()
        assert len(list(itertools.islice(pictures, 3))) == 3
        kiosk.another_browser().greet(kiosk.token)
        clock.seconds += 1
        assert list(pictures) == []


def test_a_running_picture_ends_when_the_step_does(kiosk: Kiosk, station: LocalCheckIns, clock: SetClock) -> None:
    kiosk.greet(kiosk.token)
    kiosk.browser.press("/start")
    with kiosk.browser.client.get("/preview", base_url="http://localhost", buffered=False) as answer:
        pictures = answer.iter_encoded()
        next(pictures)
        station.claim(STATION, MAU_QR, SignalSource.SCANNER)
        clock.seconds += 1
        assert list(pictures) == []


def test_a_kiosk_without_a_pass_shows_no_picture(site: PatientSite) -> None:
    site.settings = HOSPITAL
    browser = PlainBrowser(site.app())
    browser.open()
    browser.press("/start")
    assert browser.client.get("/preview", base_url="http://localhost").status_code == 404
    assert browser.client.get("/hello?token=", base_url="http://localhost").status_code == 404


def test_the_demo_shows_it_to_this_host_and_to_no_other(screen: PlainBrowser) -> None:
    screen.press("/start")
    for address, status in (("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 404), ("", 404)):
        answer = screen.client.get(
            "/preview", base_url="http://localhost", buffered=False, environ_overrides={"REMOTE_ADDR": address}
        )
        with answer:
            assert answer.status_code == status
