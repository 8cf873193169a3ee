"""What the `deliver` process runs, as actor `system`: publish, send to the record, resolve what arrived meanwhile."""

import threading

import structlog

from kiosk.checkin.lanes import share_out
from kiosk.checkin.services import Services
from kiosk.checkin.waits import wait_after
from kiosk.errors import (
    NotFound,
    RecordConflict,
    RecordRefused,
    RecordUnreachable,
)
from kiosk.model.actor import SYSTEM, Actor
from kiosk.model.checkin import WITH_CLINIC, CheckIn, Stage
from kiosk.ports.outbox import Delivery, DeliveryKind
from kiosk.ports.record import EncounterStatus, EncounterUpdate
from kiosk.ports.storage import Work

log = structlog.get_logger()

AT_ONCE = 4
"""Patients whose deliveries are on their way at one moment."""
BATCH = 40
"""Deliveries of one round, between which nothing else that `deliver` does is done."""


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
    return any(one.appointment_id == appointment_id and one.stage in WITH_CLINIC for one in theirs)


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
