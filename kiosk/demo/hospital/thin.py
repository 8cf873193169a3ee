"""Very many patients with little in their record, to measure with."""

import random
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from kiosk.demo.hospital.bundles import HOSPITAL_FILE, bundle_path, write_bundle
from kiosk.demo.hospital.people import InventedAppointment, InventedPatient, draw_patient
from kiosk.demo.hospital.resources import (
    appointment_resource,
    coverage_resource,
    hospital_resources,
    patient_resource,
)
from kiosk.demo.hospital.schedule import SLOTS
from kiosk.demo.hospital.tables import Tables, load_tables
from kiosk.errors import InputError

MOST = 100_000
"""Beyond this the invented numbers would repeat."""


def write_thin(
    folder: Path, count: int, *, seed: int, day: date, zone: str = "Asia/Ho_Chi_Minh"
) -> list[InventedPatient]:
    """Write bundles of a Patient, mostly a Coverage, and an Appointment on `day`: one file a patient.

    Raises:
        InputError: kind ``too_many``.
    """
    if count > MOST:
        raise InputError("too_many", "count", f"at most {MOST}")
    tables, there = load_tables(), ZoneInfo(zone)
    write_bundle(folder / HOSPITAL_FILE, hospital_resources(tables))
    rng = random.Random(f"{seed}/{day}/thin")
    people = []
    for number in range(count):
        patient = _expected(rng, tables, draw_patient(rng, tables, day, number))
        resources = [patient_resource(patient)]
        if patient.insurance:
            resources.append(coverage_resource(patient, patient.insurance))
        resources.append(appointment_resource(patient, patient.appointments[0], tables, day, there))
        write_bundle(bundle_path(folder, patient.id), resources)
        people.append(patient)
    return people


def _expected(rng: random.Random, tables: Tables, patient: InventedPatient) -> InventedPatient:
    clinic = rng.choice(tables.clinics.clinics)
    appointment = InventedAppointment(
        id=f"{patient.id}-hen-1", clinic_id=clinic.id, at=rng.choice(SLOTS), reason=clinic.reasons[0]
    )
    return msgspec.structs.replace(patient, appointments=(appointment,))
