"""The doctor's screen: my list today on the left, live; the ten-second view on the right."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from kiosk.checkin import compare_holder, lists, open_record, queue
from kiosk.checkin.days import day_now, is_of_today
from kiosk.checkin.doubt import doubts_of, doubts_of_today
from kiosk.checkin.read_record import Access, read_record
from kiosk.errors import InputError, NotFound, RecordError
from kiosk.model.checkin import CheckIn, DocumentKind, Stage
from kiosk.model.correction import CorrectionReason
from kiosk.model.doubt import DoubtKind
from kiosk.model.events import Event
from kiosk.model.staff import Role
from kiosk.model.summary import RecordSummary
from kiosk.web import staff_forms
from kiosk.web.access import DOCTOR, account, actor, guarded, parts
from kiosk.web.doctor import presenters
from kiosk.web.doctor.trends import trend_of
from kiosk.web.doctor.ways_back import add_ways_back, offers
from kiosk.web.live import event_stream
from kiosk.web.sign_in import add_sign_in

blueprint = Blueprint("doctor", __name__, url_prefix="/doctor", template_folder="templates")
add_sign_in(blueprint, DOCTOR)
add_ways_back(blueprint)


@blueprint.get("/")
@guarded(Role.DOCTOR)
def home() -> str:
    """The list, and nobody chosen yet."""
    return _page(None)


@blueprint.get("/check-ins/<check_in_id>")
@guarded(Role.DOCTOR)
def show(check_in_id: str) -> str:
    """The list and one check-in: its record if it is open, otherwise what opens it."""
    return _page(_own(check_in_id))


@blueprint.get("/list")
@guarded(Role.DOCTOR, passive=True)
def rows() -> str:
    """All rows anew, for a screen that lost its place."""
    position = parts().feed.position()
    return render_template("doctor/list.html", rows=_rows(), chosen=request.args.get("chosen"), position=position)


@blueprint.get("/rows/<check_in_id>")
@guarded(Role.DOCTOR, passive=True)
def row(check_in_id: str) -> str:
    """One row, after an event named it; 404 when it is not in this doctor's list any more."""
    found = _row(_own(check_in_id))
    if not found.is_listed:
        raise NotFound("not in this list")
    return render_template("doctor/row.html", row=found, chosen=request.args.get("chosen"))


@blueprint.get("/live")
@guarded(Role.DOCTOR, passive=True)
def live() -> Response:
    """Events of the doctor's own clinics."""
    clinics = frozenset(account().clinics)

    def wanted(event: Event) -> bool:
        return event.clinic_id in clinics

    return event_stream(parts().feed, wanted)


@blueprint.post("/call-next")
@guarded(Role.DOCTOR)
def call_next() -> AnyResponse:
    """Call whoever is first in one of the doctor's clinics."""
    clinic_id = request.form.get("clinic", "")
    if clinic_id not in account().clinics:
        abort(403)
    called = queue.call_next(parts().services, clinic_id=clinic_id, by=actor())
    return _to_list("nobody") if called is None else _to(called)


@blueprint.post("/check-ins/<check_in_id>/call-again")
@guarded(Role.DOCTOR)
def call_again(check_in_id: str) -> AnyResponse:
    """Show and say the number once more."""
    _own(check_in_id)
    return _to(queue.call_again(parts().services, check_in_id, version=staff_forms.version(), by=actor()), "called")


@blueprint.post("/check-ins/<check_in_id>/finish")
@guarded(Role.DOCTOR)
def finish(check_in_id: str) -> AnyResponse:
    """The consultation is over."""
    _own(check_in_id)
    queue.finish(parts().services, check_in_id, version=staff_forms.version(), by=actor())
    return _to_list("done")


@blueprint.post("/check-ins/<check_in_id>/absent")
@guarded(Role.DOCTOR)
def absent(check_in_id: str) -> AnyResponse:
    """Was called and did not come."""
    _own(check_in_id)
    queue.mark_absent(parts().services, check_in_id, version=staff_forms.version(), by=actor())
    return _to_list("absent")


@blueprint.post("/check-ins/<check_in_id>/bring-back")
@guarded(Role.DOCTOR)
def bring_back(check_in_id: str) -> AnyResponse:
    """An absent patient came after all."""
    _own(check_in_id)
    return _to(queue.bring_back(parts().services, check_in_id, version=staff_forms.version(), by=actor()), "back")


@blueprint.post("/check-ins/<check_in_id>/open-question")
@guarded(Role.DOCTOR)
def open_question(check_in_id: str) -> AnyResponse:
    """The birth date that the person said, typed: opens the record, or counts as wrong."""
    clinic_id = _clinic_of(_own(check_in_id))
    given = staff_forms.text("birth_date", longest=20)
    if not given:
        abort(403)
    try:
        answer = staff_forms.birth_date(given)
    except InputError:
        return redirect(url_for(".show", check_in_id=check_in_id, note="not-a-date"), 303)
    after = open_record.answer_open_question(
        parts().services,
        check_in_id,
        version=staff_forms.version(),
        clinic_id=clinic_id,
        answer=answer,
        by=actor(),
    )
    if after.stage is Stage.CANCELLED:
        return _to_list("to-reception")
    return _to(after, None if after.checked else "wrong-date")


