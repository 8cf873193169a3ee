"""What is remembered of guesses and of doubt."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from kiosk.model.doubt import Doubt
from kiosk.model.identity import Identifier


class AttemptStore(Protocol):
    """Failures of number and birth date at a station."""

    def add(self, station_id: str, at: datetime) -> None:
        """Count one."""

    def count_since(self, station_id: str, since: datetime) -> int:
        """How many since then."""


class DoubtStore(Protocol):
    """What was doubtful about people, by day: one row a presentation."""

    def add(self, doubt: Doubt) -> None:
        """Keep one. Beyond a bound for one kind and person the oldest are only counted, in the oldest that is kept."""

    def about(self, day: date, *, identifiers: Collection[Identifier], patient_ids: Collection[str]) -> Sequence[Doubt]:
        """Those of that day with one of these numbers, or of one of these patients, oldest first.

        What is known of a number that was of a patient is known of that patient: their other rows belong to it.
        """

    def take_back(self, check_in_id: str) -> Sequence[Doubt]:
        """Drop what staff doubted in that check-in, by a slip of theirs.

        Returns:
            What was dropped.
        """

    def on(self, day: date) -> Sequence[Doubt]:
        """All of that day, oldest first."""
