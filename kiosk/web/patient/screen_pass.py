"""Who the patient's listener answers: the browser to which the station's token was given when it started.

Any other process of this host, and any other browser, gets nothing: no page, no event, no touch.
"""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from structlog import get_logger

from kiosk.web.patient.screen import the_screen

hello = Blueprint("hello", __name__)

PASS_COOKIE = "kiosk_screen"  # noqa: S105 # the name of a cookie
OPEN = frozenset({"static", "healthz", "readyz", "hello.greet"})
"""What shows nothing of anybody."""
log = get_logger(__name__)


def install_pass(app: Flask) -> None:
    """Refuse every request without the pass, before anything else looks at it."""
    app.before_request(_require_pass)


@hello.get("/hello")
def greet() -> ResponseReturnValue:
    """The station's browser shows its token, once, and goes on to the screen; in the demo also to the bench."""
    value = the_screen().screen_pass.redeem(request.args.get("token", ""))
    if value is None:
        log.warning("somebody came without the station's token", device="screen")
        abort(404)
    to_bench = request.args.get("to") == "bench" and "bench" in current_app.blueprints
    answer = redirect(url_for("bench.home" if to_bench else "pages.step"), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    # the browser comes from a file of its own: a strict cookie would not follow it to the first page
    answer.set_cookie(PASS_COOKIE, value, secure=secure, httponly=True, samesite="Lax")
    return answer


def still_held() -> Callable[[], bool]:
    """Whether the browser of this request still has the pass; to be asked again while something is streamed to it."""
    given, value = the_screen().screen_pass, request.cookies.get(PASS_COOKIE, "")
    return lambda: given.is_held(value)


def _require_pass() -> ResponseReturnValue | None:
    if request.endpoint in OPEN or still_held()():
        return None
    g.refused = True
    return Response("not found\n", 404, mimetype="text/plain")
