"""What was planned at an Encounter: a CarePlan, else a ServiceRequest, else a Composition's plan section."""

import html
import re
from collections.abc import Iterator

from kiosk.record.resources import Resource, ResourceSet, child, codes, concept_text, first_text, items, text

_PLAN_OF_CARE = "18776-5"
"""LOINC: plan of care note."""
_TAG = re.compile(r"<[^<>]*>")
_DEEPEST = 5
"""Sections within sections."""


def plan_of(known: ResourceSet, encounter: Resource, patient: Resource) -> str | None:
    """The plan of one Encounter, for the doctor; None when none is linked to it."""
    for kind, told in (("CarePlan", _care_plan), ("ServiceRequest", _service_request), ("Composition", _composition)):
        linked = [one for one in known.of_patient(kind, patient) if known.resolve(one.get("encounter")) is encounter]
        texts = [told(one) for one in linked if one.get("status") not in ("entered-in-error", "revoked")]
        plan = "; ".join(dict.fromkeys(word for word in texts if word))
        if plan:
            return plan
    return None


def _care_plan(resource: Resource) -> str | None:
    notes = [note.get("text") for note in items(resource.get("note"))]
    activities = [child(activity, "detail") for activity in items(resource.get("activity"))]
    doings = "; ".join(
        filter(None, (first_text(one.get("description"), concept_text(one.get("code"))) for one in activities))
    )
    return first_text(resource.get("description"), *notes, doings, resource.get("title"))


def _service_request(resource: Resource) -> str | None:
    notes = [note.get("text") for note in items(resource.get("note"))]
    return first_text(concept_text(resource.get("code")), resource.get("patientInstruction"), *notes)


def _composition(resource: Resource) -> str | None:
    return first_text(
        *(_plain(section) for section in sections(resource) if _PLAN_OF_CARE in codes(section.get("code")))
    )


def _plain(section: Resource) -> str | None:
    """A section's narrative without its mark-up."""
    written = text(child(section, "text").get("div"))
    return text(html.unescape(_TAG.sub(" ", written))) if written else None


def sections(composition: Resource, depth: int = _DEEPEST) -> Iterator[Resource]:
    """The sections of a Composition, and those within."""
    for section in items(composition.get("section")):
        yield section
        if depth:
            yield from sections(section, depth - 1)
