from datetime import datetime

from kiosk.model.checkin import CheckIn
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
