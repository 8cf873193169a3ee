"""MedicationStatement and MedicationRequest as one list of what is taken."""

from datetime import tzinfo

from kiosk.model.summary import Medicine
from kiosk.record.laboratory import number_of
from kiosk.record.resources import (
    UNNAMED,
    Resource,
    ResourceSet,
    child,
    concept_text,
    day_text,
    first_text,
    items,
    text,
)

_NOT_TAKEN = frozenset(
    {"completed", "entered-in-error", "stopped", "cancelled", "draft", "intended", "on-hold", "not-taken"}
)
_NOT_ORDERED = frozenset({"proposal", "plan", "option"})


def medication(known: ResourceSet, resource: Resource) -> Resource:
    """The CodeableConcept of the medicine: given directly, or of the Medication referred to."""
    target = known.resolve(resource.get("medicationReference"), resource)
    return child(resource, "medicationCodeableConcept") or child(target, "code")


def to_medicine(known: ResourceSet, resource: Resource, zone: tzinfo) -> Medicine | None:
    """A medicine that is taken now; None when the resource says that it is not."""
    is_over = text(resource.get("status")) in _NOT_TAKEN or text(resource.get("intent")) in _NOT_ORDERED
    if is_over or resource.get("doNotPerform") is True:
        return None
    referred = child(resource, "medicationReference")
    doses = [*items(resource.get("dosage")), *items(resource.get("dosageInstruction"))]
    told = [dosage for dosage in map(_dosage, doses) if dosage]
    since = (
        resource.get("effectiveDateTime"),
        child(resource, "effectivePeriod").get("start"),
        resource.get("authoredOn"),
    )
    return Medicine(
        name=first_text(concept_text(medication(known, resource)), referred.get("display")) or UNNAMED,
        dosage="; ".join(dict.fromkeys(told)) or None,
        since=next((day for day in (day_text(value, zone) for value in since) if day), None),
    )


def _dosage(dosage: Resource) -> str | None:
    """The dosage as it is written, else dose and rhythm."""
    repeat = child(dosage, "timing", "repeat")
    frequency, period = number_of(repeat.get("frequency")), number_of(repeat.get("period"))
    rhythm = (
        f"{frequency:g} × / {period:g} {first_text(repeat.get('periodUnit')) or ''}" if frequency and period else None
    )
    doses = (child(rate, "doseQuantity") for rate in items(dosage.get("doseAndRate")))
    amounts = [
        f"{amount:g} {first_text(dose.get('unit')) or ''}".strip()
        for dose in doses
        if (amount := number_of(dose.get("value")))
    ]
    composed = ", ".join(filter(None, (*amounts, concept_text(child(dosage, "timing").get("code")) or rhythm)))
    return first_text(dosage.get("text"), dosage.get("patientInstruction"), composed)
