import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


class SystemClock:
    """The host's clock and the hospital's calendar; the host itself may stand in any zone.

    Args:
        zone: IANA name of the hospital's zone.
    """

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def now(self) -> datetime:
        """See the port."""
        return datetime.now(UTC)

    def today(self) -> date:
        """See the port."""
        return self.to_hospital(self.now()).date()

    def to_hospital(self, moment: datetime) -> datetime:
        """See the port."""
        return moment.astimezone(self._zone)

    def monotonic(self) -> float:
        """See the port."""
        return time.monotonic()

    def sleep_until(self, monotonic: float) -> None:
        """See the port."""
        time.sleep(max(0.0, monotonic - time.monotonic()))
