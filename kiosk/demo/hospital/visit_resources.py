"""FHIR R4 resources of past encounters: what was found and what comes next."""

from collections.abc import Iterator
from datetime import timedelta

from kiosk.demo.hospital.clinical import ICD_10, TERMINOLOGY, condition_id
from kiosk.demo.hospital.laboratory import in_range
from kiosk.demo.hospital.people import InventedPatient
from kiosk.demo.hospital.resources import (
    HOSPITAL,
    Resource,
    coding,
    concept,
    doctor_reference,
    location_reference,
    reference,
)
from kiosk.demo.hospital.tables import Tables
from kiosk.demo.hospital.visits import Visit

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
MEANINGS = {"L": "Thấp", "N": "Bình thường", "H": "Cao"}


def visit_resources(
    patient: InventedPatient, number: int, subject: dict[str, str], visit: Visit, tables: Tables
) -> Iterator[Resource]:
    """The Encounter, the CarePlan that came of it and its laboratory results."""
    yield _encounter(patient.id, number, subject, visit, tables)
    if visit.plan:
        yield _plan(patient.id, number, subject, visit, tables)
    for key, value in visit.results.items():
        yield _observation(patient, number, visit, tables, (key, value))


def _encounter(patient_id: str, number: int, subject: dict[str, str], visit: Visit, tables: Tables) -> Resource:
    clinic = tables.clinic(visit.clinic_id)
    end = visit.start + timedelta(minutes=visit.minutes)
    resource: Resource = {
        "resourceType": "Encounter",
        "id": f"{patient_id}-kham-{number}",
        "status": "finished",
        "class": coding(f"{TERMINOLOGY}/v3-ActCode", "AMB", "ambulatory"),
        "subject": subject,
        "participant": [{"individual": doctor_reference(clinic, visit.doctor)}],
        "period": {"start": visit.start.isoformat(), "end": end.isoformat()},
        "location": [{"location": location_reference(clinic)}],
        "serviceProvider": reference(HOSPITAL),
    }
    if visit.code:
        resource["reasonCode"] = [concept(visit.reason, coding(ICD_10, visit.code))]
        about = reference(f"Condition/{condition_id(patient_id, visit.code)}", visit.reason)
        resource["diagnosis"] = [{"condition": about}]
    else:
        resource["reasonCode"] = [concept(visit.reason)]
    return resource


def _plan(patient_id: str, number: int, subject: dict[str, str], visit: Visit, tables: Tables) -> Resource:
    return {
        "resourceType": "CarePlan",
        "id": f"{patient_id}-ke-hoach-{number}",
        "status": "active",
        "intent": "plan",
        "title": "Kế hoạch sau khám",
        "description": visit.plan,
        "subject": subject,
        "encounter": reference(f"Encounter/{patient_id}-kham-{number}"),
        "created": visit.start.isoformat(),
        "author": doctor_reference(tables.clinic(visit.clinic_id), visit.doctor),
    }


def _observation(
    patient: InventedPatient, number: int, visit: Visit, tables: Tables, result: tuple[str, float]
) -> Resource:
    key, value = result
    test = tables.tests[key]
    meaning = in_range(tables, key, value, patient.sex)
    taken_at = (visit.start - timedelta(minutes=50)).isoformat()
    return {
        "resourceType": "Observation",
        "id": f"{patient.id}-{number}-{key}",
        "status": "final",
        "category": [{"coding": [coding(f"{TERMINOLOGY}/observation-category", "laboratory")]}],
        "code": concept(test.name, coding(LOINC, test.loinc)),
        "subject": reference(f"Patient/{patient.id}"),
        "encounter": reference(f"Encounter/{patient.id}-kham-{number}"),
        "effectiveDateTime": taken_at,
        "valueQuantity": _quantity(value, test.unit),
        "interpretation": [concept(MEANINGS[meaning], coding(f"{TERMINOLOGY}/v3-ObservationInterpretation", meaning))],
        "referenceRange": [_range(tables, key, patient)],
    }


def _range(tables: Tables, key: str, patient: InventedPatient) -> Resource:
    unit = tables.tests[key].unit
    low, high = tables.tests[key].reference(patient.sex)
    bounds: Resource = {}
    if low is not None:
        bounds["low"] = _quantity(low, unit)
    if high is not None:
        bounds["high"] = _quantity(high, unit)
    return bounds


SHOWN_UNITS = {
    "umol/L": "µmol/L",
    "mL/min/{1.73_m2}": "mL/phút/1,73 m²",
    "m[IU]/L": "mIU/L",
    "ug/L": "µg/L",
    "10*9/L": "G/L",
}
"""As laboratories print them, where UCUM writes otherwise."""


def _quantity(value: float, unit: str) -> Resource:
    number = int(value) if value == int(value) else value
    return {"value": number, "unit": SHOWN_UNITS.get(unit, unit), "system": UCUM, "code": unit}
