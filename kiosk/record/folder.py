"""The hospital's record as a folder of FHIR R4 bundles: the embedded default, and the demo's."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.errors import NotFound, RecordRefused, RecordUnreachable
from kiosk.model.appointment import Appointment
from kiosk.model.identity import Identifier, Patient
from kiosk.model.summary import RecordSummary
from kiosk.ports.record import EncounterUpdate, KnownEncounter
from kiosk.record.contents import patient_ids, read_bundle
from kiosk.record.encounters import known_encounters
from kiosk.record.folder_files import stamp_of
from kiosk.record.folder_index import FolderIndex, Progress
from kiosk.record.folder_write import change_resource
from kiosk.record.mapping import has_identifier, to_appointment, to_patient
from kiosk.record.resources import Resource, ResourceSet, span_of, text
from kiosk.record.summary import to_summary
from kiosk.record.writing import encounter_id, new_encounter, with_state, with_status, withdrawn


class FolderRecord:
    """Port `PatientRecord` over ``*.json`` bundles in a folder and its sub-folders, one level deep.

    Args:
        folder: on a local disk; a file holds one patient, or appointments of patients in other files.
        zone: the hospital's, for days.
        index: the SQLite file of the index; by default ``index.sqlite`` in the folder.
        timeout_seconds: after which a look-up is given up, when another program rewrote much of the folder.
    """

    def __init__(
        self, folder: Path, zone: ZoneInfo, index: Path | None = None, *, timeout_seconds: float = 4.0
    ) -> None:
        self._folder = folder
        self._zone = zone
        self._index = FolderIndex(folder, index or folder / "index.sqlite", timeout_seconds)

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def refresh(self, progress: Progress | None = None, *, rebuild: bool = False) -> None:
        """Bring the index up to date now, so that the first patient does not wait for it."""
        self._index.refresh(progress, rebuild=rebuild)

    def problems(self) -> int:
        """How many files are no readable bundle; they are left out."""
        return self._index.problems()

    def check(self) -> None:
        """Return if the folder can be read."""
        self._index.check()

    def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
        """Every patient with this identifier."""
        found = [
            patient
            for path, patient_id in self._index.with_identifier(identifier)
            for patient in map(to_patient, self._read(path).of_type("Patient"))
            if patient.id == patient_id
        ]
        return [patient for patient in found if has_identifier(patient, identifier)]

    def patient(self, patient_id: str) -> Patient:
        """One patient."""
        return to_patient(self._patient(patient_id)[1])

    def appointments(self, patient_id: str, day: date) -> Sequence[Appointment]:
        """The patient's appointments of that day."""
        start, end = span_of(day, self._zone)
        places = self._index.with_appointments(patient_id, start.timestamp(), end.timestamp())
        found = {
            appointment.id: appointment
            for path in {path for path, _ in places}
            for appointment in self._appointments(self._read(path), patient_id)
            if start <= appointment.start < end
        }
        return sorted(found.values(), key=lambda appointment: (appointment.start, appointment.id))

    def expected(self, day: date) -> frozenset[str]:
        """The ids of all patients with a booked appointment on that day."""
        start, end = span_of(day, self._zone)
        return self._index.expected(start.timestamp(), end.timestamp())

    def summary(self, patient_id: str) -> RecordSummary:
        """The ten-second view."""
        known, patient = self._patient(patient_id)
        return to_summary(known, patient, self._zone)

    def encounters_of(self, day: date) -> Sequence[KnownEncounter]:
        """Those of check-ins that arrived on that day."""
        files = self._index.of_kind("Encounter")
        return [one for path in files for one in known_encounters(self._read(path), day, self._zone)]

    def put_encounter(self, update: EncounterUpdate) -> None:
        """Create the Encounter in the patient's file, or bring it to this state."""
        own_id = encounter_id(update.check_in_id)
        places = self._index.with_resource("Encounter", own_id)
        places = places or self._index.with_resource("Patient", update.patient_id)

        def change(encounter: Resource | None) -> Resource:
            return with_state(encounter, update) if encounter else new_encounter(update) | {"id": own_id}

        change_resource(_only(places, "Patient"), "Encounter", own_id, change)

    def withdraw_encounter(self, check_in_id: str, patient_id: str) -> None:
        """Bring the Encounter in the patient's file to entered-in-error, if it is there."""
        own_id = encounter_id(check_in_id)
        places = self._index.with_resource("Encounter", own_id)

        def change(encounter: Resource | None) -> Resource:
            if encounter is None:
                raise NotFound("no such Encounter in the record")
            return withdrawn(encounter, patient_id)

        if places:
            change_resource(_only(places, "Encounter"), "Encounter", own_id, change)

    def set_appointment_status(self, appointment_id: str, status: str) -> None:
        """Bring the Appointment to this status."""

        def change(appointment: Resource | None) -> Resource:
            if appointment is None:
                raise NotFound("no such Appointment in the record")
            return with_status(appointment, status)

        places = self._index.with_resource("Appointment", appointment_id)
        change_resource(_only(places, "Appointment"), "Appointment", appointment_id, change)

    def _appointments(self, known: ResourceSet, patient_id: str) -> Iterator[Appointment]:
        for resource in known.of_type("Appointment"):
            appointment = to_appointment(resource, patient_id, self._zone)
            if appointment and patient_id in patient_ids(resource, known):
                yield appointment

    def _patient(self, patient_id: str) -> tuple[ResourceSet, Resource]:
        known = self._read(_only(self._index.with_resource("Patient", patient_id), "Patient"))
        found = [patient for patient in known.of_type("Patient") if text(patient.get("id")) == patient_id]
        if len(found) != 1:
            raise NotFound("no such patient in the record")
        return known, found[0]

    def _read(self, path: Path) -> ResourceSet:
        """All of a file; what another program wrote since it was indexed is seen by the next look-up."""
        try:
            self._index.was_read(path, stamp_of(path))
            return ResourceSet.of_bundle(read_bundle(path))
        except OSError as error:
            raise RecordUnreachable(f"a file of the record cannot be read: {error.strerror}") from error


def _only(places: Sequence[Path], what: str) -> Path:
    if not places:
        raise NotFound(f"no such {what} in the record")
    if len(places) > 1:
        raise RecordRefused(f"{len(places)} files of the record hold the same {what}")
    return places[0]
