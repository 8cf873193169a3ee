"""Patient and Appointment of FHIR R4, in the identifier systems of the Vietnamese core guide."""

import re
from collections.abc import Iterator
from datetime import tzinfo

from kiosk.errors import InputError
from kiosk.model.appointment import Appointment
from kiosk.model.identity import Identifier, IdentifierSystem, PartialDate, Patient, Sex
from kiosk.record.resources import (
    Resource,
    ResourceSet,
    child,
    concept_text,
    first_text,
    items,
    moment,
    text,
)

_INSURANCE_15 = re.compile(r"[A-Z]{2}[0-9]{13}")
_SYSTEMS = {str(system): system for system in IdentifierSystem}
_NAME_USES = ("official", "usual", None, "temp")
"""Best first; old, maiden and nick names and pseudonyms are not what a card says."""


def match_key(identifier: Identifier) -> str:
    """What two identifiers of one system must share to be the same.

    Of an insurance number, the last 10 digits: the 5 characters before are a benefit class, which changes.
    """
    value = "".join(identifier.value.split()).upper()
    is_insurance_15 = identifier.system is IdentifierSystem.INSURANCE and _INSURANCE_15.fullmatch(value)
    return value[-10:] if is_insurance_15 else value


def has_identifier(patient: Patient, identifier: Identifier) -> bool:
    """Whether the patient holds this identifier."""
    key = match_key(identifier)
    return any(own.system is identifier.system and match_key(own) == key for own in patient.identifiers)


def to_patient(resource: Resource) -> Patient:
    """A Patient; what the resource lacks stays empty, so that nothing agrees with it by chance."""
    return Patient(
        id=text(resource.get("id")) or "",
        name=_name(resource),
        birth_date=_birth_date(resource.get("birthDate")),
        sex=next((sex for sex in Sex if sex == resource.get("gender")), None),
        identifiers=tuple(_identifiers(resource)),
        active=resource.get("active") is not False and not _is_replaced(resource),
        deceased=resource.get("deceasedBoolean") is True or text(resource.get("deceasedDateTime")) is not None,
        multiple_birth=_is_multiple_birth(resource),
    )


def _is_replaced(resource: Resource) -> bool:
    return any(link.get("type") == "replaced-by" for link in items(resource.get("link")))


def _is_multiple_birth(resource: Resource) -> bool:
    """A twin, whether the record says so or counts the children of that birth."""
    number = resource.get("multipleBirthInteger")
    return resource.get("multipleBirthBoolean") is True or (isinstance(number, int) and number >= 1)


def _identifiers(resource: Resource) -> Iterator[Identifier]:
    for identifier in items(resource.get("identifier")):
        system, value = _SYSTEMS.get(text(identifier.get("system")) or ""), text(identifier.get("value"))
        if system and value:
            yield Identifier(system, value)


def _birth_date(value: object) -> PartialDate | None:
    try:
        return PartialDate.from_iso(value) if isinstance(value, str) else None
    except InputError:
        return None


def _name(resource: Resource) -> str:
    names = items(resource.get("name"))
    for use in _NAME_USES:
        for name in names:
            written = _written(name)
            if name.get("use") == use and written:
                return written
    return ""


def _written(name: Resource) -> str | None:
    """The name's text, else family before given: the Vietnamese order."""
    given = name.get("given")
    parts = [name.get("family"), *(given if isinstance(given, list) else [given])]
    return text(name.get("text")) or text(" ".join(part for part in parts if isinstance(part, str)))


def actors(appointment: Resource) -> list[str]:
    """The references of an Appointment's participants, as written."""
    found = (text(child(part, "actor").get("reference")) for part in items(appointment.get("participant")))
    return [actor for actor in found if actor]


def to_appointment(resource: Resource, patient_id: str, zone: tzinfo) -> Appointment | None:
    """An Appointment of that patient; None without an id or a start."""
    own_id, start = text(resource.get("id")), moment(resource.get("start"), zone)
    if own_id is None or start is None:
        return None
    return Appointment(
        id=own_id,
        patient_id=patient_id,
        start=start,
        places=tuple(actor for actor in actors(resource) if "Patient/" not in actor),
        status=text(resource.get("status")) or "",
        reason=reason(resource) or first_text(resource.get("description"), resource.get("comment")),
    )


def reason(resource: Resource, known: ResourceSet | None = None) -> str | None:
    """Why: the reason codes, else the conditions referred to."""
    told = [concept_text(concept) for concept in items(resource.get("reasonCode"))]
    for reference in items(resource.get("reasonReference")):
        target = known.resolve(reference, resource) if known else None
        told.append(first_text(concept_text(child(target, "code")), reference.get("display")))
    return "; ".join(dict.fromkeys(word for word in told if word)) or None
