"""Reception says that somebody is on the way: the patient's screen promises it from then on, and not before."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from kiosk.checkin import help_patient
from kiosk.model.staff import Role
from kiosk.web.access import actor, guarded, parts


def add_coming(blueprint: Blueprint) -> None:
    """Give reception the answer to a call for help."""

    @blueprint.post("/check-ins/<check_in_id>/coming")
    @guarded(Role.RECEPTION)
    def coming(check_in_id: str) -> AnyResponse:
        after = help_patient.coming(parts().services, check_in_id, by=actor())
        return redirect(url_for(".show", check_in_id=after.id, note="coming"), 303)
