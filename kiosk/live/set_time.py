"""The host's clocks as somebody sets them: for tests and for trying out what a wrong clock does."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class SetTime:
    """Port `HostTime` without a host.

    Attributes:
        wall: what the clock on the wall says; setting it is what a slip or a dead battery does.
    """

    wall: datetime
    boot_seconds: float = 1000.0
    boots: int = 1
    synchronised: bool = True

    @property
    def boot_id(self) -> str:
        """See the port."""
        return f"boot-{self.boots}"

    def times(self) -> tuple[datetime, float]:
        """See the port."""
        return self.wall, self.boot_seconds

    def is_synchronised(self) -> bool:
        """See the port."""
        return self.synchronised

    def monotonic(self) -> float:
        """See the port."""
        return self.boot_seconds

    def sleep(self, seconds: float) -> None:
        """Waiting moves all clocks."""
        self.go_on(seconds=seconds)

    def go_on(self, **duration: float) -> None:
        """Time passes, and every clock of the host with it."""
        passed = timedelta(**duration)
        self.wall += passed
        self.boot_seconds += passed.total_seconds()

    def jump(self, *, synchronised: bool = False, **by: float) -> None:
        """The clock on the wall alone is set forward or back."""
        self.wall += timedelta(**by)
        self.synchronised = synchronised

    def start_anew(self, *, off: timedelta, synchronised: bool = False) -> None:
        """The host was off, and is on for half a minute; the battery clock went on."""
        self.wall += off
        self.boots += 1
        self.boot_seconds = 30.0
        self.synchronised = synchronised
