"""Reception's decisions about who somebody is, and the ways back from them."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from kiosk.checkin import attach, correct, document_at_desk, undo
from kiosk.errors import AccessDenied, AlreadyCheckedIn, InputError, NotFound
from kiosk.model.checkin import DocumentKind
from kiosk.model.correction import AttachReason, Correction, CorrectionReason
from kiosk.model.identity import PartialDate
from kiosk.model.staff import Role
from kiosk.web import staff_forms
from kiosk.web.access import actor, guarded, parts
from kiosk.web.reception.cases import of_today
from kiosk.web.reception.second import second_person


def add_decisions(blueprint: Blueprint) -> None:
    """Give reception what it decides about a person."""
    _add_attaching(blueprint)
    _add_ways_back(blueprint)

    @blueprint.post("/check-ins/<check_in_id>/document")
    @guarded(Role.RECEPTION)
    def document(check_in_id: str) -> Response:
        of_today(check_in_id)
        try:
            _inspect(check_in_id)
        except AccessDenied:
            return _noted(check_in_id, "no-second-document")
        except InputError as error:
            if error.kind != "wrong_document":
                raise
            return _noted(check_in_id, "wrong-document")
        return _noted(check_in_id, "inspected")


def _add_attaching(blueprint: Blueprint) -> None:
    @blueprint.post("/check-ins/<check_in_id>/attach")
    @guarded(Role.RECEPTION)
    def attach_record(check_in_id: str) -> Response:
        of_today(check_in_id)
        try:
            attach.attach(
                parts().services,
                check_in_id,
                version=staff_forms.version(),
                patient_id=staff_forms.text("patient"),
                clinic_id=staff_forms.text("clinic"),
                reason=staff_forms.choice("reason", AttachReason) if request.form.get("reason") else None,
                by=actor(),
            )
        except AlreadyCheckedIn as error:
            return _noted(error.check_in_id, "already")
        except NotFound:
            return _noted(check_in_id, "search-old")
        return _noted(check_in_id, "attached")

    @blueprint.post("/check-ins/<check_in_id>/number")
    @guarded(Role.RECEPTION)
    def give_number(check_in_id: str) -> Response:
        of_today(check_in_id)
        clinic_id, version = staff_forms.text("clinic"), staff_forms.version()
        attach.give_number(parts().services, check_in_id, version=version, clinic_id=clinic_id, by=actor())
        return _noted(check_in_id, "numbered")


def _add_ways_back(blueprint: Blueprint) -> None:
    @blueprint.post("/check-ins/<check_in_id>/undo")
    @guarded(Role.RECEPTION)
    def undo_last(check_in_id: str) -> Response:
        of_today(check_in_id)
        undo.undo(parts().services, check_in_id, by=actor())
        return _noted(check_in_id, "undone")

    @blueprint.post("/check-ins/<check_in_id>/correct")
    @guarded(Role.RECEPTION)
    def put_right(check_in_id: str) -> Response:
        of_today(check_in_id)
        try:
            after = correct.correct(
                parts().services,
                check_in_id,
                version=staff_forms.version(),
                what=staff_forms.choice("what", Correction),
                reason=staff_forms.choice("reason", CorrectionReason),
                by=actor(),
            )
        except AlreadyCheckedIn as error:
            return _noted(error.check_in_id, "already")
        return _noted(after.id, "corrected")


def _inspect(check_in_id: str) -> None:
    document_at_desk.inspect_at_desk(
        parts().services,
        check_in_id,
        version=staff_forms.version(),
        document=staff_forms.choice("document", DocumentKind),
        read=_read(staff_forms.text("read", longest=20)),
        second=second_person(),
        by=actor(),
    )


def _read(given: str) -> str | PartialDate:
    """Four digits, or a date as people write it; anything else is kept as it was typed, and fits nothing."""
    if len(given) == document_at_desk.DIGITS:
        return given
    try:
        return staff_forms.birth_date(given)
    except InputError:
        return given


def _noted(check_in_id: str, note: str) -> Response:
    return redirect(url_for("reception.show", check_in_id=check_in_id, note=note), 303)
