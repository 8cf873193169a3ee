"""A host's clock that the demo's bench sets a day ahead, and right again."""

from datetime import datetime, timedelta
from pathlib import Path

from kiosk.ports.time import HostTime

AHEAD = timedelta(days=1)


class SwitchedTime:
    """Port `HostTime` over another one, whose clock on the wall a file sets ahead.

    Only that clock jumps, as when somebody sets it by hand; the kernel then says that nobody vouches for it.

    Args:
        host: the clocks as they are.
        ahead_flag: while this file exists, the clock on the wall is a day ahead.
    """

    def __init__(self, host: HostTime, ahead_flag: Path) -> None:
        self._host = host
        self._ahead_flag = ahead_flag

    @property
    def boot_id(self) -> str:
        """See the port."""
        return self._host.boot_id

    def times(self) -> tuple[datetime, float]:
        """See the port."""
        wall, boot_seconds = self._host.times()
        return (wall + AHEAD if self._ahead_flag.exists() else wall), boot_seconds

    def is_synchronised(self) -> bool:
        """See the port."""
        return not self._ahead_flag.exists() and self._host.is_synchronised()

    def monotonic(self) -> float:
        """See the port."""
        return self._host.monotonic()

    def sleep(self, seconds: float) -> None:
        """See the port."""
        self._host.sleep(seconds)
