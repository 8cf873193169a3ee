"""Reception: who needs a person, the case in hand, and the clinics' queues."""

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from kiosk.checkin import assist, compare_holder, known_chips, lists, lost_numbers, move, queue
from kiosk.checkin.attach import find_patients
from kiosk.errors import BusUnreachable, InputError, NotFound, RecordError
from kiosk.model.checkin import CheckIn, DocumentKind
from kiosk.model.correction import AttachReason, CorrectionReason
from kiosk.model.events import Command, CommandKind, Event, EventKind
from kiosk.model.identity import Patient
from kiosk.model.queue import Priority
from kiosk.model.staff import Role
from kiosk.web import staff_forms
from kiosk.web.access import RECEPTION_DESK, account, actor, guarded, parts
from kiosk.web.live import event_stream
from kiosk.web.reception import desk_case, presenters
from kiosk.web.reception.cases import of_today
from kiosk.web.reception.coming import add_coming
from kiosk.web.reception.conflicts import add_conflicts
from kiosk.web.reception.decisions import add_decisions
from kiosk.web.reception.doubts import presentations_of
from kiosk.web.reception.faces import add_faces
from kiosk.web.reception.lost import add_lost_numbers
from kiosk.web.reception.searches import Searches
from kiosk.web.sign_in import add_sign_in

blueprint = Blueprint("reception", __name__, url_prefix="/reception", template_folder="templates")
add_sign_in(blueprint, RECEPTION_DESK)
add_faces(blueprint)
add_coming(blueprint)
add_lost_numbers(blueprint)
add_decisions(blueprint)
blueprint.record(lambda state: state.app.extensions.update(kiosk_searches=Searches()))
blueprint.add_app_template_filter(desk_case.without_last_digits)


@blueprint.get("/")
@guarded(Role.RECEPTION)
def home() -> str:
    """Everything, and no case in hand."""
    return _page(None)


@blueprint.get("/check-ins/<check_in_id>")
@guarded(Role.RECEPTION)
def show(check_in_id: str) -> str:
    """Everything, with this case in hand."""
    return _page(of_today(check_in_id))


@blueprint.get("/board")
@guarded(Role.RECEPTION, passive=True)
def board() -> str:
    """Both outer columns anew, after an event."""
    return render_template("reception/board.html", **_board(), chosen=request.args.get("chosen"))


@blueprint.get("/live")
@guarded(Role.RECEPTION, passive=True)
def live() -> Response:
    """Events of the whole hospital."""

    def wanted(event: Event) -> bool:
        return event.kind not in {EventKind.CARD, EventKind.FACE, EventKind.GONE}

    return event_stream(parts().feed, wanted)


@blueprint.post("/check-ins/<check_in_id>/help-given")
@guarded(Role.RECEPTION)
def help_given(check_in_id: str) -> AnyResponse:
    """Somebody came: off the list."""
    return _to(assist.help_given(parts().services, check_in_id, by=actor()), "helped")


@blueprint.post("/check-ins/<check_in_id>/call")
@guarded(Role.RECEPTION)
def call_to_desk(check_in_id: str) -> AnyResponse:
    """Show the number in the waiting room: "please come to reception"."""
    after = queue.call_to_desk(parts().services, check_in_id, version=staff_forms.version(), by=actor())
    return _to(after, "called")


@blueprint.post("/check-ins/<check_in_id>/find")
@guarded(Role.RECEPTION)
def find(check_in_id: str) -> AnyResponse:
    """Look for a patient by a typed number or code, or by the one that was presented."""
    given = staff_forms.text("payload")
    claim = of_today(check_in_id).claim
    if not given and claim:
        given = claim.identifier.value
    key = _searches().keep(account().id, given)
    return redirect(url_for(".show", check_in_id=check_in_id, search=key), 303)


@blueprint.post("/check-ins/<check_in_id>/move")
@guarded(Role.RECEPTION)
def move_to(check_in_id: str) -> AnyResponse:
    """Another clinic, with a new number there."""
    clinic_id = staff_forms.text("clinic")
    after = move.move(parts().services, check_in_id, version=staff_forms.version(), clinic_id=clinic_id, by=actor())
    return _to(after, "moved")


@blueprint.post("/check-ins/<check_in_id>/cancel")
@guarded(Role.RECEPTION)
def cancel(check_in_id: str) -> AnyResponse:
    """Take the check-in back; can be undone for a moment."""
    return _to(move.cancel(parts().services, check_in_id, version=staff_forms.version(), by=actor()))


@blueprint.post("/check-ins/<check_in_id>/bring-back")
@guarded(Role.RECEPTION)
def bring_back(check_in_id: str) -> AnyResponse:
    """An absent patient stands at the desk: back into the queue."""
    return _to(queue.bring_back(parts().services, check_in_id, version=staff_forms.version(), by=actor()), "back")


@blueprint.post("/check-ins/<check_in_id>/priority")
@guarded(Role.RECEPTION)
def priority(check_in_id: str) -> AnyResponse:
    """Confirm a priority class of the law, or take it back."""
    chosen = staff_forms.choice("priority", Priority) if request.form.get("priority") else None
    version = staff_forms.version()
    after = assist.declare_priority(parts().services, check_in_id, version=version, priority=chosen, by=actor())
    return _to(after, "priority")


