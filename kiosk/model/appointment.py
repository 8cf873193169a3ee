from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Appointment:
    """One of the patient's appointments (FHIR R4 Appointment).

    Attributes:
        start: aware, in any zone.
        places: FHIR references of its participants, by which a clinic is found.
        status: of the FHIR value set; ``booked`` and ``arrived`` can be checked in.
        reason: for the doctor, never for the hall.
    """

    id: str
    patient_id: str
    start: datetime
    places: tuple[str, ...]
    status: str
    reason: str | None = None
