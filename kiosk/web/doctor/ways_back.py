"""The doctor takes back what was just pressed, or goes on with somebody whose consultation was ended too early."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from kiosk.checkin import correct, lists, undo
from kiosk.errors import AlreadyCheckedIn, NotFound
from kiosk.model.checkin import CheckIn
from kiosk.model.correction import Correction, CorrectionReason
from kiosk.model.staff import Role
from kiosk.model.undo import Undo
from kiosk.web import staff_forms
from kiosk.web.access import account, actor, guarded, parts


def add_ways_back(blueprint: Blueprint) -> None:
    """Give the doctor both."""

    @blueprint.post("/check-ins/<check_in_id>/undo")
    @guarded(Role.DOCTOR)
    def undo_last(check_in_id: str) -> Response:
        _own(check_in_id)
        undo.undo(parts().services, check_in_id, by=actor())
        return redirect(url_for("doctor.show", check_in_id=check_in_id, note="undone"), 303)

    @blueprint.post("/check-ins/<check_in_id>/go-on")
    @guarded(Role.DOCTOR)
    def go_on(check_in_id: str) -> Response:
        _own(check_in_id)
        reason = staff_forms.choice("reason", CorrectionReason)
        version, what = staff_forms.version(), Correction.GOES_ON
        try:
            correct.correct(parts().services, check_in_id, version=version, what=what, reason=reason, by=actor())
        except AlreadyCheckedIn:
            return redirect(url_for("doctor.show", check_in_id=check_in_id, note="has-another"), 303)
        return redirect(url_for("doctor.show", check_in_id=check_in_id, note="goes-on"), 303)


def offers() -> list[tuple[Undo, int]]:
    """What this doctor can still take back in their clinics, each with the seconds that are left."""
    services = parts().services
    now = services.clock.now()
    return [
        (one, max(1, int((one.until - now).total_seconds())))
        for one in undo.open_undos(services, by=actor())
        if one.before.clinic_id in account().clinics
    ]


def _own(check_in_id: str) -> CheckIn:
    found = lists.one(parts().services, check_in_id)
    if found.clinic_id not in account().clinics or found.day != parts().services.clock.today():
        raise NotFound("not in this list")
    return found
