"""The patient's listener: the kiosk's screen, its preview and, in the demo, the device bench. Loopback only."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from kiosk.ports.check_ins import CheckIns
from kiosk.ports.devices import DeviceBench
from kiosk.ports.live import Bus, PreviewSource, ScreenPass
from kiosk.ports.time import Clock
from kiosk.settings import Settings
from kiosk.web.bench.people import BenchPeople
from kiosk.web.bench.views import install_bench
from kiosk.web.errors import install_errors
from kiosk.web.health import clock_check, install_health
from kiosk.web.language import install_language
from kiosk.web.live import LiveFeed
from kiosk.web.patient.face_steps import face_steps
from kiosk.web.patient.feeds import feeds
from kiosk.web.patient.pages import pages
from kiosk.web.patient.screen import KioskScreen, chosen_language
from kiosk.web.patient.screen_pass import hello, install_pass
from kiosk.web.patient.steps import steps
from kiosk.web.places import Limits
from kiosk.web.security import SessionCookie, install_security

SESSION_COOKIE = "kiosk_patient"
FORM_COOKIE = "kiosk_patient_form"
PATIENT_STREAMS = Limits(total=8, each=8)
"""One kiosk has one page, and what it left behind a moment ago; the pictures of its camera need threads, too."""


@dataclass(frozen=True, slots=True)
class PatientParts:
    """What the listener is built from.

    Attributes:
        bench, people: of the demo; None elsewhere.
        faces_on: whether faces are known here.
        screen_pass: whom the listener answers.
        database: raises StorageError when no check-in could be written; None where a look at the present one must do.
    """

    settings: Settings
    check_ins: CheckIns
    bus: Bus
    preview: PreviewSource
    clock: Clock
    screen_pass: ScreenPass
    bench: DeviceBench | None = None
    people: BenchPeople | None = None
    faces_on: bool = False
    database: Callable[[], None] | None = None


def create_patient_app(parts: PatientParts) -> Flask:
    """The WSGI app; `app.extensions["kiosk_feed"]` is its live feed, to be closed at the end.

    Its sessions end with the process: the key that signs them is drawn here.
    """
    app = Flask(__name__)
    secure = parts.settings.mode != "demo"
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME=SESSION_COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
    )
    feed = LiveFeed(parts.bus, limits=PATIENT_STREAMS)
    app.extensions["kiosk_feed"] = feed
    app.extensions["kiosk_screen"] = KioskScreen(
        parts.settings, parts.check_ins, parts.bus, parts.preview, parts.clock, feed, parts.screen_pass, parts.faces_on
    )
    install_pass(app)
    if parts.settings.mode == "demo" and parts.bench and parts.people:
        install_bench(app, parts.settings, parts.bench, parts.people)
    install_security(app, cookie=SessionCookie(FORM_COOKIE, secure=secure))
    install_language(app, chosen_language)
    install_errors(app, template="patient/error.html")
    _install_health(app, parts)
    for blueprint in (pages, steps, face_steps, feeds, hello):
        app.register_blueprint(blueprint)
    return app


def _install_health(app: Flask, parts: PatientParts) -> None:
    def check_ins() -> None:
        parts.check_ins.current(parts.settings.station.id)

    def bus() -> None:
        parts.bus.last_event()

    install_health(app, {"database": parts.database or check_ins, "bus": bus, "clock": clock_check(parts.clock)})
