from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.identity import Identifier
from kiosk.model.summary import RecordSummary


def show_record(services: Services, identifier: Identifier, *, by: Actor) -> list[RecordSummary]:
    """The record of everybody with this identifier, for an operator; audited before it is read.

    Raises:
        RecordUnreachable, RecordRefused: see the port.
    """
    patients = services.record.find_patients(identifier)
    with services.write() as work:
        for patient in patients:
            work.audit.add(services.clock.now(), by, "read_record", f"Patient/{patient.id}", {})
    return [services.record.summary(patient.id) for patient in patients]
