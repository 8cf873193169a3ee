"""What kiosk writes into the record: an Encounter's state and an Appointment's status, and nothing else of them."""

from datetime import UTC
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from kiosk.errors import RecordRefused
from kiosk.ports.record import EncounterUpdate
from kiosk.record.resources import Resource, child, items, moment, text, utc_text

CHECK_IN_SYSTEM = "urn:kiosk:check-in"
"""Identifier system of the Encounters that kiosk creates: the value is the check-in's id."""

WITHDRAWN = "entered-in-error"
"""Status of what never was (FHIR R4 EncounterStatus)."""

_OURS = "kiosk"
"""Element id (FHIR R4 2.24.0.2) of the list elements that kiosk may replace; others stay as the hospital wrote them."""


def encounter_id(check_in_id: str) -> str:
    """The same id for the same check-in, wherever it is made."""
    return str(uuid5(NAMESPACE_URL, f"{CHECK_IN_SYSTEM}:{check_in_id}"))


def is_of_check_in(encounter: Resource, check_in_id: str) -> bool:
    """Whether this Encounter stands for that check-in."""
    wanted = (CHECK_IN_SYSTEM, check_in_id)
    return any((own.get("system"), own.get("value")) == wanted for own in items(encounter.get("identifier")))


def new_encounter(update: EncounterUpdate) -> Resource:
    """The Encounter of a check-in, without an id."""
    ambulatory = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    blank: Resource = {
        "resourceType": "Encounter",
        "identifier": [{"system": CHECK_IN_SYSTEM, "value": update.check_in_id}],
        "class": ambulatory,
    }
    return with_state(blank, update)


def with_state(encounter: Resource, update: EncounterUpdate) -> Resource:
    """A copy of the Encounter at the state of the update; equal to it when nothing changes.

    Raises:
        RecordRefused: it is another patient's.
    """
    _refuse_anothers(encounter, update.patient_id)
    changed = encounter | {
        "status": str(update.status),
        "subject": encounter.get("subject") or {"reference": f"Patient/{update.patient_id}"},
        "period": _period(child(encounter, "period"), update),
    }
    if update.appointment_id:
        changed["appointment"] = [{"reference": f"Appointment/{update.appointment_id}"}]
    return _with_place(changed, update.place)


def withdrawn(encounter: Resource, patient_id: str) -> Resource:
    """A copy of the Encounter that says that it never was.

    Raises:
        RecordRefused: it is another patient's.
    """
    _refuse_anothers(encounter, patient_id)
    return with_status(encounter, WITHDRAWN)


def _refuse_anothers(encounter: Resource, patient_id: str) -> None:
    subject = f"Patient/{patient_id}"
    written = text(child(encounter, "subject").get("reference")) or subject
    if written != subject and not written.endswith((f"/{subject}", f":{patient_id}")):
        raise RecordRefused("the Encounter of this check-in belongs to another patient")


def _period(written: Resource, update: EncounterUpdate) -> Resource:
    """Start and end; a moment that is already there keeps its form, as a server may have chosen its own."""
    wanted = {"start": update.arrived_at, "end": update.ended_at}
    return {
        name: written[name] if moment(written.get(name), UTC) == at else utc_text(at)
        for name, at in wanted.items()
        if at is not None
    }


def with_status(resource: Resource, status: str) -> Resource:
    """A copy of the Appointment or Encounter at that status."""
    return resource | {"status": status}


def _with_place(encounter: Resource, place: str) -> Resource:
    """Name the clinic where R4 lets an Encounter refer to its kind; any other kind goes into an extension."""
    reference = {"reference": place}
    kind = place.split("/")[-2] if "/" in place else ""
    for name in ("location", "participant", "extension"):
        kept = [one for one in items(encounter.get(name)) if one.get("id") != _OURS and reference not in one.values()]
        encounter = {key: value for key, value in encounter.items() if key != name} | ({name: kept} if kept else {})
    if kind == "Organization":
        return encounter | {"serviceProvider": reference}
    if kind == "Location":
        return _appended(encounter, "location", {"location": reference})
    if kind in ("Practitioner", "PractitionerRole"):
        return _appended(encounter, "participant", {"individual": reference})
    return _appended(encounter, "extension", {"url": "urn:kiosk:place", "valueReference": reference})


def _appended(encounter: Resource, name: str, element: dict[str, Any]) -> Resource:
    return encounter | {name: [*items(encounter.get(name)), {"id": _OURS, **element}]}
