"""Signing in and out of one area, and the language of this browser."""

import hashlib
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.checkin import accounts
from kiosk.errors import AccessDenied, BusUnreachable
from kiosk.model.staff import Role
from kiosk.web.access import Area, parts, public
from kiosk.web.security import session_cookie, session_value

LANGUAGES = ("vi", "en")
LANGUAGE_COOKIE = "kiosk_language"
ONE_YEAR = timedelta(days=365)
LONGEST_INPUT = 256
TRIES_OF_ONE_ADDRESS = 6
"""Times `policy.sign_in_tries`: several people may sign in from one desk."""


def add_sign_in(blueprint: Blueprint, area: Area) -> None:
    """Give an area its sign-in page, sign-out and language switch."""

    @blueprint.get("/sign-in")
    @public
    def sign_in() -> str:
        return render_template("sign_in.html", area=area, note=request.args.get("note"))

    @blueprint.post("/sign-in")
    @public
    def enter() -> Response:
        if not _address_may_try():
            return redirect(url_for(".sign_in", note="wait"), 303)
        try:
            token = _begin_session(area)
        except AccessDenied:
            return redirect(url_for(".sign_in", note="refused"), 303)
        response = redirect(url_for(".home"), 303)
        # a waiting-room screen comes back by itself after a power cut
        lasting = parts().limits(area.role).longest if area.role is Role.DISPLAY else None
        session_cookie().put(response, token, lasting)
        return response

    @blueprint.post("/sign-out")
    @public
    def sign_out() -> Response:
        _end_session()
        response = redirect(url_for(".sign_in", note="out"), 303)
        session_cookie().drop(response)
        return response

    @blueprint.post("/language")
    @public
    def language() -> Response:
        back = request.form.get("back", "")
        inside = back.startswith(f"{area.path}/") and "//" not in back and "\\" not in back and back.isprintable()
        response = redirect(back if inside else f"{area.path}/", 303)
        if request.form.get("language") in LANGUAGES:
            response.set_cookie(
                LANGUAGE_COOKIE,
                request.form["language"],
                max_age=ONE_YEAR,
                secure=parts().secure_cookies,
                httponly=True,
                samesite="Lax",
            )
        return response


def chosen_language() -> str:
    """The language of this browser, Vietnamese unless it was switched."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def _begin_session(area: Area) -> str:
    token, _ = accounts.sign_in(
        parts().services,
        name=request.form.get("name", "")[:LONGEST_INPUT].strip(),
        password=request.form.get("password", "")[:LONGEST_INPUT],
        role=area.role,
        limits=parts().limits(area.role),
    )
    _end_session()
    return token


def _end_session() -> None:
    token = session_value()
    if token:
        accounts.sign_out(parts().services, token=token)


def _address_may_try() -> bool:
    """Count a try of this address; without a bus only the lock-out of the account is left."""
    policy = parts().settings.policy
    address = hashlib.sha256((request.remote_addr or "").encode()).hexdigest()[:16]
    try:
        return parts().services.bus.allow(
            f"sign-in:{address}",
            policy.sign_in_tries * TRIES_OF_ONE_ADDRESS,
            timedelta(minutes=policy.lock_minutes),
        )
    except BusUnreachable:
        return True
