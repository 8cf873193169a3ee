"""What reception's and the doctors' decisions leave behind for a while."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kiosk.model.undo import Undo


class UndoStore(Protocol):
    """The last act on each check-in that can be taken back."""

    def put(self, undo: Undo) -> None:
        """Keep it, in place of an earlier one of this check-in."""

    def get(self, check_in_id: str) -> Undo | None:
        """The last act, also when its time is over."""

    def of_actor(self, by: str, now: datetime) -> Sequence[Undo]:
        """Whatever this actor can take back now, the newest first."""

    def drop(self, check_in_id: str) -> None:
        """It cannot be taken back any more."""

    def any_past(self, now: datetime) -> bool:
        """Whether there is one whose time is over."""

    def drop_past(self, now: datetime) -> int:
        """Forget those whose time is over.

        Returns:
            How many.
        """


class FoundStore(Protocol):
    """Whom an account found in the record, in the case in hand."""

    def put(self, check_in_id: str, by: str, patient_id: str, at: datetime) -> None:
        """Note it, in place of an earlier time."""

    def was_found(self, check_in_id: str, by: str, patient_id: str, since: datetime) -> bool:
        """Whether this account found this patient in this case since then."""


class OpeningStore(Protocol):
    """Who read whose record, by way of which check-in."""

    def put(self, check_in_id: str, by: str, patient_id: str, at: datetime) -> None:
        """Note it."""

    def readers(self, check_in_id: str, patient_id: str) -> Sequence[str]:
        """The actors, by name."""