@blueprint.post("/check-ins/<check_in_id>/document")
@guarded(Role.DOCTOR)
def document(check_in_id: str) -> AnyResponse:
    """Staff compared the person with a photo document of this kind."""
    clinic_id = _clinic_of(_own(check_in_id))
    after = open_record.inspect_document(
        parts().services,
        check_in_id,
        version=staff_forms.version(),
        clinic_id=clinic_id,
        document=staff_forms.choice("document", DocumentKind),
        by=actor(),
    )
    return _to(after)


@blueprint.get("/check-ins/<check_in_id>/portrait")
@guarded(Role.DOCTOR)
def portrait(check_in_id: str) -> Response:
    """The chip's portrait, for comparing; each look is audited, and no browser keeps it."""
    _own(check_in_id)
    return Response(compare_holder.portrait(parts().services, check_in_id, by=actor()), mimetype="image/jpeg")


@blueprint.post("/check-ins/<check_in_id>/holder")
@guarded(Role.DOCTOR)
def compare_holder_with_portrait(check_in_id: str) -> AnyResponse:
    """Staff compared the chip's portrait with the person."""
    clinic_id = _clinic_of(_own(check_in_id))
    matches = staff_forms.yes_or_no("matches")
    after = compare_holder.compare_holder(
        parts().services,
        check_in_id,
        version=staff_forms.version(),
        clinic_id=clinic_id,
        matches=matches,
        by=actor(),
    )
    return _to(after) if matches else _to_list("to-reception")


@blueprint.post("/check-ins/<check_in_id>/not-this-person")
@guarded(Role.DOCTOR)
def not_this_person(check_in_id: str) -> AnyResponse:
    """Whoever came is somebody else: closes the record and tells reception."""
    _own(check_in_id)
    open_record.not_this_person(parts().services, check_in_id, version=staff_forms.version(), by=actor())
    return _to_list("to-reception")


def _page(chosen: CheckIn | None) -> str:
    position = parts().feed.position()
    rows = _rows()
    return render_template(
        "doctor/home.html",
        position=position,
        rows=rows,
        clinics=_calls(rows),
        note=request.args.get("note"),
        undos=offers(),
        correction_reasons=list(CorrectionReason),
        chosen=chosen.id if chosen else None,
        **(_chosen(chosen) if chosen else {"row": None}),
    )


def _chosen(check_in: CheckIn) -> dict[str, object]:
    """One check-in with its record, if this account may read it now; the audit row is written first."""
    services = parts().services
    summary, problem = None, None
    row = _row(check_in)
    if row.access is Access.OPEN:
        try:
            summary = read_record(services, check_in.id, account=account())
        except (RecordError, NotFound) as error:
            problem = "missing" if isinstance(error, NotFound) else "unreachable"
    picture = compare_holder.has_portrait(services, check_in)
    return {
        "row": row,
        "summary": summary,
        "problem": problem,
        "documents": list(DocumentKind),
        "may_compare": compare_holder.may_compare(check_in, has_portrait=picture),
        "tries": services.policy.open_question_tries,
        "wrong_today": row.doubts.count({DoubtKind.OPEN_QUESTION_MISSED}),
        "doubt_lines": presenters.doubt_lines(row.doubts),
        **_drawn(summary),
    }


def _drawn(summary: RecordSummary | None) -> dict[str, object]:
    if summary is None:
        return {}
    series = [one for one in summary.laboratory if one.values]
    return {
        "results": presenters.results_of(summary, parts().services.clock.now()),
        "trends": [(one, trend_of(one)) for one in series],
        "seen_last_on": presenters.seen_last_on(summary),
    }


def _rows() -> list[presenters.Row]:
    services = parts().services
    check_ins = lists.clinic_list(services, clinic_ids=account().clinics)
    return presenters.rows_of(check_ins, account(), partial(day_now, services), doubts_of_today(services))


def _row(check_in: CheckIn) -> presenters.Row:
    services = parts().services
    return presenters.row_of(check_in, account(), day_now(services, check_in), doubts_of(services, check_in))


def _calls(rows: Sequence[presenters.Row]) -> list[tuple[str, int]]:
    """The doctor's clinics, each with how many can be called."""
    return [
        (clinic_id, presenters.waiting_in([row for row in rows if row.check_in.clinic_id == clinic_id]))
        for clinic_id in account().clinics
    ]


def _own(check_in_id: str) -> CheckIn:
    """A check-in of the doctor's own clinics today; of any other the doctor may not even know that it is there."""
    found = lists.one(parts().services, check_in_id)
    if found.clinic_id not in account().clinics or not is_of_today(parts().services, found):
        raise NotFound("not in this list")
    return found


def _clinic_of(check_in: CheckIn) -> str:
    return check_in.clinic_id or ""


def _to(check_in: CheckIn, note: str | None = None) -> AnyResponse:
    return redirect(url_for(".show", check_in_id=check_in.id, note=note), 303)


def _to_list(note: str) -> AnyResponse:
    return redirect(url_for(".home", note=note), 303)
