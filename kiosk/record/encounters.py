"""The Encounters that stand for check-ins, as the record has them."""

from collections.abc import Iterator
from datetime import date, tzinfo

from kiosk.errors import NotFound, RecordRefused
from kiosk.ports.record import KnownEncounter
from kiosk.record.client import FhirClient, Parameters
from kiosk.record.resources import Resource, ResourceSet, child, items, moment, span_of, text, utc_text
from kiosk.record.writing import CHECK_IN_SYSTEM, WITHDRAWN

_MOST = 20_000
"""A day's; more mean that the server did not understand the search."""


def known_encounters(known: ResourceSet, day: date, zone: tzinfo) -> Iterator[KnownEncounter]:
    """Those of check-ins that began on that day; withdrawn ones are none."""
    start, end = span_of(day, zone)
    for resource in known.of_type("Encounter"):
        began = moment(child(resource, "period").get("start"), zone)
        if began and start <= began < end and resource.get("status") != WITHDRAWN:
            status, patient_id = text(resource.get("status")) or "", _patient_id(resource, known)
            yield from (KnownEncounter(check_in_id, patient_id, status) for check_in_id in _check_ins(resource))


def encounters_of_day(client: FhirClient, day: date, zone: tzinfo) -> list[KnownEncounter]:
    """Those that a server has.

    Raises:
        RecordError: no answer, or not one to this question.
    """
    start, end = span_of(day, zone)
    asked: Parameters = {
        "identifier": f"{CHECK_IN_SYSTEM}|",
        "date": [f"ge{utc_text(start)}", f"lt{utc_text(end)}"],
        "_count": "500",
    }
    try:
        found = client.search("Encounter", asked, _MOST)
    except NotFound as error:
        raise RecordRefused("the record has no search for Encounter") from error
    if not found.complete:
        raise RecordRefused("the record did not understand a search for the Encounters of a day")
    return list(known_encounters(ResourceSet(found.entries), day, zone))


def _patient_id(encounter: Resource, known: ResourceSet) -> str | None:
    subject = child(encounter, "subject")
    target = known.resolve(subject)
    if target is not None:
        return text(target.get("id")) if target.get("resourceType") == "Patient" else None
    kind, _, tail = (text(subject.get("reference")) or "").rpartition("/")
    return tail if kind.rpartition("/")[2] == "Patient" else None


def _check_ins(encounter: Resource) -> list[str]:
    own = [one for one in items(encounter.get("identifier")) if one.get("system") == CHECK_IN_SYSTEM]
    return [value for one in own if (value := text(one.get("value")))]