@blueprint.post("/check-ins/<check_in_id>/reprint")
@guarded(Role.RECEPTION)
def reprint(check_in_id: str) -> AnyResponse:
    """Print the ticket once more, where the patient checked in."""
    after = assist.reprint(parts().services, check_in_id, by=actor())
    try:
        parts().services.bus.command(after.station_id, Command(CommandKind.PRINT, after.id))
    except BusUnreachable:
        return _to(after, "no-printer")
    return _to(after, "printing")


@blueprint.get("/check-ins/<check_in_id>/portrait")
@guarded(Role.RECEPTION)
def portrait(check_in_id: str) -> Response:
    """The chip's portrait, for comparing; each look is audited, and no browser keeps it."""
    of_today(check_in_id)
    return Response(compare_holder.portrait(parts().services, check_in_id, by=actor()), mimetype="image/jpeg")


@blueprint.post("/check-ins/<check_in_id>/holder")
@guarded(Role.RECEPTION)
def compare_holder_with_portrait(check_in_id: str) -> AnyResponse:
    """Staff at the desk compared the chip's portrait with the person."""
    matches = staff_forms.yes_or_no("matches")
    clinic_id = of_today(check_in_id).clinic_id or ""
    after = compare_holder.compare_holder(
        parts().services,
        check_in_id,
        version=staff_forms.version(),
        clinic_id=clinic_id,
        matches=matches,
        by=actor(),
    )
    return _to(after, "compared" if matches else "somebody-else")


@blueprint.post("/check-ins/<check_in_id>/chip")
@guarded(Role.RECEPTION)
def bind_chip(check_in_id: str) -> AnyResponse:
    """Reception inspected this card and its holder."""
    return _to(known_chips.bind(parts().services, check_in_id, version=staff_forms.version(), by=actor()), "bound")


@blueprint.post("/check-ins/<check_in_id>/chips/<known_chip_id>/revoke")
@guarded(Role.RECEPTION)
def revoke_chip(check_in_id: str, known_chip_id: str) -> AnyResponse:
    """A known chip speaks for nobody any more."""
    known_chips.revoke(parts().services, _chip_of(check_in_id, known_chip_id), by=actor())
    return redirect(url_for(".show", check_in_id=check_in_id, note="revoked"), 303)


@blueprint.post("/check-ins/<check_in_id>/chips/<known_chip_id>/lost")
@guarded(Role.RECEPTION)
def report_lost(check_in_id: str, known_chip_id: str) -> AnyResponse:
    """A known card was reported lost or stolen, or was found again."""
    lost = staff_forms.yes_or_no("lost")
    known_chips.report_lost(parts().services, _chip_of(check_in_id, known_chip_id), lost=lost, by=actor())
    return redirect(url_for(".show", check_in_id=check_in_id, note="lost" if lost else "found"), 303)


def _chip_of(check_in_id: str, known_chip_id: str) -> str:
    """A known chip of the patient in hand: reception changes those of nobody else."""
    theirs = known_chips.chips_of(parts().services, of_today(check_in_id))
    if known_chip_id not in {chip.id for chip in theirs}:
        raise NotFound("not a chip of this patient")
    return known_chip_id


def _page(chosen: CheckIn | None) -> str:
    services = parts().services
    position = parts().feed.position()
    found, problem = _found(chosen)
    return render_template(
        "reception/home.html",
        **_board(),
        position=position,
        chosen=chosen.id if chosen else None,
        case=_case(chosen) if chosen else None,
        presentations=presentations_of(services, chosen),
        note=g.get("note") or request.args.get("note"),
        kept=g.get("kept"),
        clinics=list(services.clinics),
        documents=list(DocumentKind),
        priorities=list(Priority),
        found=desk_case.candidates_of(chosen, found) if chosen else None,
        attach_reasons=list(AttachReason),
        correction_reasons=list(CorrectionReason),
        problem=problem,
    )


def _case(chosen: CheckIn) -> presenters.Case:
    picture = url_for(".portrait", check_in_id=chosen.id)
    return presenters.case_of(chosen, parts().services, picture, actor())


def _board() -> dict[str, object]:
    services = parts().services
    drawn = lists.reception_board(services)
    stations = presenters.stations_of(services)
    return {
        "needs": presenters.needs_of(drawn),
        "lost_numbers": lost_numbers.lost_today(services),
        "trusts_nobody": parts().trusts_nobody(),
        "stations": stations,
        "station_names": presenters.names_of(stations),
        "queues": {clinic_id: presenters.queue_of(queued) for clinic_id, queued in drawn.queues.items()},
    }


def _found(chosen: CheckIn | None) -> tuple[Sequence[Patient] | None, str | None]:
    """The patients of the search that the address names, or why there are none."""
    key = request.args.get("search")
    if not key or chosen is None:
        return None, None
    payload = _searches().payload(key, account().id)
    if payload is None:
        return None, "forgotten"
    try:
        return find_patients(parts().services, chosen.id, payload=payload, by=actor()), None
    except InputError:
        return None, "not-a-code"
    except RecordError:
        return None, "record"


def _searches() -> Searches:
    found = current_app.extensions["kiosk_searches"]
    if not isinstance(found, Searches):
        raise TypeError("the app was built without its searches")
    return found


def _to(check_in: CheckIn, note: str | None = None) -> AnyResponse:
    return redirect(url_for(".show", check_in_id=check_in.id, note=note), 303)


add_conflicts(blueprint, _page)
