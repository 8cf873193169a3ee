"""What reception does with a case, in one call: the search that comes before belongs to other tests."""

from kiosk.checkin.attach import attach
from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn
from kiosk.model.correction import AttachReason


def attach_found(
    services: Services, check_in_id: str, *, version: int, patient_id: str, clinic_id: str, by: Actor
) -> CheckIn:
    """Attach somebody who was just found in this case, with a reason where something differs."""
    with services.storage.write() as work:
        work.found.put(check_in_id, str(by), patient_id, services.clock.now())
    reason = next(iter(AttachReason))
    return attach(
        services, check_in_id, version=version, patient_id=patient_id, clinic_id=clinic_id, by=by, reason=reason
    )
