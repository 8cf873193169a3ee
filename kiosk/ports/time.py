"""Time, and the hospital's calendar."""

from datetime import date, datetime
from typing import Protocol

from kiosk.model.kept_time import Doubt, HostReading, KeptTime


class HostTime(Protocol):
    """The host's own clocks, whatever they say."""

    @property
    def boot_id(self) -> str:
        """Of this start of the host."""

    def times(self) -> tuple[datetime, float]:
        """What the host takes for now, aware; and the seconds since its start, suspended or not."""

    def is_synchronised(self) -> bool:
        """Whether the kernel says that it follows a time server; what is set by hand is not."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Clock(Protocol):
    """The only source of time. It never runs backwards, nor jumps with the host's clock.

    What the database holds is told to it by `follow`, in every process, again and again.
    """

    def now(self) -> datetime:
        """Now, aware, in UTC."""

    def today(self) -> date:
        """The service day: the date at the hospital, for as long as the host's clock is trusted."""

    def to_hospital(self, moment: datetime) -> datetime:
        """The same moment in the hospital's zone."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""

    def sleep_until(self, monotonic: float) -> None:
        """Return no sooner than that reading of `monotonic`."""

    def host(self) -> HostReading:
        """What the host's clocks say, to be judged."""

    def follow(self, kept: KeptTime) -> None:
        """Go by this from now on."""

    @property
    def doubt(self) -> Doubt | None:
        """How the host's clock does not fit what the database holds; None while it is trusted."""

    @property
    def knows_hour(self) -> bool:
        """Whether `now` is the hour of the day, and not only later than everything before."""

    @property
    def closes_before(self) -> date | None:
        """Only days before this one may be ended, and their history deleted; None while the clock is in doubt."""
