"""Whom the patient's listener answers in a hospital: the station's own browser, and nobody else."""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.live.screen_pass import TOKEN_FILE, FileScreenPass
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
        """Of somebody else on this host."""
        return replace(self, browser=PlainBrowser(self.browser.app))

    def get(self, path: str) -> TestResponse:
        return self.browser.client.get(path, base_url="http://localhost")


@pytest.fixture
def kiosk(site: PatientSite, tmp_path: Path) -> Kiosk:
    site.settings = HOSPITAL
    site.screen_pass = FileScreenPass(tmp_path)
    return Kiosk(site, tmp_path, PlainBrowser(site.app()))


def test_the_stations_browser_sees_the_picture_and_another_one_does_not(kiosk: Kiosk) -> None:
    answer = kiosk.greet(kiosk.token)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    kiosk.browser.open()
    kiosk.browser.press("/start")
    assert kiosk.look() == 200
    assert kiosk.another_browser().look() == 404


def test_no_script_reads_the_cookie(kiosk: Kiosk) -> None:
    cookies = kiosk.greet(kiosk.token).headers.getlist("Set-Cookie")
    cookie = next(value for value in cookies if value.startswith("kiosk_screen="))
    for word in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"):
        assert word in cookie


@pytest.mark.parametrize("path", ["/", "/number", "/clinics", "/state", "/live", "/preview", "/theme.css", "/nowhere"])
def test_another_process_of_this_host_sees_nothing(kiosk: Kiosk, station: LocalCheckIns, path: str) -> None:
    station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    answer = kiosk.get(path)
    assert (answer.status_code, answer.text) == (404, "not found\n")
    assert answer.headers.getlist("Set-Cookie") == []
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/start", "/help", "/name", "/leave", "/forget", "/back"])
def test_another_process_of_this_host_touches_nothing(kiosk: Kiosk, station: LocalCheckIns, path: str) -> None:
    view = station.claim(STATION, MAU_QR, SignalSource.CAMERA)
    answer = kiosk.browser.client.post(path, base_url="http://localhost", data={"answer": "yes"})
    assert answer.status_code == 404
    assert station.current(STATION) == view


def test_whether_the_host_works_may_be_asked_by_everybody(kiosk: Kiosk) -> None:
    assert (kiosk.get("/healthz").status_code, kiosk.get("/readyz").status_code) == (200, 200)


def test_a_pass_that_somebody_else_got_since_opens_nothing(kiosk: Kiosk) -> None:
    kiosk.greet(kiosk.token)
    kiosk.browser.open()
    kiosk.another_browser().greet(kiosk.token)
    assert kiosk.get("/").status_code == 404


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
    site = PatientSite(station, clock, settings=HOSPITAL, screen_pass=FileScreenPass(tmp_path), faces_on=True)
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
    kiosk.browser.open()
    assert kiosk.look() == 404


def test_a_running_picture_ends_when_another_browser_becomes_the_stations(kiosk: Kiosk, clock: SetClock) -> None:
    kiosk.greet(kiosk.token)
    kiosk.browser.open()
    kiosk.browser.press("/start")
    with kiosk.browser.client.get("/preview", base_url="http://localhost", buffered=False) as answer:
        pictures = answer.iter_encoded()
        assert len(list(itertools.islice(pictures, 3))) == 3
        kiosk.another_browser().greet(kiosk.token)
        clock.seconds += 1
        assert list(pictures) == []


def test_a_running_picture_ends_when_the_step_does(kiosk: Kiosk, station: LocalCheckIns, clock: SetClock) -> None:
    kiosk.greet(kiosk.token)
    kiosk.browser.open()
    kiosk.browser.press("/start")
    with kiosk.browser.client.get("/preview", base_url="http://localhost", buffered=False) as answer:
        pictures = answer.iter_encoded()
        next(pictures)
        station.claim(STATION, MAU_QR, SignalSource.SCANNER)
        clock.seconds += 1
        assert list(pictures) == []


def test_the_printed_address_of_a_demo_opens_every_browser(site: PatientSite, tmp_path: Path) -> None:
    site.screen_pass = FileScreenPass(tmp_path, shared=True)
    first = Kiosk(site, tmp_path, PlainBrowser(site.app()))
    second, token = first.another_browser(), first.token
    assert first.get("/").status_code == 404
    for one in (first, second, first):
        assert one.greet(token).status_code == 303
    FileScreenPass(tmp_path, shared=True)
    assert [one.get(path).status_code for one in (first, second) for path in ("/", "/bench")] == [200] * 4
    assert first.token == token
    answer = second.browser.client.get(f"/hello?token={token}&to=bench", base_url="http://localhost")
    assert answer.headers["Location"] == "/bench"
