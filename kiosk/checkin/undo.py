"""Taking back what was just done: one way for every act, for as long as nobody went on from it."""

from dataclasses import replace
from typing import Any

from kiosk.checkin.arrival import refuse_second
from kiosk.checkin.change import ENDED, load, store
from kiosk.checkin.deliveries import mistaken_with, queue_deliveries, queue_withdrawal
from kiosk.checkin.services import Services
from kiosk.errors import NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, IN_QUEUE, CheckIn, Stage
from kiosk.model.doubt import DoubtKind
from kiosk.model.events import EventKind
from kiosk.model.undo import Undo
from kiosk.ports.storage import Work

_DECIDES = frozenset({"stage", "patient", "ticket"})
_RESTS_ON_IT = frozenset({"stage", "called_at", "patient", "ticket", "checked", "assurance"})
"""What must be untouched since an act that decided where somebody is, or who."""


def keep_for_undo(
    services: Services,
    work: Work,
    action: str,
    before: CheckIn,
    after: CheckIn,
    *,
    by: Actor,
    desk_case: str | None = None,
) -> None:
    """Keep what an act of staff changed, in its own transaction, until the time for undoing is over."""
    if after.stage in ENDED:
        # a chip's fingerprints and portrait end with the check-in: nothing brings them back
        before = replace(before, chip=after.chip)
    until = services.clock.now() + services.policy.undo_window
    work.undos.put(Undo(after.id, action, str(by), until, before, after, desk_case))


def undo(services: Services, check_in_id: str, *, by: Actor) -> CheckIn:
    """Take back the last act on this check-in: number, place, person and level are what they were.

    No version: what the kiosk adds meanwhile, such as a printed ticket, is in nobody's way.

    Raises:
        NotFound: no such check-in.
        NotPossibleNow: too late, another account did it, or somebody went on from it.
        AlreadyCheckedIn: the patient checked in anew meanwhile.
    """
    with services.write() as work:
        check_in = load(work, check_in_id)
        last = work.undos.get(check_in_id)
        if last is None or services.clock.now() >= last.until or last.by != str(by):
            raise NotPossibleNow("too late to undo")
        fields = last.changed
        _refuse_what_went_on(work, check_in, last, set(fields))
        restored = replace(check_in, **fields)
        if "active_key" in fields and restored.stage in IN_QUEUE and restored.ticket:
            refuse_second(
                work,
                restored,
                day=restored.day,
                clinic_id=restored.ticket.clinic_id,
                appointment_id=restored.appointment_id,
            )
        if last.desk_case:
            _take_doubt_back(services, work, last.desk_case, by)
            end_desk_case(services, work, last.desk_case, by=by)
        return _restored(services, work, check_in, last, fields, by)


def end_desk_case(services: Services, work: Work, check_in_id: str, *, by: Actor) -> CheckIn:
    """End what reception was given for somebody who is back in the clinic.

    Raises:
        NotPossibleNow: reception has gone on with it.
    """
    case = load(work, check_in_id)
    if case.same_as:
        return case  # it led to a case that was open before, and stays
    if case.stage is not Stage.RECEPTION or case.patient is not None:
        raise NotPossibleNow("reception has gone on with it")
    return store(
        services,
        work,
        case,
        by=by,
        action="desk_case_over",
        event=EventKind.ENDED,
        stage=Stage.CANCELLED,
        ended_at=services.clock.now(),
        active_key=None,
        help_reason=None,
        help_since=None,
    )


def _take_doubt_back(services: Services, work: Work, case_id: str, by: Actor) -> None:
    """A slip of the staff is no doubt; a wrong date stays one, or dates could be tried for ever."""
    for doubt in work.doubts.take_back(case_id):
        if doubt.kind is DoubtKind.OPEN_QUESTION_WRONG:
            work.doubts.add(replace(doubt, kind=DoubtKind.OPEN_QUESTION_MISSED, times=1))
        work.audit.add(services.clock.now(), by, "undo_doubt", f"check-in/{case_id}", {"kind": doubt.kind})


def had_open(work: Work, check_in: CheckIn) -> dict[str, str]:
    """Who of the staff read the record that closes now, for the audit row."""
    names = work.readers.readers(check_in.id, check_in.patient.id) if check_in.patient else ()
    return {"had_open": ",".join(names)} if names else {}


def _refuse_what_went_on(work: Work, check_in: CheckIn, last: Undo, changed: set[str]) -> None:
    """Whatever the act changed, and what rests on that, must be as the act left it."""
    looked_at = changed | _RESTS_ON_IT if changed & _DECIDES else changed
    if any(getattr(check_in, name) != getattr(last.after, name) for name in looked_at):
        raise NotPossibleNow("somebody went on from it")
    if "stage" in changed and last.before.stage in AT_STATION and _somebody_came_after(work, check_in):
        raise NotPossibleNow("the next patient stands there")


def _restored(
    services: Services, work: Work, check_in: CheckIn, last: Undo, fields: dict[str, Any], by: Actor
) -> CheckIn:
    closes = had_open(work, check_in) if fields.keys() & {"patient", "assurance", "checked"} else {}
    loses_person = "patient" in fields and check_in.patient is not None
    if loses_person:
        fields = fields | {"mistaken": mistaken_with(check_in)}
    after = store(
        services,
        work,
        check_in,
        by=by,
        action=f"undo_{last.action}",
        event=EventKind.ARRIVED if "stage" in fields else EventKind.CHANGED,
        detail=closes,
        **fields,
    )
    if loses_person:
        queue_withdrawal(work, after, due=services.clock.now())
    if fields.keys() & _DECIDES:
        queue_deliveries(work, after, due=services.clock.now())
    work.undos.drop(check_in.id)
    return after


def _somebody_came_after(work: Work, check_in: CheckIn) -> bool:
    shown = work.check_ins.newest_at(check_in.station_id)
    return shown is None or shown.id != check_in.id


def open_undo(services: Services, check_in_id: str, *, by: Actor) -> Undo | None:
    """What this actor can still take back of this check-in."""
    with services.storage.read() as work:
        last = work.undos.get(check_in_id)
    return last if last and last.by == str(by) and services.clock.now() < last.until else None


def open_undos(services: Services, *, by: Actor) -> list[Undo]:
    """Everything that this actor can still take back, the newest first."""
    now = services.clock.now()
    with services.storage.read() as work:
        return [one for one in work.undos.of_actor(str(by), now) if now < one.until]


def forget_past(services: Services) -> int:
    """Drop what cannot be taken back any more: it holds what the check-in held before.

    Returns:
        How many.
    """
    now = services.clock.now()
    with services.storage.read() as work:
        if not work.undos.any_past(now):
            return 0
    with services.storage.write() as work:
        return work.undos.drop_past(now)
