"""The hospital's record on a FHIR R4 server.

A server may ignore a search parameter that it does not know and answer with everybody's resources (FHIR R4 3.1.1.3.1).
So whatever comes back is compared with what was asked for, and left out where it does not fit.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from kiosk.errors import NotFound, RecordConflict, RecordRefused, RecordUnreachable
from kiosk.model.appointment import Appointment
from kiosk.model.identity import Identifier, Patient
from kiosk.model.summary import RecordSummary
from kiosk.ports.record import EncounterUpdate, KnownEncounter
from kiosk.record.client import FhirClient, Found, Parameters
from kiosk.record.contents import patient_ids
from kiosk.record.encounters import encounters_of_day
from kiosk.record.expected import KeptDays, booked_patients
from kiosk.record.mapping import has_identifier, match_key, to_appointment, to_patient
from kiosk.record.resources import Resource, ResourceSet, child, moment, span_of, text, utc_text
from kiosk.record.summary import to_summary
from kiosk.record.writing import (
    CHECK_IN_SYSTEM,
    WITHDRAWN,
    is_of_check_in,
    new_encounter,
    with_state,
    with_status,
    withdrawn,
)

_MATCHES = 50
"""More patients of one number, or appointments of one day, mean that the server did not understand the search."""
_LIMIT = 2000
"""Resources of one kind in a summary."""
_AT_ONCE = 4
_MEDICATION = re.compile(r"Medication/[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class _Part:
    """One search of a summary.

    Attributes:
        newest: may be cut off at the limit, being sorted newest first; otherwise all are needed.
        optional: for the plans only: what a server does not give is left out.
    """

    kind: str
    parameters: dict[str, str]
    newest: bool = False
    optional: bool = False


_PARTS = (
    _Part("AllergyIntolerance", {}),
    _Part("Condition", {}),
    _Part("MedicationStatement", {"_include": "MedicationStatement:medication"}),
    _Part("MedicationRequest", {"_include": "MedicationRequest:medication"}),
    _Part("Observation", {"category": "laboratory", "_sort": "-date"}, newest=True),
    _Part("Encounter", {"status": "finished", "_sort": "-date", "_include": "Encounter:location"}, newest=True),
    _Part("CarePlan", {"_sort": "-date"}, newest=True, optional=True),
    _Part("ServiceRequest", {"_sort": "-authored"}, newest=True, optional=True),
    _Part("Composition", {"_sort": "-date"}, newest=True, optional=True),
)


class FhirRecord:
    """Port `PatientRecord` over any FHIR R4 server.

    Of an insurance number, a server can be asked for the two forms that are known: the one given, and its last 10
    digits. A record that keeps only 15 characters is not found by the 10 of a new card.

    Args:
        base_url: of the server.
        zone: the hospital's, for days.
        token: bearer token, where the server wants one.
        ca: certificates to trust instead of the system's.
        timeout_seconds: for one request with its repeats.
    """

    def __init__(
        self,
        base_url: str,
        *,
        zone: ZoneInfo,
        token: str | None = None,
        ca: Path | None = None,
        timeout_seconds: float = 4.0,
    ) -> None:
        self._client = FhirClient(base_url, token=token, ca=ca, timeout_seconds=timeout_seconds)
        self._zone = zone
        self._expected = KeptDays(lambda day: booked_patients(self._client, day, zone))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def check(self) -> None:
        """Return if the record answers a search for nobody."""
        self._search("Patient", {"_id": "kiosk-check"})

    def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
        """Every patient with this identifier."""
        values = dict.fromkeys((identifier.value, match_key(identifier)))
        asked = ",".join(f"{identifier.system}|{_escaped(value)}" for value in values)
        known = self._search("Patient", {"identifier": asked})
        patients = {patient.id: patient for patient in map(to_patient, known.of_type("Patient")) if patient.id}
        return [patient for patient in patients.values() if has_identifier(patient, identifier)]

    def patient(self, patient_id: str) -> Patient:
        """One patient."""
        return to_patient(self._client.read("Patient", patient_id))

    def appointments(self, patient_id: str, day: date) -> Sequence[Appointment]:
        """The patient's appointments of that day."""
        start, end = span_of(day, self._zone)
        dates = [f"ge{utc_text(start)}", f"lt{utc_text(end)}"]
        known = self._search("Appointment", {"patient": f"Patient/{patient_id}", "date": dates}, patient_id)
        found = {
            appointment.id: appointment
            for resource in known.of_type("Appointment")
            if patient_id in patient_ids(resource, known)
            and (appointment := to_appointment(resource, patient_id, self._zone))
            and start <= appointment.start < end
        }
        return sorted(found.values(), key=lambda appointment: (appointment.start, appointment.id))

    def expected(self, day: date) -> frozenset[str]:
        """The ids of all patients with a booked appointment on that day, as of at most 5 minutes ago."""
        return self._expected.of(day)

    def summary(self, patient_id: str) -> RecordSummary:
        """The ten-second view."""
        patient = self._client.read("Patient", patient_id)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            parts = list(pool.map(lambda part: self._part(part, patient_id), _PARTS))
        found = [(self._client.url_of("Patient", patient_id), patient), *(entry for part in parts for entry in part)]
        known = ResourceSet([*found, *self._medications(ResourceSet(found))])
        return to_summary(known, patient, self._zone)

    def encounters_of(self, day: date) -> Sequence[KnownEncounter]:
        """Those of check-ins that arrived on that day."""
        return encounters_of_day(self._client, day, self._zone)

    def put_encounter(self, update: EncounterUpdate) -> None:
        """Create the Encounter, or bring it to this state.

        A new one is not searched for first: it is created only unless one is there (FHIR R4 3.1.0.8.1), and the search
        that follows finds what a server made that does not keep to this.
        """
        encounter = (None if update.is_new else self._encounter(update)) or self._created(update)
        self._update(encounter, with_state(encounter, update))

    def withdraw_encounter(self, check_in_id: str, patient_id: str) -> None:
        """Bring every Encounter of this check-in to entered-in-error."""
        for encounter in self._encounters(check_in_id):
            self._update(encounter, withdrawn(encounter, patient_id))

    def set_appointment_status(self, appointment_id: str, status: str) -> None:
        """Bring the Appointment to this status."""
        appointment = self._client.read("Appointment", appointment_id)
        self._update(appointment, with_status(appointment, status))

    def _update(self, old: Resource, new: Resource) -> None:
        if new != old:
            self._client.update(str(old.get("resourceType")), str(old.get("id")), new)

    def _created(self, update: EncounterUpdate) -> Resource:
        wanted = quote(f"{CHECK_IN_SYSTEM}|{update.check_in_id}", safe=":|")
        made: Resource = {}
        with suppress(RecordConflict):  # several match by now: they are put in order below
            made = self._client.create("Encounter", new_encounter(update), f"identifier={wanted}")
        encounter = self._encounter(update) or made
        if not is_of_check_in(encounter, update.check_in_id):
            raise RecordUnreachable("the record does not show the Encounter that it made")
        return encounter

    def _encounter(self, update: EncounterUpdate) -> Resource | None:
        """The check-in's Encounter.

        Many servers search and create in two steps, so that two requests at one moment make two. The one with the first
        id stays, whoever looks; the others become entered-in-error.
        """
        own = self._encounters(update.check_in_id)
        for other in own[1:]:
            with_state(other, update)  # refuses another patient's
            with suppress(RecordConflict):  # somebody else is at it
                self._update(other, with_status(other, WITHDRAWN))
        return own[0] if own else None

    def _encounters(self, check_in_id: str) -> list[Resource]:
        """Those of a check-in that were not withdrawn, by id."""
        asked = f"{CHECK_IN_SYSTEM}|{_escaped(check_in_id)}"
        known = self._search("Encounter", {"identifier": asked}).of_type("Encounter")
        own = [one for one in known if is_of_check_in(one, check_in_id) and one.get("status") != WITHDRAWN]
        return sorted(own, key=lambda one: str(one.get("id")))

    def _search(self, kind: str, parameters: Parameters, patient_id: str | None = None) -> ResourceSet:
        """All matches, among them the patient as far as references need one."""
        try:
            found = self._client.search(kind, {"_count": str(_MATCHES), **parameters}, _MATCHES + 1)
        except NotFound as error:
            raise RecordRefused(f"the record has no search for {kind}") from error
        if not found.complete or len(found.entries) > _MATCHES:
            raise RecordRefused(f"the record did not understand a search for {kind}")
        patient = {"resourceType": "Patient", "id": patient_id}
        stand_in = [(self._client.url_of("Patient", patient_id), patient)] if patient_id else []
        return ResourceSet([*stand_in, *found.entries])

    def _part(self, part: _Part, patient_id: str) -> list[tuple[str | None, Resource]]:
        parameters = {"patient": f"Patient/{patient_id}", "_count": "200", **part.parameters}
        try:
            found = self._client.search(part.kind, parameters, _LIMIT)
        except NotFound:
            return []
        except RecordRefused:
            if part.optional:
                return []
            raise
        is_enough = found.complete or part.optional or (part.newest and _is_newest_first(found, part.kind, self._zone))
        if not is_enough:
            raise RecordRefused(f"the record holds more than {_LIMIT} resources of type {part.kind} of one patient")
        return found.entries

    def _medications(self, known: ResourceSet) -> list[tuple[str | None, Resource]]:
        """The Medications referred to, where the server did not include them."""
        kinds = ("MedicationStatement", "MedicationRequest")
        references = [one.get("medicationReference") for kind in kinds for one in known.of_type(kind)]
        missing = [text(child(one).get("reference")) for one in references if one and not known.resolve(one)]
        ids = dict.fromkeys(one.split("/")[1] for one in missing if one and _MEDICATION.fullmatch(one))
        try:
            return self._client.search("Medication", {"_id": ",".join(ids)}, _LIMIT).entries if ids else []
        except (NotFound, RecordRefused):
            return []


def _escaped(value: str) -> str:
    """A value as a search wants it (FHIR R4 3.1.1.4.4)."""
    return "".join(f"\\{char}" if char in "\\,|$" else char for char in value)


def _is_newest_first(found: Found, kind: str, zone: ZoneInfo) -> bool:
    """Whether what was cut off is older than all of this; a server may ignore the wish for an order."""
    dates = [
        moment(one.get("effectiveDateTime") or one.get("issued") or child(one, "period").get("start"), zone)
        for _, one in found.entries
        if one.get("resourceType") == kind
    ]
    known = [date for date in dates if date]
    return len(known) == len(dates) and known == sorted(known, reverse=True)
