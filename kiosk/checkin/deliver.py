"""What the `deliver` process runs, as actor `system`: publish, send to the record, resolve what arrived meanwhile."""

from dataclasses import replace

import structlog

from kiosk.checkin.arrival import active_key, appointment_at, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.known_chips import recognised
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
from kiosk.model.events import EventKind
from kiosk.model.identity import IdentityClaim
from kiosk.ports.outbox import Delivery, DeliveryKind
from kiosk.ports.record import EncounterStatus, EncounterUpdate

log = structlog.get_logger()

RESOLVABLE = IN_QUEUE | {Stage.DONE}
"""Whoever was given a number in an outage did arrive, even if the consultation is over by now."""

ENCOUNTER_STATUS = {
    Stage.ARRIVED: EncounterStatus.ARRIVED,
    Stage.ABSENT: EncounterStatus.ARRIVED,
    Stage.CALLED: EncounterStatus.IN_PROGRESS,
    Stage.DONE: EncounterStatus.FINISHED,
    Stage.CANCELLED: EncounterStatus.CANCELLED,
}


def send_due(services: Services, limit: int = 20) -> int:
    """Send what is due to the hospital's record; a delivery that fails waits longer each time.

    Returns:
        How many were sent.
    """
    with services.storage.read() as work:
        due = [
            (delivery, work.check_ins.get(delivery.check_in_id))
            for delivery in work.outbox.due(services.clock.now(), limit)
        ]
    sent = 0
    for delivery, check_in in due:
        try:
            _send(services, delivery, check_in)
        except (RecordUnreachable, RecordConflict) as error:
            _retry(services, delivery, type(error).__name__)
            if isinstance(error, RecordUnreachable):
                break
        except (RecordRefused, NotFound) as error:
            _refused(services, delivery, type(error).__name__)
        else:
            sent += 1
            with services.storage.write() as work:
                work.outbox.done(delivery)
    return sent


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
        )
    )


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
    with services.write() as work:
        check_in = load(work, seen.id, version=seen.version, stages=RESOLVABLE)
        named = replace(check_in, patient=resolution.patient)
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
