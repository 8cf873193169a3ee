"""What the `deliver` process runs, as actor `system`: publish, send to the record, resolve what arrived meanwhile."""

import threading
from dataclasses import replace

import structlog

from kiosk.checkin.arrival import active_key, appointment_at, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.doubt import Presented, doubts_about, note_guess, remember
from kiosk.checkin.known_chips import recognised
from kiosk.checkin.lanes import share_out
from kiosk.checkin.lost_numbers import bring_back
from kiosk.checkin.resolve import Resolution, resolve
from kiosk.checkin.services import Services
from kiosk.checkin.waits import Waits, wait_after
from kiosk.errors import (
    AlreadyCheckedIn,
    NotFound,
    NotPossibleNow,
    RecordConflict,
    RecordRefused,
    RecordUnreachable,
    StaleVersion,
)
from kiosk.model.actor import SYSTEM, Actor
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import IN_QUEUE, CheckIn, Reason, Stage
from kiosk.model.doubt import DoubtKind
from kiosk.model.events import EventKind
from kiosk.model.identity import IdentityClaim
from kiosk.ports.outbox import Delivery, DeliveryKind
from kiosk.ports.record import EncounterStatus, EncounterUpdate
from kiosk.ports.storage import Work

log = structlog.get_logger()

AT_ONCE = 4
"""Patients whose deliveries are on their way at one moment."""
BATCH = 40
"""Deliveries of one round, between which nothing else that `deliver` does is done."""

RESOLVABLE = IN_QUEUE | {Stage.DONE}
"""Whoever was given a number in an outage did arrive, even if the consultation is over by now."""

ENCOUNTER_STATUS = {
    Stage.ARRIVED: EncounterStatus.ARRIVED,
    Stage.ABSENT: EncounterStatus.ARRIVED,
    Stage.CALLED: EncounterStatus.IN_PROGRESS,
    Stage.DONE: EncounterStatus.FINISHED,
    Stage.CANCELLED: EncounterStatus.CANCELLED,
}


def send_due(services: Services, limit: int = BATCH, at_once: int = AT_ONCE) -> int:
    """Send what is due to the hospital's record; a delivery that fails waits longer each time.

    Several at once, those of one patient one after the other. The first is sent alone: a record that does not answer is
    asked once a round, not four times. No transaction is open while the record is asked.

    Args:
        services: of this process.
        limit: how many are tried.
        at_once: of how many patients at one moment.

    Returns:
        How many were sent.
    """
    with services.storage.read() as work:
        due = [(_lane_of(work, one), one) for one in work.outbox.due(services.clock.now(), limit)]
    if not due:
        return 0
    round_ = _Round(services)
    round_.send(due[0][1])
    lanes: dict[str, list[Delivery]] = {}
    for lane, delivery in due[1:]:
        lanes.setdefault(lane, []).append(delivery)
    share_out(lanes.values(), round_.send, at_once)
    return len(round_.sent)


def _lane_of(work: Work, delivery: Delivery) -> str:
    patient = work.check_ins.get(delivery.check_in_id).patient
    return patient.id if patient else delivery.check_in_id


