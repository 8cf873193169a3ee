"""FHIR R4 JSON read with tolerance: plain dictionaries in, plain values out.

Vendors' data is odd in every way; what is not as the standard says counts as absent, and never raises.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from kiosk.errors import InputError, RecordRefused
from kiosk.model.identity import PartialDate

Resource = dict[str, Any]

YEARS = range(1850, 2200)
"""Outside of these a date is a slip, and sums with time zones may overflow."""

UNNAMED = "?"
"""Shown for what is in the record without a name: left out, it would be missed."""

# decimals stay decimals: 1.10 mmol/l must not come back as 1.1 (FHIR R4 2.24.0.1)
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def decode(data: bytes) -> Resource:
    """Read a JSON object.

    Raises:
        RecordRefused: not JSON, or no object.
    """
    try:
        value = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation) as error:
        raise RecordRefused("not FHIR: no well-formed JSON") from error
    if not isinstance(value, dict):
        raise RecordRefused("not FHIR: no JSON object")
    return value


def encode(resource: Resource) -> bytes:
    """Write a JSON object; numbers as they were read."""
    return _ENCODER.encode(resource)


def items(value: object) -> list[Resource]:
    """The objects of a list; a single object counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def child(value: object, *path: str) -> Resource:
    """The object at that path, or an empty one."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: object) -> str | None:
    """A string in NFC, without control characters or spare spaces; None when nothing is left of it."""
    if not isinstance(value, str):
        return None
    if not value.isprintable():
        value = "".join(char if char.isprintable() else " " for char in value)
    return unicodedata.normalize("NFC", " ".join(value.split())) or None


def first_text(*values: object) -> str | None:
    """The first that is a string with something in it."""
    return next((found for found in map(text, values) if found), None)


def concept_text(concept: object) -> str | None:
    """What a CodeableConcept says to a person: its text, else a display, else a code."""
    codings = items(child(concept).get("coding"))
    displays = [coding.get("display") for coding in codings]
    return first_text(child(concept).get("text"), *displays, *(coding.get("code") for coding in codings))


def codes(concept: object) -> set[str]:
    """The codes of a CodeableConcept, whatever their systems."""
    found = (text(coding.get("code")) for coding in items(child(concept).get("coding")))
    return {code for code in found if code}


def moment(value: object, zone: tzinfo) -> datetime | None:
    """A FHIR instant, dateTime or date as an aware moment: without a zone in `zone`, without a day at its start."""
    if not isinstance(value, str):
        return None
    padded = value + "-01-01"[len(value) - 4 :] if len(value) in (4, 7) else value
    try:
        read = datetime.fromisoformat(padded)
    except ValueError:
        return None
    if read.year not in YEARS:
        return None
    return read if read.tzinfo else read.replace(tzinfo=zone)


def day_text(value: object, zone: tzinfo) -> str | None:
    """A FHIR date or dateTime as ``1990-03-05``, or shorter where less is known."""
    if not isinstance(value, str):
        return None
    if "T" in value:
        read = moment(value, zone)
        return read.astimezone(zone).date().isoformat() if read else None
    try:
        return str(PartialDate.from_iso(value))
    except InputError:
        return None


def span_of(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a day begins in that zone, and when the next one does."""
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def utc_text(value: datetime) -> str:
    """A moment as a FHIR instant."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ResourceSet:
    """Resources that refer to each other: a bundle, or the answers to several searches.

    Args:
        entries: full URL (may be None) and resource, as in Bundle.entry.
    """

    def __init__(self, entries: Iterable[tuple[str | None, Resource]]) -> None:
        self._by_type: dict[str, list[Resource]] = {}
        self._by_reference: dict[str, Resource] = {}
        for full_url, resource in entries:
            self._add(full_url, resource)

    def _add(self, full_url: str | None, resource: Resource) -> None:
        kind, own_id = text(resource.get("resourceType")), text(resource.get("id"))
        if kind is None:
            return
        self._by_type.setdefault(kind, []).append(resource)
        if full_url:
            self._by_reference.setdefault(full_url, resource)
        if own_id:
            self._by_reference.setdefault(f"{kind}/{own_id}", resource)

    @classmethod
    def of_bundle(cls, bundle: Resource) -> "ResourceSet":
        """All resources of a Bundle."""
        return cls(entries(bundle))

    def of_type(self, kind: str) -> list[Resource]:
        """Those of one type, in the order given."""
        return self._by_type.get(kind, [])

    def resolve(self, reference: object, within: Resource | None = None) -> Resource | None:
        """What a Reference points to: contained in `within`, or in this set (FHIR R4 2.36.4.1)."""
        target = child(reference).get("reference")
        if not isinstance(target, str):
            return None
        if target.startswith("#"):
            contained = items(child(within).get("contained"))
            return next((resource for resource in contained if resource.get("id") == target[1:]), None)
        return self._by_reference.get(target.split("/_history/")[0])

    def belongs(self, resource: Resource, patient: Resource) -> bool:
        """Whether its subject is this patient: one without a subject, or with an unknown one, is nobody's."""
        subject = resource.get("subject") or resource.get("patient")
        return self.resolve(subject) is patient

    def of_patient(self, kind: str, patient: Resource) -> list[Resource]:
        """Those of one type whose subject is this patient."""
        return [resource for resource in self.of_type(kind) if self.belongs(resource, patient)]


def entries(bundle: Resource) -> Iterator[tuple[str | None, Resource]]:
    """Full URL and resource of each entry of a Bundle that holds one."""
    for entry in items(bundle.get("entry")):
        resource = entry.get("resource")
        if isinstance(resource, dict):
            yield text(entry.get("fullUrl")), resource
