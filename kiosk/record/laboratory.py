"""Laboratory Observations as series: the same code and unit over time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from kiosk.model.summary import Interpretation, LabSeries, Measurement
from kiosk.record.resources import Resource, child, codes, concept_text, first_text, items, moment, text

KEPT = 12
"""Values of one series: the newest ones."""

_MEANINGS = (
    (Interpretation.VERY_LOW, frozenset({"LL", "LU"})),
    (Interpretation.VERY_HIGH, frozenset({"HH", "HU"})),
    (Interpretation.LOW, frozenset({"L"})),
    (Interpretation.HIGH, frozenset({"H"})),
    (Interpretation.ABNORMAL, frozenset({"A", "AA"})),
    (Interpretation.NORMAL, frozenset({"N"})),
)
"""HL7 v3 ObservationInterpretation, the gravest first: an Observation may carry several."""

_NOT_RESULTS = frozenset({"registered", "preliminary", "cancelled", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class _Value:
    """One number of one Observation, or of one of its components."""

    code: str
    name: str
    unit: str
    measured: Measurement
    low: float | None
    high: float | None


def to_series(observations: list[Resource], zone: tzinfo) -> tuple[LabSeries, ...]:
    """Each series oldest value first; the series with the newest value comes first."""
    found: dict[tuple[str, str], list[_Value]] = {}
    for observation in observations:
        if "laboratory" in _categories(observation) and text(observation.get("status")) not in _NOT_RESULTS:
            for value in _values(observation, zone):
                found.setdefault((value.code, value.unit), []).append(value)
    series = sorted((_series(values) for values in found.values()), key=lambda one: one.name)
    return tuple(sorted(series, key=lambda one: one.values[-1].at, reverse=True))


def _categories(observation: Resource) -> set[str]:
    return {code for category in items(observation.get("category")) for code in codes(category)}


def _series(values: list[_Value]) -> LabSeries:
    ordered = sorted(values, key=lambda value: value.measured.at)
    newest = ordered[-1]
    measured = tuple(value.measured for value in ordered[-KEPT:])
    return LabSeries(newest.name, newest.unit, newest.low, newest.high, measured)


def _values(observation: Resource, zone: tzinfo) -> Iterator[_Value]:
    at = _measured_at(observation, zone)
    if at is None:
        return
    for part in (observation, *items(observation.get("component"))):
        quantity = child(part, "valueQuantity")
        number, name = number_of(quantity.get("value")), concept_text(part.get("code"))
        if number is not None and name is not None:
            unit = first_text(quantity.get("unit"), quantity.get("code")) or ""
            low, high = _range(part, unit)
            comparator = text(quantity.get("comparator")) or ""
            measured = Measurement(at, number, comparator, _interpretation(part))
            yield _Value(_code(part) or name, name, unit, measured, low, high)


def _interpretation(part: Resource) -> Interpretation | None:
    said = {code.upper() for concept in items(part.get("interpretation")) for code in codes(concept)}
    return next((meaning for meaning, words in _MEANINGS if said & words), None)


def _code(part: Resource) -> str | None:
    """The first coding, with its system: names differ from one laboratory to the next."""
    for coding in items(child(part, "code").get("coding")):
        code = text(coding.get("code"))
        if code:
            return f"{text(coding.get('system'))}|{code}"
    return None


def _measured_at(observation: Resource, zone: tzinfo) -> datetime | None:
    period = child(observation, "effectivePeriod")
    told = (
        observation.get("effectiveDateTime"),
        observation.get("effectiveInstant"),
        period.get("end"),
        period.get("start"),
        observation.get("issued"),
    )
    return next((at for at in (moment(value, zone) for value in told) if at), None)


def number_of(value: object) -> float | None:
    """A JSON number that a chart can show."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _range(part: Resource, unit: str) -> tuple[float | None, float | None]:
    """The first reference range in the value's own unit; one in another unit would mislead."""
    for reference in items(part.get("referenceRange")):
        bounds = (child(reference, "low"), child(reference, "high"))
        units = {first_text(bound.get("unit"), bound.get("code")) for bound in bounds} - {None, unit}
        low, high = (number_of(bound.get("value")) for bound in bounds)
        if not units and (low is not None or high is not None):
            return low, high
    return None, None
