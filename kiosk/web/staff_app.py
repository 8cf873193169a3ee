"""The staff's listener: reception, doctors, waiting-room displays and administration."""

from collections.abc import Collection

from flask import Flask, render_template
from jinja2 import StrictUndefined

from kiosk.checkin.watch import Heartbeat
from kiosk.settings import Settings
from kiosk.web import staff_words
from kiosk.web.access import AREAS, LOOPBACK_HOSTS, StaffParts, install_access, public
from kiosk.web.admin.views import blueprint as admin
from kiosk.web.display.views import blueprint as display
from kiosk.web.doctor.views import blueprint as doctor
from kiosk.web.errors import install_errors
from kiosk.web.front import BehindFront
from kiosk.web.health import install_health, service_checks
from kiosk.web.language import install_language
from kiosk.web.reception.views import blueprint as reception
from kiosk.web.security import LOOPBACK_NAMES, install_security
from kiosk.web.sign_in import chosen_language

__all__ = ["StaffParts", "create_staff_app"]


def create_staff_app(parts: StaffParts) -> Flask:
    """The WSGI app of the staff's listener; its live streams end with `app.extensions["kiosk_stop"]()`."""
    app = Flask("kiosk.web", static_folder="static", template_folder="templates")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if parts.settings.web.front:
        app.wsgi_app = BehindFront(app.wsgi_app)  # type: ignore[method-assign] # as Flask says to
    app.extensions["kiosk_feed"] = parts.feed
    app.extensions["kiosk_stop"] = parts.feed.close
    install_security(app, cookie=parts.cookie_of, hosts=host_names(parts.settings))
    install_access(app, parts)
    install_errors(app, template="staff_error.html")
    install_language(app, chosen_language)
    checks = service_checks(parts.services, Heartbeat(parts.services), parts.free_bytes)
    app.extensions["kiosk_checks"] = checks
    install_health(app, checks)
    staff_words.install(app, parts)
    for blueprint in (doctor, reception, display, admin):
        app.register_blueprint(blueprint)

    @app.get("/")
    @public
    def index() -> str:
        return render_template("index.html", areas=AREAS)

    return app


def host_names(settings: Settings) -> Collection[str] | None:
    """The names in the Host header that are answered; None for any, where only TLS says what the name must be."""
    web = settings.web
    if web.staff_names:
        return {*web.staff_names, *LOOPBACK_NAMES}
    return LOOPBACK_NAMES if web.staff_host in LOOPBACK_HOSTS else None
