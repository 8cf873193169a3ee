"""What reception may do about a patient's face: have it kept at a kiosk or forgotten, and say who has a look-alike."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from kiosk.checkin import enrol_at_desk, look_alike, withdraw
from kiosk.errors import AccessDenied, NotFound, NotPossibleNow
from kiosk.model.staff import Role
from kiosk.web import staff_forms
from kiosk.web.access import actor, guarded, parts
from kiosk.web.reception.cases import of_today
from kiosk.web.reception.presenters import stations_of
from kiosk.web.reception.receipts import order_receipt
from kiosk.web.reception.second import second_person


def add_faces(blueprint: Blueprint) -> None:
    """Give reception its three actions."""

    @blueprint.post("/check-ins/<check_in_id>/face/withdraw")
    @guarded(Role.RECEPTION)
    def withdraw_face(check_in_id: str) -> Response:
        check_in = of_today(check_in_id)
        if check_in.patient is None:
            raise NotFound("no patient in hand")
        withdraw.withdraw(parts().services, check_in.patient.id, by=actor())
        is_printed = order_receipt(parts().services, check_in)
        return _noted(check_in_id, "face-forgotten" if is_printed else "face-forgotten-no-paper")

    @blueprint.post("/check-ins/<check_in_id>/face/look-alike")
    @guarded(Role.RECEPTION)
    def set_look_alike(check_in_id: str) -> Response:
        patient = of_today(check_in_id).patient
        if patient is None:
            raise NotFound("no patient in hand")
        if staff_forms.yes_or_no("known"):
            look_alike.note_look_alike(parts().services, patient.id, by=actor())
            return _noted(check_in_id, "look-alike")
        look_alike.take_note_back(parts().services, patient.id, by=actor())
        return _noted(check_in_id, "no-look-alike")

    @blueprint.post("/check-ins/<check_in_id>/face/enrol")
    @guarded(Role.RECEPTION)
    def enrol_face(check_in_id: str) -> Response:
        of_today(check_in_id)
        try:
            _send(check_in_id)
        except AccessDenied:
            return _noted(check_in_id, "no-second")
        except NotPossibleNow:
            return _noted(check_in_id, "kiosk-taken")
        return _noted(check_in_id, "face-sent")


def _send(check_in_id: str) -> None:
    services, version, station = parts().services, staff_forms.version(), staff_forms.text("station")
    if station not in {health.station_id for health in stations_of(services) or () if "camera" in health.devices}:
        raise NotPossibleNow("no such kiosk with a camera is on")
    enrol_at_desk.send(services, check_in_id, version=version, station_id=station, second=second_person(), by=actor())


def _noted(check_in_id: str, note: str) -> Response:
    return redirect(url_for("reception.show", check_in_id=check_in_id, note=note), 303)
