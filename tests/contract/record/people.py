"""Invented patients and their resources, as FHIR R4."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from kiosk.model.identity import Identifier, IdentifierSystem

Resource = dict[str, Any]

NOI_TIET = "Location/noi-tiet"


def new_id(kind: str) -> str:
    return f"{kind}-{uuid4()}"


def number(digits: int) -> str:
    """Never the same again, so that tests may share a server."""
    return str(uuid4().int)[-digits:]


def citizen(value: str) -> Identifier:
    return Identifier(IdentifierSystem.CITIZEN_ID, value)


def insurance(value: str) -> Identifier:
    return Identifier(IdentifierSystem.INSURANCE, value)


def patient(*identifiers: Identifier, **fields: object) -> Resource:
    return {
        "resourceType": "Patient",
        "id": new_id("bn"),
        "identifier": [{"system": str(one.system), "value": one.value} for one in identifiers],
        "name": [{"use": "official", "family": "Nguyễn", "given": ["Thị", "Mẫu"]}],
        "birthDate": "1990-03-05",
        "gender": "female",
        **fields,
    }


def subject(of: Resource) -> Resource:
    return {"reference": f"Patient/{of['id']}"}


def concept(text: str, code: str | None = None, system: str = "http://snomed.info/sct") -> Resource:
    return {"text": text} | ({"coding": [{"system": system, "code": code}]} if code else {})


def appointment(of: Resource, start: datetime, **fields: object) -> Resource:
    return {
        "resourceType": "Appointment",
        "id": new_id("hen"),
        "status": "booked",
        "start": start.isoformat(),
        "end": start.isoformat(),
        "participant": [
            {"actor": subject(of), "status": "accepted"},
            {"actor": {"reference": NOI_TIET}, "status": "accepted"},
        ],
        **fields,
    }


def clinical_status(code: str, of: str = "condition") -> Resource:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{of}-clinical", "code": code}]}


def allergy(of: Resource, code: Resource, **fields: object) -> Resource:
    return {
        "resourceType": "AllergyIntolerance",
        "id": new_id("du"),
        "patient": subject(of),
        "clinicalStatus": clinical_status("active", "allergyintolerance"),
        "code": code,
        **fields,
    }


def condition(of: Resource, code: Resource, **fields: object) -> Resource:
    return {
        "resourceType": "Condition",
        "id": new_id("benh"),
        "subject": subject(of),
        "clinicalStatus": clinical_status("active"),
        "code": code,
        **fields,
    }


def medication_statement(of: Resource, **fields: object) -> Resource:
    return {
        "resourceType": "MedicationStatement",
        "id": new_id("thuoc"),
        "subject": subject(of),
        "status": "active",
        **fields,
    }


def laboratory(of: Resource, name: str, value: float, at: str, **fields: object) -> Resource:
    category = concept("Xét nghiệm", "laboratory", "http://terminology.hl7.org/CodeSystem/observation-category")
    return {
        "resourceType": "Observation",
        "id": new_id("xn"),
        "subject": subject(of),
        "status": "final",
        "category": [category],
        "code": concept(name),
        "effectiveDateTime": at,
        "valueQuantity": {"value": value, "unit": "mmol/L"},
        **fields,
    }


def encounter(of: Resource, start: str, **fields: object) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": new_id("kham"),
        "subject": subject(of),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "period": {"start": start},
        **fields,
    }
