from datetime import datetime

from kiosk.model.checkin import CheckIn
from kiosk.model.correction import Mistaken
from kiosk.ports.outbox import DeliveryKind
from kiosk.ports.storage import Work


def queue_deliveries(work: Work, check_in: CheckIn, *, due: datetime) -> None:
    """Queue what the hospital's record must learn of this check-in, in the caller's transaction.

    Nothing to tell before the patient is known.
    """
    if check_in.patient is None:
        return
    work.outbox.add(DeliveryKind.ENCOUNTER, check_in.id, due)
    if check_in.appointment_id:
        work.outbox.add(DeliveryKind.APPOINTMENT, check_in.id, due)


def mistaken_with(check_in: CheckIn) -> tuple[Mistaken, ...]:
    """Who was attached and was not the one, with whoever is attached now."""
    if check_in.patient is None:
        return check_in.mistaken
    return (*check_in.mistaken, Mistaken(check_in.encounter, check_in.patient.id, check_in.appointment_id))


def queue_withdrawal(work: Work, check_in: CheckIn, *, due: datetime) -> None:
    """Queue that the record unlearns whoever was not the one."""
    work.outbox.add(DeliveryKind.WITHDRAWAL, check_in.id, due)