class _Round:
    """One round of deliveries, by several threads.

    Attributes:
        sent: those that arrived.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._away = threading.Event()
        self.sent: list[Delivery] = []

    def send(self, delivery: Delivery) -> None:
        """Send it as the check-in stands now, unless the record was found not to answer."""
        if self._away.is_set():
            return
        services = self._services
        with services.storage.read() as work:
            if not work.outbox.still_due(delivery, services.clock.now()):
                return
            check_in = work.check_ins.get(delivery.check_in_id)
        try:
            _send(services, delivery, check_in)
        except (RecordUnreachable, RecordConflict) as error:
            _retry(services, delivery, type(error).__name__)
            if isinstance(error, RecordUnreachable):
                self._away.set()
        except (RecordRefused, NotFound) as error:
            _refused(services, delivery, type(error).__name__)
        else:
            self.sent.append(delivery)
            with services.storage.write() as work:
                work.outbox.done(delivery)


def send_refused_again(services: Services, *, by: Actor) -> int:
    """Queue what the record refused, after the operator mended the cause.

    Returns:
        How many.
    """
    with services.storage.write() as work:
        refused = work.outbox.refusals()
        for one in refused:
            detail = {"kind": str(one.kind)}
            work.audit.add(services.clock.now(), by, "delivery_again", f"check-in/{one.check_in_id}", detail)
        return work.outbox.send_refused_again(services.clock.now())


def resolve_waiting(services: Services, limit: int = 20, waits: Waits | None = None) -> int:
    """Find the patients of check-ins that arrived while the record did not answer.

    Exactly one match with equal name and birth date attaches; anything else goes to reception. The number stays.

    Args:
        services: of this process.
        limit: how many are asked for.
        waits: one for which the record does not answer is asked for again later, and keeps no other from it.

    Returns:
        How many were settled.
    """
    waits = Waits() if waits is None else waits
    with services.storage.read() as work:
        waiting = work.check_ins.unresolved(limit + len(waits))
    waits.forget_but({check_in.id for check_in in waiting})
    settled = 0
    for check_in in waiting:
        if check_in.claim is None or not waits.is_due(check_in.id, services.clock.now()):
            continue
        try:
            _settle(services, check_in, _resolution(services, check_in.claim))
        except (RecordUnreachable, RecordConflict):
            waits.longer(check_in.id, services.clock.now())
            break
        except (StaleVersion, NotPossibleNow):
            continue
        settled += 1
    return settled


def _resolution(services: Services, claim: IdentityClaim) -> Resolution:
    """A number without a name, or one that the record refuses to look up, cannot be settled without a person."""
    if claim.is_bare:
        return Resolution(reason=Reason.NUMBER_NOT_CONFIRMED)
    try:
        return resolve(claim, services.record.find_patients(claim.identifier))
    except RecordRefused:
        return Resolution(reason=Reason.RECORD_DISAGREES)


def _send(services: Services, delivery: Delivery, check_in: CheckIn) -> None:
    if delivery.kind is DeliveryKind.WITHDRAWAL:
        _withdraw(services, check_in)
        return
    status = ENCOUNTER_STATUS.get(check_in.stage)
    if status is None or check_in.patient is None or check_in.ticket is None or check_in.arrived_at is None:
        return
    if delivery.kind is DeliveryKind.APPOINTMENT:
        _open_again(services, check_in)
        if check_in.appointment_id:
            cancelled = status is EncounterStatus.CANCELLED
            if cancelled and _arrived_anew(services, check_in, check_in.patient.id, check_in.appointment_id):
                return
            services.record.set_appointment_status(check_in.appointment_id, "booked" if cancelled else "arrived")
        return
    clinic = services.clinics.get(check_in.ticket.clinic_id)
    services.record.put_encounter(
        EncounterUpdate(
            check_in_id=check_in.encounter,
            patient_id=check_in.patient.id,
            status=status,
            place=clinic.reference if clinic else "",
            arrived_at=check_in.arrived_at,
            ended_at=check_in.ended_at if status in {EncounterStatus.FINISHED, EncounterStatus.CANCELLED} else None,
            appointment_id=check_in.appointment_id,
            is_new=status is EncounterStatus.ARRIVED and (delivery.attempts, delivery.asked) == (0, 1),
        )
    )


def _open_again(services: Services, check_in: CheckIn) -> None:
    """Whoever chose another clinic has not come for the appointment that they took a number for first."""
    left = check_in.left_appointment
    if left is None or check_in.patient is None or left == check_in.appointment_id:
        return
    if not _arrived_anew(services, check_in, check_in.patient.id, left):
        services.record.set_appointment_status(left, "booked")


def _withdraw(services: Services, check_in: CheckIn) -> None:
    """Whoever was attached by mistake was not here."""
    for one in check_in.mistaken:
        services.record.withdraw_encounter(one.encounter, one.patient_id)
        if one.appointment_id and not _arrived_anew(services, check_in, one.patient_id, one.appointment_id):
            services.record.set_appointment_status(one.appointment_id, "booked")


def _arrived_anew(services: Services, left: CheckIn, patient_id: str, appointment_id: str) -> bool:
    """Whether the patient checked in again for the same appointment: that check-in tells the record."""
    with services.storage.read() as work:
        theirs = work.check_ins.of_patient(patient_id, left.day)
    return any(one.appointment_id == appointment_id and one.stage in RESOLVABLE for one in theirs)


def _retry(services: Services, delivery: Delivery, error: str) -> None:
    wait = wait_after(delivery.attempts)
    log.warning("delivery waits", delivery=delivery.id, kind=delivery.kind, reason=error, attempts=delivery.attempts)
    with services.storage.write() as work:
        work.outbox.retry(delivery, error, services.clock.now() + wait)


def _refused(services: Services, delivery: Delivery, error: str) -> None:
    log.error("delivery refused", delivery=delivery.id, kind=delivery.kind, reason=error)
    with services.storage.write() as work:
        work.outbox.refused(delivery, error)
        work.audit.add(
            services.clock.now(), SYSTEM, "delivery_refused", f"check-in/{delivery.check_in_id}", {"reason": error}
        )


def _settle(services: Services, seen: CheckIn, resolution: Resolution) -> None:
    if resolution.patient is None or seen.clinic_id is None:
        _tell_reception(services, seen, resolution)
        return
    try:
        appointment = appointment_at(services, resolution.patient.id, seen, seen.clinic_id)
        _attach(services, seen, resolution, appointment)
    except RecordRefused:
        _tell_reception(services, seen, Resolution(reason=Reason.RECORD_DISAGREES))
    except AlreadyCheckedIn:
        _tell_reception(services, seen, Resolution(reason=Reason.ALREADY_ARRIVED))


def _attach(services: Services, seen: CheckIn, resolution: Resolution, appointment: Appointment | None) -> None:
    bring_back(services, by=SYSTEM, patient_id=resolution.patient.id if resolution.patient else None)
    with services.write() as work:
        check_in = load(work, seen.id, version=seen.version, stages=RESOLVABLE)
        named = replace(check_in, patient=resolution.patient)
        doubts = doubts_about(services, work, check_in.claim, resolution.patient).besides_chip_of(check_in.id)
        if doubts.stands:
            what = Presented(check_in.claim, resolution.patient)
            remember(services, work, check_in, DoubtKind.SHOWN, what, by=SYSTEM)
            _leave_to_reception(services, work, check_in, Resolution(reason=doubts.reason))
            return
        appointment_id = appointment.id if appointment else None
        if check_in.stage in IN_QUEUE:
            clinic_id = check_in.clinic_id or ""
            refuse_second(work, named, day=check_in.day, clinic_id=clinic_id, appointment_id=appointment_id)
        attached = store(
            services,
            work,
            check_in,
            by=SYSTEM,
            action="resolve",
            patient=resolution.patient,
            chip=check_in.chip and recognised(work, check_in.chip, resolution.patient),
            unresolved=False,
            appointment_id=appointment_id,
            appointment_at=appointment.start if appointment else None,
            visit_reason=appointment.reason if appointment else None,
            # one that is over holds no place any more
            active_key=check_in.active_key and active_key(named, check_in.clinic_id or "", appointment_id),
        )
        queue_deliveries(work, attached, due=services.clock.now())


def _tell_reception(services: Services, seen: CheckIn, resolution: Resolution) -> None:
    """The patient keeps the number; reception sees why nobody is attached."""
    with services.write() as work:
        check_in = load(work, seen.id, version=seen.version, stages=RESOLVABLE)
        if check_in.claim:
            note_guess(services, work, check_in, check_in.claim, resolution, by=SYSTEM)
        _leave_to_reception(services, work, check_in, resolution)


def _leave_to_reception(services: Services, work: Work, check_in: CheckIn, resolution: Resolution) -> None:
    store(
        services,
        work,
        check_in,
        by=SYSTEM,
        action="unresolved_to_reception",
        event=EventKind.HELP,
        detail={"reason": resolution.reason or ""},
        unresolved=False,
        reason=resolution.reason,
        disagrees=resolution.disagrees,
        help_reason=resolution.reason,
        help_since=services.clock.now(),
    )
