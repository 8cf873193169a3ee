"""Build the invented hospital, read it again at a later start, and move its appointments to another day."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from kiosk.demo.hospital.bundles import HOSPITAL_FILE, bundle_path, write_bundle
from kiosk.demo.hospital.clinical import allergy_resources, condition_resources, medicine_resources
from kiosk.demo.hospital.health import Health, draw_health
from kiosk.demo.hospital.people import InventedAppointment, InventedPatient, draw_patient
from kiosk.demo.hospital.planted import PLANTED, planted_patients
from kiosk.demo.hospital.resources import (
    Resource,
    appointment_resource,
    appointment_times,
    coverage_resource,
    hospital_resources,
    patient_resource,
    reference,
)
from kiosk.demo.hospital.schedule import with_appointments
from kiosk.demo.hospital.tables import Tables, load_tables
from kiosk.demo.hospital.visit_resources import visit_resources
from kiosk.demo.hospital.visits import draw_visits
from kiosk.errors import ConfigurationError, NotFound
from kiosk.record.folder_write import change_resource
from kiosk.whole_files import write_whole

INDEX_FILE = "hospital.index"
"""Beside the bundles, and not one of them: JSON without the ending."""

Progress = Callable[[int, int], None]
"""Told how many patients are done, of how many."""


class Hospital(msgspec.Struct, frozen=True, kw_only=True):
    """The people of an invented hospital, as the bench needs them.

    Attributes:
        day: the date that counts as today.
        zone: IANA name of the hospital's time zone.
    """

    seed: int
    day: date
    zone: str
    patients: tuple[InventedPatient, ...]

    def patient(self, patient_id: str) -> InventedPatient:
        """One patient.

        Raises:
            NotFound: no such id.
        """
        for patient in self.patients:
            if patient.id == patient_id:
                return patient
        raise NotFound(f"no such invented patient: {patient_id}")

    def planted(self, key: str) -> InventedPatient:
        """The planted patient of this key of `PLANTED`."""
        return self.patient(PLANTED[key].id)


def build_hospital(
    folder: Path,
    *,
    seed: int,
    day: date,
    patients: int = 320,
    zone: str = "Asia/Ho_Chi_Minh",
    progress: Progress | None = None,
) -> Hospital:
    """Write the bundles of a hospital: the same seed and day give the same bytes.

    They are written beside `folder` and moved there whole, so that a half-built hospital is never found.

    Args:
        folder: does not exist yet, or is empty.
        seed: any number.
        day: the date that counts as today.
        patients: how many, the planted ones among them.
        zone: IANA name of the hospital's time zone.
        progress: told after each patient.

    Raises:
        ConfigurationError: the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigurationError(f"{folder} is not empty: an invented hospital needs a folder of its own")
    building = folder.with_name(f"{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    tables = load_tables()
    write_bundle(building / HOSPITAL_FILE, hospital_resources(tables))
    people = []
    for patient, resources in _records(tables, seed, day, patients, ZoneInfo(zone)):
        write_bundle(bundle_path(building, patient.id), resources)
        people.append(patient)
        if progress:
            progress(len(people), patients)
    hospital = Hospital(seed=seed, day=day, zone=zone, patients=tuple(people))
    (building / INDEX_FILE).write_bytes(msgspec.json.encode(hospital))
    building.replace(folder)
    return hospital


def load_hospital(folder: Path) -> Hospital | None:
    """The hospital that was built in this folder; None where there is none.

    Raises:
        ConfigurationError: its index cannot be read.
    """
    try:
        return msgspec.json.decode((folder / INDEX_FILE).read_bytes(), type=Hospital)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"cannot read {folder / INDEX_FILE}: {error}") from error


def move_to_day(folder: Path, day: date) -> Hospital:
    """Let `day` be today: moves the appointments and leaves everything else as it is.

    May be repeated after a crash: the index is written last, and times are set, not shifted.

    Raises:
        ConfigurationError: there is no hospital.
        RecordError, NotFound: a bundle cannot be changed, or has lost its Appointment.
    """
    hospital = load_hospital(folder)
    if hospital is None:
        raise ConfigurationError(f"there is no invented hospital in {folder}")
    if hospital.day == day:
        return hospital
    moved = msgspec.structs.replace(hospital, day=day)
    for patient in hospital.patients:
        for appointment in patient.appointments:
            _move(folder, patient, appointment, day, ZoneInfo(hospital.zone))
    write_whole(folder / INDEX_FILE, msgspec.json.encode(moved))
    return moved


def _move(folder: Path, patient: InventedPatient, appointment: InventedAppointment, day: date, zone: ZoneInfo) -> None:
    def moved(resource: Resource | None) -> Resource:
        if resource is None:
            raise NotFound(f"the record has no Appointment {appointment.id}")
        return resource | appointment_times(appointment, day, zone) | {"status": appointment.status}

    change_resource(bundle_path(folder, patient.id), "Appointment", appointment.id, moved)


def _records(
    tables: Tables, seed: int, day: date, count: int, zone: ZoneInfo
) -> Iterator[tuple[InventedPatient, list[Resource]]]:
    """Every patient with the record; each has a generator of its own, so that one does not disturb the next."""
    rows = list(PLANTED.values())
    for row, patient in zip(rows, planted_patients(day), strict=True):
        rng = random.Random(f"{seed}/{day}/{row.key}")
        health = draw_health(rng, tables, patient, day, row)
        yield patient, _resources(rng, tables, patient, health, day, zone)
    for number in range(1, count - len(rows) + 1):
        rng = random.Random(f"{seed}/{day}/{number}")
        patient = draw_patient(rng, tables, day, number)
        health = draw_health(rng, tables, patient, day, None)
        patient = with_appointments(rng, tables, patient, health.problems, patient.age_on(day))
        yield patient, _resources(rng, tables, patient, health, day, zone)


def _resources(
    rng: random.Random, tables: Tables, patient: InventedPatient, health: Health, day: date, zone: ZoneInfo
) -> list[Resource]:
    subject = reference(f"Patient/{patient.id}", patient.name)
    visits = draw_visits(rng, tables, patient, health, day, zone)
    resources = [patient_resource(patient)]
    if patient.insurance:
        resources.append(coverage_resource(patient, patient.insurance))
    resources += [appointment_resource(patient, row, tables, day, zone) for row in patient.appointments]
    resources += condition_resources(patient.id, subject, health)
    resources += allergy_resources(patient.id, subject, health)
    resources += medicine_resources(patient.id, subject, health, visits, tables)
    for number, visit in enumerate(visits, 1):
        resources += visit_resources(patient, number, subject, visit, tables)
    return resources
