"""The doctor's ten-second view, drawn from a patient's FHIR R4 resources.

Only what says that it is over, or wrong, is left out: a status that a vendor coded in its own way is shown.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import tzinfo
from typing import TypeVar

from kiosk.model.summary import Allergy, PastEncounter, Problem, Recorded, RecordSummary
from kiosk.record.laboratory import to_series
from kiosk.record.mapping import reason, to_patient
from kiosk.record.medicines import medication, to_medicine
from kiosk.record.plans import plan_of, sections
from kiosk.record.resources import (
    UNNAMED,
    Resource,
    ResourceSet,
    child,
    codes,
    concept_text,
    day_text,
    first_text,
    items,
    text,
)

_Item = TypeVar("_Item", bound=Hashable)
_ENCOUNTERS = 20


@dataclass(frozen=True, slots=True)
class _Section:
    """A list of the summary.

    Attributes:
        none_known: codes of SNOMED CT and of the International Patient Summary for "asked and denied". "No known drug
            allergy" and the like say less and are not among them: they are shown as they are written.
        section: LOINC code of a Composition's section, whose emptyReason may deny too.
    """

    kinds: tuple[str, ...]
    none_known: frozenset[str]
    section: str


_ALLERGIES = _Section(("AllergyIntolerance",), frozenset({"716186003", "no-known-allergies"}), "48765-2")
_PROBLEMS = _Section(("Condition",), frozenset({"160245001", "no-known-problems"}), "11450-4")
_MEDICINES = _Section(
    ("MedicationStatement", "MedicationRequest"), frozenset({"787481004", "no-known-medications"}), "10160-0"
)
_NO_INFORMATION = frozenset({"no-allergy-info", "no-problem-info", "no-medication-info"})


def to_summary(known: ResourceSet, patient: Resource, zone: tzinfo) -> RecordSummary:
    """All that is known of this patient in these resources; what is another's is left out.

    Args:
        known: holds `patient` itself.
        patient: the Patient.
        zone: of the hospital, for days.
    """
    allergies, allergies_recorded = _drawn(known, patient, _ALLERGIES, lambda one: _allergy(one, zone))
    problems, problems_recorded = _drawn(known, patient, _PROBLEMS, lambda one: _problem(one, zone))
    medicines, medicines_recorded = _drawn(known, patient, _MEDICINES, lambda one: to_medicine(known, one, zone))
    return RecordSummary(
        patient=to_patient(patient),
        allergies=tuple(sorted(allergies, key=lambda one: one.recorded_on or "", reverse=True)),
        allergies_recorded=allergies_recorded,
        problems=tuple(sorted(problems, key=lambda one: one.since or "", reverse=True)),
        problems_recorded=problems_recorded,
        medicines=tuple(sorted(medicines, key=lambda one: one.since or "", reverse=True)),
        medicines_recorded=medicines_recorded,
        laboratory=to_series(known.of_patient("Observation", patient), zone),
        encounters=_encounters(known, patient, zone),
    )


def _drawn(
    known: ResourceSet, patient: Resource, section: _Section, draw: Callable[[Resource], _Item | None]
) -> tuple[list[_Item], Recorded]:
    """The items of a section without repeats, and whether there are any, none, or nobody asked."""
    drawn: dict[_Item, None] = {}
    denied = _is_declared_empty(known, patient, section)
    for resource in (one for kind in section.kinds for one in known.of_patient(kind, patient)):
        said = codes(resource.get("code")) | codes(medication(known, resource))
        item = draw(resource)
        if said & section.none_known:
            denied = denied or item is not None
        elif item is not None and not said & _NO_INFORMATION:
            drawn[item] = None
    if drawn:
        return list(drawn), Recorded.ITEMS
    return [], Recorded.NONE_KNOWN if denied else Recorded.NOT_RECORDED


def _is_declared_empty(known: ResourceSet, patient: Resource, section: _Section) -> bool:
    return any(
        section.section in codes(one.get("code")) and "nilknown" in codes(one.get("emptyReason"))
        for composition in known.of_patient("Composition", patient)
        for one in sections(composition)
    )


def _says(resource: Resource, *over: str) -> bool:
    """Whether one of the resource's two status concepts is one of these."""
    concepts = (resource.get("clinicalStatus"), resource.get("verificationStatus"))
    said = {word.lower() for concept in concepts for word in codes(concept) or {concept_text(concept) or ""}}
    return bool(said & set(over))


def _allergy(resource: Resource, zone: tzinfo) -> Allergy | None:
    if _says(resource, "inactive", "resolved", "refuted", "entered-in-error"):
        return None
    reactions = items(resource.get("reaction"))
    shown = [concept_text(one) for reaction in reactions for one in items(reaction.get("manifestation"))]
    substances = (concept_text(reaction.get("substance")) for reaction in reactions)
    return Allergy(
        substance=first_text(concept_text(resource.get("code")), *substances) or UNNAMED,
        reaction="; ".join(dict.fromkeys(word for word in shown if word)) or None,
        severe=resource.get("criticality") == "high" or any(one.get("severity") == "severe" for one in reactions),
        recorded_on=_first_day(resource, zone, "recordedDate", "onsetDateTime", "lastOccurrence"),
    )


def _problem(resource: Resource, zone: tzinfo) -> Problem | None:
    if _says(resource, "inactive", "remission", "resolved", "refuted", "entered-in-error"):
        return None
    if not codes(resource.get("clinicalStatus")) and any(name.startswith("abatement") for name in resource):
        return None
    since = _first_day(resource, zone, "onsetDateTime", "recordedDate")
    onset = day_text(child(resource, "onsetPeriod").get("start"), zone)
    return Problem(concept_text(resource.get("code")) or UNNAMED, onset or since)


def _first_day(resource: Resource, zone: tzinfo, *names: str) -> str | None:
    return next((day for day in (day_text(resource.get(name), zone) for name in names) if day), None)


def _encounters(known: ResourceSet, patient: Resource, zone: tzinfo) -> tuple[PastEncounter, ...]:
    finished = [one for one in known.of_patient("Encounter", patient) if one.get("status") == "finished"]
    days = [(day_text(child(one, "period").get("start"), zone) or "", one) for one in finished]
    newest = sorted(days, key=lambda pair: pair[0], reverse=True)[:_ENCOUNTERS]
    return tuple(_encounter(known, patient, day, encounter) for day, encounter in newest)


def _encounter(known: ResourceSet, patient: Resource, day: str, encounter: Resource) -> PastEncounter:
    places = [child(one, "location") for one in items(encounter.get("location"))]
    provider = child(encounter, "serviceProvider")
    names = [
        place.get("display") or child(known.resolve(place, encounter)).get("name") for place in (*places, provider)
    ]
    diagnoses = [known.resolve(one.get("condition"), encounter) for one in items(encounter.get("diagnosis"))]
    kinds = [concept_text(one) for one in items(encounter.get("type"))]
    return PastEncounter(
        on=day,
        clinic=first_text(*names[:-1], concept_text(encounter.get("serviceType")), names[-1]),
        reason=reason(encounter, known)
        or first_text(*(concept_text(child(one).get("code")) for one in diagnoses), *kinds),
        plan=text(plan_of(known, encounter, patient)),
    )
