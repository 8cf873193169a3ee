"""Who may see what of the staff's listener: closed by default, one sign-in and one cookie for each area."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from flask import Flask, Request, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from structlog import get_logger

from kiosk.checkin.accounts import SessionLimits, account_of
from kiosk.checkin.services import Services
from kiosk.errors import AccessDenied
from kiosk.model.actor import Actor
from kiosk.model.staff import Role, StaffAccount
from kiosk.settings import Settings
from kiosk.web.live import LiveFeed
from kiosk.web.security import SessionCookie, session_value

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
PUBLIC_ENDPOINTS = frozenset({"static"})
"""Endpoints that Flask makes itself; every other one declares its guard."""

log = get_logger(__name__)
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the site with its own sign-in, so that several roles can be open in one browser."""

    name: str
    role: Role

    @property
    def path(self) -> str:
        """What every address of the area begins with, and how far its cookie reaches."""
        return f"/{self.name}"


DOCTOR = Area("doctor", Role.DOCTOR)
RECEPTION_DESK = Area("reception", Role.RECEPTION)
DISPLAY = Area("display", Role.DISPLAY)
ADMIN = Area("admin", Role.ADMINISTRATOR)
AREAS = (DOCTOR, RECEPTION_DESK, DISPLAY, ADMIN)


@dataclass(frozen=True, slots=True)
class StaffParts:
    """What the staff's screens are built from.

    Attributes:
        trusts_nobody: says whether chip cards are read here and no authority is pinned whose chips could be genuine.
        free_bytes: room left for the data folder; None where nobody knows.
    """

    settings: Settings
    services: Services
    feed: LiveFeed
    trusts_nobody: Callable[[], bool] = lambda: False
    free_bytes: Callable[[], int | None] = lambda: None

    def limits(self, role: Role) -> SessionLimits:
        """How long a session of that role lasts: a waiting-room screen has nobody to touch it."""
        policy = self.settings.policy
        longest = timedelta(hours=policy.session_hours)
        idle = timedelta(minutes=policy.session_idle_minutes)
        if role is Role.DISPLAY:
            longest = idle = timedelta(days=policy.display_session_days)
        return SessionLimits(idle, longest, policy.sign_in_tries, timedelta(minutes=policy.lock_minutes))

    @property
    def secure_cookies(self) -> bool:
        """Always, except for a demo that only this host can reach."""
        return not (self.settings.mode == "demo" and self.settings.web.staff_host in LOOPBACK_HOSTS)

    def cookie_of(self, asked: Request) -> SessionCookie:
        """The session cookie of the area that a request is for."""
        name = asked.path.split("/")[1]
        area = next((area for area in AREAS if area.name == name), None)
        if area is None:
            return SessionCookie("kiosk_staff", "/", self.secure_cookies)
        return SessionCookie(f"kiosk_{area.name}", area.path, self.secure_cookies)


@dataclass(frozen=True, slots=True)
class Guard:
    """What an endpoint declares; `role` None is for everybody.

    Attributes:
        passive: the screen asks by itself: does not keep a session alive, and is never sent to the sign-in page.
    """

    role: Role | None
    passive: bool = False


def guarded(role: Role, *, passive: bool = False) -> Callable[[View], View]:
    """Only for a running session of this role."""
    return _declare(Guard(role, passive))


def public(view: View) -> View:
    """For everybody: shows nothing of any patient."""
    return _declare(Guard(None))(view)


def guard_of(app: Flask, endpoint: str) -> Guard | None:
    """What the endpoint's view declared, if anything."""
    guard = getattr(app.view_functions[endpoint], "kiosk_guard", None)
    return guard if isinstance(guard, Guard) else None


def install_access(app: Flask, parts: StaffParts) -> None:
    """Refuse every endpoint that declares no guard, and every guarded one without its session."""
    app.extensions["kiosk_parts"] = parts
    app.before_request(_require_guard)


def parts() -> StaffParts:
    """What this app was built from."""
    found = current_app.extensions["kiosk_parts"]
    if not isinstance(found, StaffParts):
        raise TypeError("the app was built without staff parts")
    return found


def account() -> StaffAccount:
    """Who is signed in.

    Raises:
        AccessDenied: nobody, on an endpoint for everybody.
    """
    found = g.get("account")
    if not isinstance(found, StaffAccount):
        raise AccessDenied("nobody is signed in")
    return found


def actor() -> Actor:
    """Who is signed in, as the audit chain names them."""
    return Actor.staff(account().id)


def _declare(guard: Guard) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.kiosk_guard = guard  # type: ignore[attr-defined] # a mark on the function, read by guard_of
        return view

    return mark


def _require_guard() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC_ENDPOINTS:
        return None
    guard = guard_of(current_app, endpoint)
    if guard is None:
        log.error("endpoint without a guard", endpoint=endpoint)
        abort(403)
    if guard.role is None:
        return None
    g.account = _signed_in(guard, guard.role)
    return None if g.account else _ask_to_sign_in(guard)


def _signed_in(guard: Guard, role: Role) -> StaffAccount | None:
    token = session_value()
    if token is None:
        return None
    limits = parts().limits(role)
    return account_of(parts().services, token=token, role=role, limits=limits, keep_alive=not guard.passive)


def _ask_to_sign_in(guard: Guard) -> ResponseReturnValue:
    if guard.passive or request.method != "GET":
        abort(401)
    return redirect(url_for(f"{request.blueprint}.sign_in"), 303)
