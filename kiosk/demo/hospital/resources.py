"""FHIR R4 resources of who somebody is and when they are expected, and of the hospital itself."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo

from kiosk.demo.hospital.people import Insurance, InventedAppointment, InventedPatient
from kiosk.demo.hospital.tables import ClinicRow, Tables
from kiosk.model.identity import IdentifierSystem

Resource = dict[str, object]

BASE = "https://benhvien.example/fhir"
"""The invented server's address, for `fullUrl`."""

IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
PROVIDER_CODE = "http://fhir.ehealth.gov.vn/core/sid/provider-code"
HOSPITAL = "Organization/benh-vien"
INSURER = "Organization/bhxh"


def concept(text: str, *codings: Mapping[str, str]) -> Resource:
    """A CodeableConcept: what people read, and codes where there are any."""
    return {"coding": [dict(coding) for coding in codings], "text": text} if codings else {"text": text}


def coding(system: str, code: str, display: str | None = None) -> dict[str, str]:
    """A Coding."""
    return {"system": system, "code": code} | ({"display": display} if display else {})


def reference(target: str, display: str | None = None) -> dict[str, str]:
    """A Reference such as ``Patient/…``."""
    return {"reference": target} | ({"display": display} if display else {})


def patient_resource(patient: InventedPatient) -> Resource:
    """The Patient, with the identifiers of the Vietnamese core guide."""
    family, *given = patient.name.split()
    resource: Resource = {
        "resourceType": "Patient",
        "id": patient.id,
        "identifier": list(_identifiers(patient)),
        "active": patient.active,
        "name": [{"use": "official", "text": patient.name, "family": family, "given": given}],
        "telecom": [{"system": "phone", "value": patient.phone, "use": "mobile"}],
        "gender": patient.sex.value,
        "birthDate": str(patient.birth_date),
        "address": [{"use": "home", "text": patient.address, "city": patient.province, "country": "VN"}],
        "managingOrganization": reference(HOSPITAL),
    }
    if patient.deceased_on:
        resource["deceasedDateTime"] = patient.deceased_on.isoformat()
    if patient.birth_order:
        resource["multipleBirthInteger"] = patient.birth_order
    if patient.replaced_by:
        resource["link"] = [{"other": reference(f"Patient/{patient.replaced_by}"), "type": "replaced-by"}]
    return resource


def _identifiers(patient: InventedPatient) -> Iterator[Resource]:
    if patient.citizen_id:
        yield _identifier(IdentifierSystem.CITIZEN_ID, "NI", patient.citizen_id, "official")
    if patient.old_id:
        yield _identifier(IdentifierSystem.OLD_ID, "NI", patient.old_id, "old")
    if patient.insurance:
        yield _identifier(IdentifierSystem.INSURANCE, "SB", patient.insurance.recorded_number, "official")
    yield _identifier(IdentifierSystem.HOSPITAL_CODE, "PI", patient.hospital_code, "secondary")


def _identifier(system: IdentifierSystem, kind: str, value: str, use: str) -> Resource:
    return {"use": use, "type": {"coding": [coding(IDENTIFIER_TYPES, kind)]}, "system": system.value, "value": value}


def coverage_resource(patient: InventedPatient, insurance: Insurance) -> Resource:
    """The health insurance as Coverage."""
    period = {"start": insurance.valid_from.isoformat()}
    if insurance.valid_to:
        period["end"] = insurance.valid_to.isoformat()
    return {
        "resourceType": "Coverage",
        "id": f"{patient.id}-bhyt",
        "identifier": [{"system": IdentifierSystem.INSURANCE.value, "value": insurance.recorded_number}],
        "status": "active",
        "type": concept("Bảo hiểm y tế", coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "PUBLICPOL")),
        "subscriberId": insurance.recorded_number,
        "beneficiary": reference(f"Patient/{patient.id}", patient.name),
        "relationship": concept(
            "Bản thân", coding("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self")
        ),
        "period": period,
        "payor": [reference(INSURER, "Bảo hiểm xã hội Việt Nam")],
    }


def appointment_start(appointment: InventedAppointment, day: date, zone: tzinfo) -> datetime:
    """When it begins, if the hospital's day is `day`."""
    return datetime.combine(day + timedelta(days=appointment.days), appointment.at, zone)


def appointment_times(appointment: InventedAppointment, day: date, zone: tzinfo) -> dict[str, str]:
    """`start` and `end` as FHIR instants."""
    start = appointment_start(appointment, day, zone)
    return {"start": start.isoformat(), "end": (start + timedelta(minutes=15)).isoformat()}


def appointment_resource(
    patient: InventedPatient, appointment: InventedAppointment, tables: Tables, day: date, zone: tzinfo
) -> Resource:
    """An Appointment at a clinic with one of its doctors."""
    clinic = tables.clinic(appointment.clinic_id)
    participants = [
        reference(f"Patient/{patient.id}", patient.name),
        location_reference(clinic),
        doctor_reference(clinic, appointment.at.minute // 15),
    ]
    return {
        "resourceType": "Appointment",
        "id": appointment.id,
        "status": appointment.status,
        "serviceType": [concept(clinic.name)],
        "reasonCode": [concept(appointment.reason)],
        **appointment_times(appointment, day, zone),
        "minutesDuration": 15,
        "participant": [{"actor": actor, "required": "required", "status": "accepted"} for actor in participants],
    }


def location_reference(clinic: ClinicRow) -> dict[str, str]:
    """A clinic as appointments and encounters name it."""
    return reference(f"Location/{clinic.id}", f"{clinic.name} ({clinic.room})")


def doctor_reference(clinic: ClinicRow, which: int) -> dict[str, str]:
    """One of a clinic's doctors."""
    number = which % len(clinic.doctors)
    return reference(f"Practitioner/bs-{clinic.id}-{number + 1}", f"BS. {clinic.doctors[number]}")


def hospital_resources(tables: Tables) -> list[Resource]:
    """The hospital, the insurer, the clinics and their doctors."""
    hospital = tables.clinics.hospital
    code = hospital.facility.replace(" - ", "")
    resources: list[Resource] = [
        {
            "resourceType": "Organization",
            "id": HOSPITAL.split("/")[1],
            "identifier": [{"system": PROVIDER_CODE, "value": code}],
            "active": True,
            "name": hospital.name,
            "alias": [hospital.name_en],
        },
        {
            "resourceType": "Organization",
            "id": INSURER.split("/")[1],
            "active": True,
            "name": "Bảo hiểm xã hội Việt Nam",
        },
    ]
    for clinic in tables.clinics.clinics:
        resources += [_location(clinic), *_practitioners(clinic)]
    return resources


def _location(clinic: ClinicRow) -> Resource:
    return {
        "resourceType": "Location",
        "id": clinic.id,
        "status": "active",
        "name": clinic.name,
        "alias": [clinic.name_en, clinic.room],
        "mode": "instance",
        "managingOrganization": reference(HOSPITAL),
    }


def _practitioners(clinic: ClinicRow) -> Iterator[Resource]:
    for number, name in enumerate(clinic.doctors, 1):
        family, *given = name.split()
        yield {
            "resourceType": "Practitioner",
            "id": f"bs-{clinic.id}-{number}",
            "active": True,
            "name": [{"text": name, "family": family, "given": given, "prefix": ["BS."]}],
        }
