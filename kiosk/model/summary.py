"""The doctor's ten-second view of a record, drawn from FHIR R4 resources."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.model.identity import Patient


class Recorded(StrEnum):
    """`none known` was asked and denied; `not recorded` was never asked. They are shown differently."""

    ITEMS = "items"
    NONE_KNOWN = "none_known"
    NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class Allergy:
    """FHIR R4 AllergyIntolerance."""

    substance: str
    reaction: str | None
    severe: bool
    recorded_on: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """FHIR R4 Condition, active."""

    name: str
    since: str | None


@dataclass(frozen=True, slots=True)
class Medicine:
    """FHIR R4 MedicationStatement or MedicationRequest, active."""

    name: str
    dosage: str | None
    since: str | None


class Interpretation(StrEnum):
    """How a value lies to what is usual; `VERY_LOW` and `VERY_HIGH` are what a laboratory calls critical."""

    NORMAL = "normal"
    LOW = "low"
    VERY_LOW = "very_low"
    HIGH = "high"
    VERY_HIGH = "very_high"
    ABNORMAL = "abnormal"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of a series; `at` aware.

    Attributes:
        comparator: ``<``, ``<=``, ``>=`` or ``>`` when the true value lies beyond what can be measured.
        interpretation: the laboratory's own; None where it gave none.
    """

    at: datetime
    value: float
    comparator: str = ""
    interpretation: Interpretation | None = None


@dataclass(frozen=True, slots=True)
class LabSeries:
    """FHIR R4 Observations of one code and unit, oldest first.

    Attributes:
        low, high: the reference range of the newest value, where given.
    """

    name: str
    unit: str
    low: float | None
    high: float | None
    values: tuple[Measurement, ...]

    @property
    def verdict(self) -> Interpretation | None:
        """How the newest value lies; None when neither the laboratory nor a reference range says it."""
        return self.verdict_on(self.values[-1])

    @property
    def is_abnormal(self) -> bool:
        """Whether the newest value is abnormal."""
        return self.verdict not in {None, Interpretation.NORMAL}

    def verdict_on(self, measured: Measurement) -> Interpretation | None:
        """The laboratory's interpretation or, where it says less, what the reference range says."""
        said, compared = measured.interpretation, self._compared(measured)
        if said in {None, Interpretation.NORMAL, Interpretation.ABNORMAL}:
            return compared if compared not in {None, Interpretation.NORMAL} else said or compared
        return said

    def _compared(self, measured: Measurement) -> Interpretation | None:
        """A value with a comparator is compared only as far as wherever it may lie gives the same answer."""
        if self.low is None and self.high is None:
            return None
        least, most = _span(measured)
        if self.high is not None and (least > self.high or (least == self.high and measured.comparator == ">")):
            return Interpretation.HIGH
        if self.low is not None and (most < self.low or (most == self.low and measured.comparator == "<")):
            return Interpretation.LOW
        fits = (not self.low or least >= self.low) and (self.high is None or most <= self.high)
        return Interpretation.NORMAL if fits else None


def _span(measured: Measurement) -> tuple[float, float]:
    """The least and the most that the true value can be."""
    if not measured.comparator:
        return measured.value, measured.value
    least = measured.value if measured.comparator in {">", ">="} else -math.inf
    most = measured.value if measured.comparator in {"<", "<="} else math.inf
    return least, most


@dataclass(frozen=True, slots=True)
class PastEncounter:
    """FHIR R4 Encounter, finished."""

    on: str
    clinic: str | None
    reason: str | None
    plan: str | None


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """What is drawn when a record opens; lists newest first."""

    patient: Patient
    allergies: tuple[Allergy, ...]
    allergies_recorded: Recorded
    problems: tuple[Problem, ...]
    problems_recorded: Recorded
    medicines: tuple[Medicine, ...]
    medicines_recorded: Recorded
    laboratory: tuple[LabSeries, ...]
    encounters: tuple[PastEncounter, ...]
