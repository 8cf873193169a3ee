"""What every page of both listeners has: headers that close the browser down, and forms that only our pages can send.

The token of a form is a digest of the session cookie's value. The cookie holds 256 random bits that no script and no
other origin can read, so only a page that we sent to this browser can contain the token; nothing is stored for it, and
a restart of the server breaks no open form.
"""

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Request, Response, abort, current_app, g, request
from werkzeug.wrappers import Response as AnyResponse

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_FIELD = "csrf_token"  # noqa: S105 # the name of a form's field
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 # the name of a header


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """The cookie that binds a browser's forms, and after a sign-in its session, to this area of the site."""

    name: str
    path: str = "/"
    secure: bool = False

    def put(self, response: AnyResponse, value: str, max_age: timedelta | None = None) -> None:
        """Set it until the browser closes, or for that long."""
        response.set_cookie(
            self.name, value, path=self.path, secure=self.secure, httponly=True, samesite="Lax", max_age=max_age
        )

    def drop(self, response: AnyResponse) -> None:
        """Remove it."""
        response.delete_cookie(self.name, path=self.path, secure=self.secure, httponly=True, samesite="Lax")


CookieChoice = Callable[[Request], SessionCookie]


def install_security(
    app: Flask,
    *,
    cookie: SessionCookie | CookieChoice = SessionCookie("kiosk_patient"),
    hosts: Collection[str] | None = LOOPBACK_NAMES,
    max_bytes: int = 64 * 1024,
) -> None:
    """Put the headers on every response and refuse unsafe requests that no page of ours made.

    Args:
        app: either listener's app.
        cookie: the session cookie, or which one belongs to a request.
        hosts: names in the Host header that are answered; None for any.
        max_bytes: of a request's body; more is 413.
    """
    choose = (lambda _: cookie) if isinstance(cookie, SessionCookie) else cookie
    app.config["MAX_CONTENT_LENGTH"] = max_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = max_bytes
    if hosts is not None:
        app.config["TRUSTED_HOSTS"] = sorted(hosts)
    app.extensions["kiosk_cookie"] = choose
    app.add_template_global(csrf_token)
    app.before_request(refuse_foreign_forms)
    app.after_request(_finish)


def session_cookie() -> SessionCookie:
    """The cookie of the area that this request is for."""
    choose: CookieChoice = current_app.extensions["kiosk_cookie"]
    return choose(request)


def session_value() -> str | None:
    """What the browser sent as this area's session cookie."""
    value = request.cookies.get(session_cookie().name)
    return value or None


def csrf_token() -> str:
    """The token for forms and scripts of the page being made; gives the browser a cookie if it has none."""
    value = session_value() or g.get("new_session_value")
    if value is None:
        value = g.new_session_value = secrets.token_urlsafe(32)
    return _token_of(value)


def refuse_foreign_forms() -> None:
    """403 unless an unsafe request comes from a page of ours, by its headers and by its token."""
    if request.method in SAFE_METHODS:
        return
    value = session_value()
    given = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN_FIELD, "")
    if not _from_our_origin() or value is None or not secrets.compare_digest(given.encode(), _token_of(value).encode()):
        abort(403)


def _from_our_origin() -> bool:
    # With `Referrer-Policy: no-referrer` a form's own Origin is "null" (Fetch standard, 3.1), so the browser's word on
    # the site counts first and Origin only where an older browser sends no Sec-Fetch-Site.
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin == request.host_url.rstrip("/")


def _token_of(value: str) -> str:
    return hashlib.sha256(f"kiosk form {value}".encode()).hexdigest()


def _finish(response: Response) -> Response:
    response.headers.update(HEADERS)
    is_static = (request.endpoint or "").rpartition(".")[2] == "static"
    if not is_static:
        response.headers["Cache-Control"] = "no-store"
    value = g.get("new_session_value")
    if value is not None:
        session_cookie().put(response, value)
    return response
