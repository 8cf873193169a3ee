"""The doctor's ten-second view of a record, drawn from FHIR R4 resources."""

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


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of a series; `at` aware.

    Attributes:
        comparator: ``<``, ``<=``, ``>=`` or ``>`` when the true value lies beyond what can be measured.
    """

    at: datetime
    value: float
    comparator: str = ""


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
    def is_abnormal(self) -> bool:
        """Whether the newest value lies outside the reference range."""
        newest = self.values[-1].value
        return (self.low is not None and newest < self.low) or (self.high is not None and newest > self.high)


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
