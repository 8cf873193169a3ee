"""Somebody else was first: said inside the case as it is now, with what was typed still there."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from structlog import get_logger

from kiosk.errors import KioskError, NotFound, NotPossibleNow, StaleVersion
from kiosk.model.checkin import CheckIn
from kiosk.web.reception.cases import of_today

NOT_KEPT = frozenset({"csrf_token", "version"})
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a form that came too late held, so that the same form of the new page holds it again.

    Attributes:
        action: the form's address.
        page: the address of the case.
        fields: by name; no password.
    """

    action: str
    page: str
    fields: dict[str, str]


def add_conflicts(blueprint: Blueprint, draw: Callable[[CheckIn], str]) -> None:
    """Answer what came too late with the case as it is, instead of a page that has lost it.

    Args:
        blueprint: reception's.
        draw: the page with this case in hand.
    """

    def changed(error: KioskError) -> ResponseReturnValue:
        kind = "changed_meanwhile" if isinstance(error, StaleVersion) else "not_possible_now"
        log.warning("request failed", kind=kind, status=409, endpoint=request.endpoint or "none", method=request.method)
        check_in_id = (request.view_args or {}).get("check_in_id", "")
        if request.method != "POST":
            return Response(status=409)
        try:
            check_in = of_today(check_in_id)
        except NotFound:
            return redirect(url_for("reception.home"), 303)
        g.note = "changed-meanwhile" if isinstance(error, StaleVersion) else "not-possible-now"
        g.kept = _kept(check_in)
        return draw(check_in), 409

    blueprint.register_error_handler(StaleVersion, changed)
    blueprint.register_error_handler(NotPossibleNow, changed)


def _kept(check_in: CheckIn) -> Kept:
    fields = {name: value for name, value in request.form.items() if name not in NOT_KEPT and "password" not in name}
    return Kept(request.path, url_for("reception.show", check_in_id=check_in.id), fields)
