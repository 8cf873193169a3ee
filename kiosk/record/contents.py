"""What a file of the folder holds, as far as it can be looked up: nothing here leaves the host."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from kiosk.errors import RecordRefused
from kiosk.record.mapping import actors, match_key, to_patient
from kiosk.record.resources import Resource, ResourceSet, decode, items, moment, text
from kiosk.record.writing import CHECK_IN_SYSTEM

MAX_BYTES = 64 * 1024 * 1024
"""A larger file is no patient's bundle."""


@dataclass(frozen=True, slots=True)
class IndexedAppointment:
    """`start` in seconds since 1970, UTC."""

    patient_id: str
    id: str
    start: float
    status: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What to index of one bundle.

    Attributes:
        identifiers: system, match key and patient id.
        resources: type and id of each Patient, each Appointment and each Encounter that kiosk made.
    """

    identifiers: tuple[tuple[str, str, str], ...]
    resources: tuple[tuple[str, str], ...]
    appointments: tuple[IndexedAppointment, ...]


def read_bundle(path: Path) -> Resource:
    """A bundle of the folder.

    Raises:
        RecordRefused: not a Bundle in JSON, or too large.
        OSError: cannot be read.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise RecordRefused("a file of the record folder is too large")
        bundle = decode(file.read())
    if bundle.get("resourceType") != "Bundle":
        raise RecordRefused("a file of the record folder is not a Bundle")
    return bundle


def contents_of(bundle: Resource) -> Contents:
    """What to index of this bundle."""
    known = ResourceSet.of_bundle(bundle)
    patients = [patient for patient in map(to_patient, known.of_type("Patient")) if patient.id]
    return Contents(
        identifiers=tuple(
            (str(own.system), match_key(own), patient.id) for patient in patients for own in patient.identifiers
        ),
        resources=(
            *(("Patient", patient.id) for patient in patients),
            *(("Appointment", own_id) for own_id in map(_id, known.of_type("Appointment")) if own_id),
            *(("Encounter", own_id) for own_id in map(_id, filter(_is_check_in, known.of_type("Encounter"))) if own_id),
        ),
        appointments=tuple(_appointments(known)),
    )


def _is_check_in(encounter: Resource) -> bool:
    return any(own.get("system") == CHECK_IN_SYSTEM for own in items(encounter.get("identifier")))


def _id(resource: Resource) -> str | None:
    return text(resource.get("id"))


def patient_ids(appointment: Resource, known: ResourceSet) -> set[str]:
    """The patients whose appointment this is."""
    found = set()
    for reference in actors(appointment):
        target = known.resolve({"reference": reference})
        kind, _, tail = reference.rpartition("/")
        if target is not None and target.get("resourceType") == "Patient":
            found.add(_id(target) or "")
        elif kind == "Patient":
            found.add(tail)
    return found - {""}


def _appointments(known: ResourceSet) -> Iterator[IndexedAppointment]:
    for appointment in known.of_type("Appointment"):
        own_id, start = _id(appointment), moment(appointment.get("start"), UTC)
        status = text(appointment.get("status")) or ""
        if own_id and start:
            for patient_id in patient_ids(appointment, known):
                yield IndexedAppointment(patient_id, own_id, start.timestamp(), status)
