"""The demo's switch: while a file exists, the record behaves as if its server did not answer."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from kiosk.errors import RecordUnreachable
from kiosk.model.appointment import Appointment
from kiosk.model.identity import Identifier, Patient
from kiosk.model.summary import RecordSummary
from kiosk.ports.record import EncounterUpdate, KnownEncounter, PatientRecord


class SwitchedRecord:
    """Port `PatientRecord`.

    Args:
        record: what answers while it is on.
        off_flag: the file that switches it off.
    """

    def __init__(self, record: PatientRecord, off_flag: Path) -> None:
        self._record = record
        self._off_flag = off_flag

    def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
        """See the port."""
        return self._reached.find_patients(identifier)

    def patient(self, patient_id: str) -> Patient:
        """See the port."""
        return self._reached.patient(patient_id)

    def appointments(self, patient_id: str, day: date) -> Sequence[Appointment]:
        """See the port."""
        return self._reached.appointments(patient_id, day)

    def expected(self, day: date) -> frozenset[str]:
        """See the port."""
        return self._reached.expected(day)

    def summary(self, patient_id: str) -> RecordSummary:
        """See the port."""
        return self._reached.summary(patient_id)

    def encounters_of(self, day: date) -> Sequence[KnownEncounter]:
        """See the port."""
        return self._reached.encounters_of(day)

    def put_encounter(self, update: EncounterUpdate) -> None:
        """See the port."""
        self._reached.put_encounter(update)

    def withdraw_encounter(self, check_in_id: str, patient_id: str) -> None:
        """See the port."""
        self._reached.withdraw_encounter(check_in_id, patient_id)

    def set_appointment_status(self, appointment_id: str, status: str) -> None:
        """See the port."""
        self._reached.set_appointment_status(appointment_id, status)

    def check(self) -> None:
        """See the port."""
        self._reached.check()

    @property
    def _reached(self) -> PatientRecord:
        if self._off_flag.exists():
            raise RecordUnreachable("switched off at the device bench")
        return self._record
