"""Reading the bundles of an invented hospital, and breaking their resources one by one."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

Resource = dict[str, Any]

DAY = date(2026, 11, 23)
SEED = 7


def bundle_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.json"))


def resources_in(path: Path) -> list[Resource]:
    return [entry["resource"] for entry in json.loads(path.read_text(encoding="utf-8"))["entry"]]


def resources_of(folder: Path, patient_id: str) -> list[Resource]:
    return resources_in(folder / patient_id[:2] / f"{patient_id}.json")


def of_type(resources: list[Resource], kind: str) -> list[Resource]:
    return [resource for resource in resources if resource["resourceType"] == kind]


def all_resources(folder: Path) -> Iterator[Resource]:
    for path in bundle_files(folder):
        yield from resources_in(path)


ABSENT = object()


@dataclass(frozen=True)
class PlantedError:
    """One wrong thing in a resource: a value that is not allowed, or `ABSENT` for one that must be there."""

    kind: str
    element: str
    value: object = ABSENT

    def in_resource(self, right: Resource) -> Resource:
        wrong = deepcopy(right)
        if self.value is ABSENT:
            del wrong[self.element]
        else:
            wrong[self.element] = self.value
        return wrong

    def __str__(self) -> str:
        return f"{self.kind}.{self.element}"


PLANTED_ERRORS = (
    PlantedError("Patient", "birthDate", "12/04/1968"),
    PlantedError("Patient", "ngaySinh", "1968-04-12"),
    PlantedError("Coverage", "payor"),
    PlantedError("Appointment", "start", "2026-11-23 08:00"),
    PlantedError("Appointment", "participant"),
    PlantedError("Condition", "subject"),
    PlantedError("Condition", "onsetDateTime", "năm 2019"),
    PlantedError("AllergyIntolerance", "patient"),
    PlantedError("MedicationRequest", "intent"),
    PlantedError("MedicationStatement", "medicationCodeableConcept"),
    PlantedError("Encounter", "class"),
    PlantedError("CarePlan", "subject"),
    PlantedError("Observation", "valueQuantity", {"value": "5,6", "unit": "%"}),
    PlantedError("Observation", "valueString", "a second value"),
    PlantedError("Organization", "active", "có"),
    PlantedError("Location", "name", ["Nội tiết"]),
    PlantedError("Practitioner", "birthDate", "1970-13-01"),
)
"""At least one for each type of resource; each is refused by the library and by the server."""

REQUIRED_CODES = {
    ("Patient", "gender"): {"male", "female", "other", "unknown"},
    ("Coverage", "status"): {"active", "cancelled", "draft", "entered-in-error"},
    ("Appointment", "status"): {
        "proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error",
        "checked-in", "waitlist",
    },
    ("AllergyIntolerance", "type"): {"allergy", "intolerance"},
    ("AllergyIntolerance", "category"): {"food", "medication", "environment", "biologic"},
    ("AllergyIntolerance", "criticality"): {"low", "high", "unable-to-assess"},
    ("MedicationRequest", "status"): {
        "active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown",
    },
    ("MedicationRequest", "intent"): {
        "proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option",
    },
    ("MedicationStatement", "status"): {
        "active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken",
    },
    ("Encounter", "status"): {
        "planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error",
        "unknown",
    },
    ("CarePlan", "status"): {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"},
    ("CarePlan", "intent"): {"proposal", "plan", "order", "option"},
    ("Observation", "status"): {
        "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown",
    },
    ("Location", "status"): {"active", "suspended", "inactive"},
    ("Location", "mode"): {"instance", "kind"},
}  # fmt: skip
"""FHIR R4's required value sets of what is written: neither the library nor the server looks at them."""


def wrong_codes(resource: Resource) -> list[str]:
    """The elements whose code is not of the required value set."""
    return [
        element
        for (kind, element), allowed in REQUIRED_CODES.items()
        if kind == resource["resourceType"] and element in resource
        if not allowed.issuperset([resource[element]] if isinstance(resource[element], str) else resource[element])
    ]
