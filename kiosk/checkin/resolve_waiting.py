"""Who was given a number while the record did not answer: found afterwards, by actor `system`."""

from dataclasses import replace

from kiosk.checkin.arrival import active_key, appointment_at, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.doubt import Presented, doubts_about, note_guess, remember
from kiosk.checkin.known_chips import recognised
from kiosk.checkin.lost_numbers import bring_back
from kiosk.checkin.resolve import Resolution, resolve
from kiosk.checkin.services import Services
from kiosk.checkin.waits import Waits
from kiosk.errors import (
    AlreadyCheckedIn,
    NotPossibleNow,
    RecordConflict,
    RecordRefused,
    RecordUnreachable,
    StaleVersion,
)
from kiosk.model.actor import SYSTEM
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import IN_QUEUE, WITH_CLINIC, CheckIn, Reason
from kiosk.model.doubt import DoubtKind
from kiosk.model.events import EventKind
from kiosk.model.identity import IdentityClaim
from kiosk.ports.storage import Work


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
        check_in = load(work, seen.id, version=seen.version, stages=WITH_CLINIC)
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
        check_in = load(work, seen.id, version=seen.version, stages=WITH_CLINIC)
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
