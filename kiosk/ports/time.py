"""Time, and the hospital's calendar."""

from datetime import date, datetime
from typing import Protocol


class Clock(Protocol):
    """Time, and the hospital's calendar."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""

    def today(self) -> date:
        """The date at the hospital."""

    def to_hospital(self, moment: datetime) -> datetime:
        """The same moment in the hospital's zone."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""

    def sleep_until(self, monotonic: float) -> None:
        """Return no sooner than that reading of `monotonic`."""
