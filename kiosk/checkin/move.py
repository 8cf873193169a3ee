"""Reception changes where somebody waits, or takes the check-in back."""

from dataclasses import replace

from kiosk.checkin.arrival import active_key, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.days import clinic_day
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.desk import desk_key
from kiosk.checkin.services import Services
from kiosk.errors import NotFound, NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, IN_QUEUE, CheckIn, Stage
from kiosk.model.clinic import RECEPTION, Clinic
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance
from kiosk.model.queue import Ticket
from kiosk.ports.storage import Work

CANCELLABLE = IN_QUEUE | AT_STATION | {Stage.RECEPTION}


def move(services: Services, check_in_id: str, *, version: int, clinic_id: str, by: Actor) -> CheckIn:
    """Send to another clinic: a new number there, the old one is void.

    The appointment stays with the check-in: the patient arrived for it, only the room changes.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`; NotFound also for an unknown clinic.
        AlreadyCheckedIn: the patient has a number there.
    """
    clinic = clinic_named(services, clinic_id)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=IN_QUEUE)
        if check_in.clinic_id == clinic_id:
            raise NotPossibleNow("already there")
        check_in = replace(check_in, day=clinic_day(services, clinic_id))
        number = work.counters.next_number(clinic_id, check_in.day)
        refuse_second(work, check_in, day=check_in.day, clinic_id=clinic_id, appointment_id=check_in.appointment_id)
        queue_deliveries(work, check_in, due=services.clock.now())
        return store(
            services,
            work,
            check_in,
            by=by,
            action="move",
            event=EventKind.ARRIVED,
            detail={"from": check_in.clinic_id or "", "to": clinic_id},
            stage=Stage.ARRIVED,
            day=check_in.day,
            ticket=Ticket(clinic_id, check_in.day, number),
            room=clinic.room,
            active_key=active_key(check_in, clinic_id, check_in.appointment_id),
            called_at=None,
            ended_at=None,
        )


def cancel(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """Take the check-in back; the record learns of it when the time for undoing is over.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=CANCELLABLE)
        if check_in.face and check_in.stage in AT_STATION:
            # nobody watches meanwhile who stands there
            check_in = replace(check_in, assurance=Assurance.CLAIMED, face=replace(check_in.face, present=False))
        queue_deliveries(work, check_in, due=services.clock.now() + services.policy.undo_window)
        return store(
            services,
            work,
            check_in,
            by=by,
            action="cancel",
            event=EventKind.ENDED,
            stage=Stage.CANCELLED,
            before_cancel=check_in.stage,
            ended_at=services.clock.now(),
            active_key=None,
            help_reason=None,
            help_since=None,
        )


def undo_cancel(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """Bring back what was just cancelled, with the same number.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: too late, or nothing that reception cancelled.
        AlreadyCheckedIn: the patient checked in anew meanwhile.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.CANCELLED})
        ended = check_in.ended_at
        if ended is None or services.clock.now() - ended > services.policy.undo_window:
            raise NotPossibleNow("too late to undo")
        if check_in.before_cancel is None:
            raise NotPossibleNow("it was ended, not cancelled")
        if check_in.before_cancel in AT_STATION and _somebody_came_after(work, check_in):
            raise NotPossibleNow("the next patient stands there")
        if check_in.before_cancel in IN_QUEUE and check_in.clinic_id:
            refuse_second(
                work,
                check_in,
                day=check_in.day,
                clinic_id=check_in.clinic_id,
                appointment_id=check_in.appointment_id,
            )
        queue_deliveries(work, check_in, due=services.clock.now())
        return store(
            services,
            work,
            check_in,
            by=by,
            action="undo_cancel",
            event=EventKind.ARRIVED,
            stage=check_in.before_cancel,
            before_cancel=None,
            ended_at=None,
            active_key=_key_of(check_in),
        )


def clinic_named(services: Services, clinic_id: str) -> Clinic:
    """A configured clinic.

    Raises:
        NotFound: no such clinic.
    """
    if clinic_id not in services.clinics:
        raise NotFound(f"no clinic {clinic_id}")
    return services.clinics[clinic_id]


def _somebody_came_after(work: Work, check_in: CheckIn) -> bool:
    shown = work.check_ins.newest_at(check_in.station_id)
    return shown is None or shown.id != check_in.id


def _key_of(check_in: CheckIn) -> str | None:
    if check_in.clinic_id is None:
        return None
    if check_in.clinic_id == RECEPTION:
        return desk_key(check_in.claim, check_in)
    return active_key(check_in, check_in.clinic_id, check_in.appointment_id)
