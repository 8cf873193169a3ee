"""FHIR R4 resources of problems, allergies and medicines."""

from collections.abc import Iterator
from datetime import timedelta

from kiosk.demo.hospital.health import Health, RecordedAllergy, TakenMedicine
from kiosk.demo.hospital.resources import Resource, coding, concept
from kiosk.demo.hospital.tables import Condition, Medicine, Passing, Tables
from kiosk.demo.hospital.visits import Visit

ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ATC = "http://www.whocc.no/atc"
SNOMED = "http://snomed.info/sct"
ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def condition_id(patient_id: str, code: str) -> str:
    """The id of a patient's Condition."""
    return f"{patient_id}-{code.replace('.', '-').lower()}"


def condition_resources(patient_id: str, subject: dict[str, str], health: Health) -> Iterator[Resource]:
    """Active and passed problems; one that says there are none, where everything was asked."""
    for problem in health.problems:
        yield _condition(patient_id, subject, problem.condition, "active", {"onsetDateTime": problem.since.isoformat()})
    for past in health.past:
        ended = (past.on + timedelta(days=14)).isoformat()
        times = {"onsetDateTime": past.on.isoformat(), "abatementDateTime": ended}
        yield _condition(patient_id, subject, past.passing, "resolved", times)
    if not health.problems and health.allergies == ():
        yield {
            "resourceType": "Condition",
            "id": f"{patient_id}-khong-benh",
            "clinicalStatus": _status("condition-clinical", "active"),
            "code": concept("Không ghi nhận bệnh mạn tính", coding(ABSENT, "no-known-problems")),
            "subject": subject,
        }


def _condition(
    patient_id: str,
    subject: dict[str, str],
    row: Condition | Passing,
    status: str,
    times: dict[str, str],
) -> Resource:
    return {
        "resourceType": "Condition",
        "id": condition_id(patient_id, row.code),
        "clinicalStatus": _status("condition-clinical", status),
        "verificationStatus": _status("condition-ver-status", "confirmed"),
        "category": [concept("Bệnh đang theo dõi", coding(f"{TERMINOLOGY}/condition-category", "problem-list-item"))],
        "code": concept(row.name, coding(ICD_10, row.code, row.en)),
        "subject": subject,
        **times,
    }


def _status(system: str, code: str) -> Resource:
    return {"coding": [coding(f"{TERMINOLOGY}/{system}", code)]}


def allergy_resources(patient_id: str, subject: dict[str, str], health: Health) -> Iterator[Resource]:
    """None at all when nobody asked; one that denies when somebody did."""
    if health.allergies == ():
        yield {
            "resourceType": "AllergyIntolerance",
            "id": f"{patient_id}-khong-di-ung",
            "clinicalStatus": _status("allergyintolerance-clinical", "active"),
            "verificationStatus": _status("allergyintolerance-verification", "confirmed"),
            "code": concept(
                "Không có dị ứng đã biết",
                coding(SNOMED, "716186003", "No known allergy"),
                coding(ABSENT, "no-known-allergies"),
            ),
            "patient": subject,
        }
    for number, allergy in enumerate(health.allergies or (), 1):
        yield _allergy(f"{patient_id}-di-ung-{number}", subject, allergy)


def _allergy(resource_id: str, subject: dict[str, str], allergy: RecordedAllergy) -> Resource:
    kind = allergy.kind
    return {
        "resourceType": "AllergyIntolerance",
        "id": resource_id,
        "clinicalStatus": _status("allergyintolerance-clinical", "active"),
        "verificationStatus": _status("allergyintolerance-verification", "confirmed"),
        "type": "allergy",
        "category": [kind.category],
        "criticality": "high" if allergy.severe else "low",
        "code": concept(kind.substance, *([coding(ATC, kind.atc)] if kind.atc else [])),
        "patient": subject,
        "recordedDate": allergy.recorded_on.isoformat(),
        "reaction": [
            {"manifestation": [concept(allergy.reaction)], "severity": "severe" if allergy.severe else "mild"}
        ],
    }


def medicine_resources(
    patient_id: str, subject: dict[str, str], health: Health, visits: list[Visit], tables: Tables
) -> Iterator[Resource]:
    """What is taken: prescribed here, or told by the patient."""
    for number, taken in enumerate(health.medicines, 1):
        build = _prescription if taken.prescribed and visits else _statement
        yield build(f"{patient_id}-thuoc-{number}", subject, taken, tables.medicines[taken.key], visits)
    if not health.medicines and health.allergies == ():
        yield {
            "resourceType": "MedicationStatement",
            "id": f"{patient_id}-khong-thuoc",
            "status": "active",
            "medicationCodeableConcept": concept(
                "Không dùng thuốc thường xuyên", coding(ABSENT, "no-known-medications")
            ),
            "subject": subject,
        }


def _medicine_concept(medicine: Medicine) -> Resource:
    return concept(medicine.name, coding(ATC, medicine.atc))


def _prescription(
    resource_id: str,
    subject: dict[str, str],
    taken: TakenMedicine,
    medicine: Medicine,
    visits: list[Visit],
) -> Resource:
    authored = max(taken.since.isoformat(), visits[0].start.date().isoformat())
    return {
        "resourceType": "MedicationRequest",
        "id": resource_id,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _medicine_concept(medicine),
        "subject": subject,
        "authoredOn": authored,
        "dosageInstruction": [{"text": medicine.dosage}],
    }


def _statement(
    resource_id: str,
    subject: dict[str, str],
    taken: TakenMedicine,
    medicine: Medicine,
    _visits: list[Visit],
) -> Resource:
    return {
        "resourceType": "MedicationStatement",
        "id": resource_id,
        "status": "active",
        "medicationCodeableConcept": _medicine_concept(medicine),
        "subject": subject,
        "effectivePeriod": {"start": taken.since.isoformat()},
        "dosage": [{"text": medicine.dosage}],
    }
