"""The hospital's own record of its patients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from kiosk.model.appointment import Appointment
from kiosk.model.identity import Identifier, Patient
from kiosk.model.summary import RecordSummary


class EncounterStatus(StrEnum):
    """FHIR R4 Encounter.status, as far as a check-in sets it."""

    ARRIVED = "arrived"
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class EncounterUpdate:
    """The Encounter that a check-in stands for; `check_in_id` is its identifier in the record.

    Attributes:
        place: FHIR reference of the clinic.
        is_new: the record was never told of this check-in, as far as is known; it need not be searched for first.
    """

    check_in_id: str
    patient_id: str
    status: EncounterStatus
    place: str
    arrived_at: datetime
    ended_at: datetime | None = None
    appointment_id: str | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class KnownEncounter:
    """An Encounter that stands for a check-in, as the record has it.

    Attributes:
        patient_id: None where it names nobody.
        status: of FHIR R4, also those that kiosk never sets; empty where there is none.
    """

    check_in_id: str
    patient_id: str | None
    status: str


class PatientRecord(Protocol):
    """The hospital's record, FHIR R4.

    Raises:
        RecordUnreachable, RecordRefused: from any method.
    """

    def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
        """Every patient with this identifier; insurance numbers match on their last 10 digits."""

    def patient(self, patient_id: str) -> Patient:
        """One patient.

        Raises:
            NotFound: no such id.
        """

    def appointments(self, patient_id: str, day: date) -> Sequence[Appointment]:
        """The patient's appointments of that day at the hospital, of any status, by start."""

    def expected(self, day: date) -> frozenset[str]:
        """The ids of all patients with a booked appointment on that day."""

    def summary(self, patient_id: str) -> RecordSummary:
        """The ten-second view.

        Raises:
            NotFound: no such id.
        """

    def encounters_of(self, day: date) -> Sequence[KnownEncounter]:
        """Those of check-ins that arrived on that day, withdrawn ones left out."""

    def put_encounter(self, update: EncounterUpdate) -> None:
        """Create the Encounter or bring it to this state; a repeat changes nothing (conditional create, If-Match).

        Raises:
            RecordConflict: changed meanwhile; trying again is right.
        """

    def withdraw_encounter(self, check_in_id: str, patient_id: str) -> None:
        """That Encounter never was (`entered-in-error`); where there is none, nothing; a repeat changes nothing.

        Raises:
            RecordConflict: changed meanwhile; trying again is right.
        """

    def set_appointment_status(self, appointment_id: str, status: str) -> None:
        """Bring the Appointment to this status; a repeat changes nothing.

        Raises:
            RecordConflict: changed meanwhile; trying again is right.
            NotFound: no such id.
        """

    def check(self) -> None:
        """Return if the record answers."""
