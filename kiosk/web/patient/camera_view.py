"""Who sees the camera's picture: the browser to which the station's token was given when it started.

In the demo, whoever opens the kiosk's page on this host: its camera sees drawings, and its listener is on loopback.
"""

from collections.abc import Callable
from ipaddress import ip_address

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from structlog import get_logger

from kiosk.web.patient.screen import the_screen

hello = Blueprint("hello", __name__)

PASS_COOKIE = "kiosk_preview"  # noqa: S105 # the name of a cookie
log = get_logger(__name__)


@hello.get("/hello")
def greet() -> ResponseReturnValue:
    """The station's browser shows its token, once, and goes on to the screen."""
    given = the_screen().preview_pass
    value = given.redeem(request.args.get("token", "")) if given else None
    if value is None:
        log.warning("somebody came without the station's token", device="camera")
        abort(404)
    answer = redirect(url_for("pages.step"), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(
        PASS_COOKIE, value, path=url_for("feeds.preview"), secure=secure, httponly=True, samesite="Strict"
    )
    return answer


def may_watch() -> Callable[[], bool]:
    """Whether the browser of this request may see the camera's picture; to be asked again while it does."""
    screen, value = the_screen(), request.cookies.get(PASS_COOKIE, "")
    given = screen.preview_pass
    if screen.settings.mode == "demo":
        near = _is_this_host(request.remote_addr)
        return lambda: near
    return lambda: given is not None and given.is_held(value)


def _is_this_host(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
