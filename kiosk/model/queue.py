from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Priority(StrEnum):
    """Priority classes of the law on medical examination and treatment, 15/2023/QH15, article 3 (2)."""

    EMERGENCY = "emergency"
    UNDER_6 = "under_6"
    PREGNANT = "pregnant"
    EXCEPTIONALLY_SEVERE_DISABILITY = "exceptionally_severe_disability"
    SEVERE_DISABILITY = "severe_disability"
    AGED_75 = "aged_75"
    REVOLUTIONARY_MERIT = "revolutionary_merit"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in a queue: unique by clinic, day and number.

    Attributes:
        day: in the hospital's time zone.
    """

    clinic_id: str
    day: date
    number: int


class PrintState(StrEnum):
    """What became of the paper ticket."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    PRINTED = "printed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Showings:
    """How often a code was shown again after its number was given, and when and at which station last."""

    times: int
    last_at: datetime
    station_id: str
