import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.live.host_time import KernelTime
from kiosk.model.kept_time import TOLERANCE, Doubt, HostReading, KeptTime
from kiosk.ports.time import HostTime


class SystemClock:
    """The time as everybody is told it, and the hospital's calendar; the host itself may stand in any zone.

    A clock of the host that jumps is not followed: time goes on by the one that never jumps, until what the database
    holds says that the jump was right.

    Args:
        zone: IANA name of the hospital's zone.
        host: the host's clocks; None for the kernel's.
    """

    def __init__(self, zone: str, host: HostTime | None = None) -> None:
        self._zone = ZoneInfo(zone)
        self._host = host or KernelTime()
        self._lock = threading.Lock()
        self._kept: KeptTime | None = None
        self._from = _Told(*self._host.times())
        self._last: _Told | None = None

    def now(self) -> datetime:
        """See the port."""
        with self._lock:
            self._last = self._next(*self._host.times())
            return self._last.moment

    def today(self) -> date:
        """See the port."""
        date_now, kept = self.to_hospital(self.now()).date(), self._kept
        if kept is None:
            return date_now
        return kept.service_day if kept.doubt else max(kept.service_day, date_now)

    def to_hospital(self, moment: datetime) -> datetime:
        """See the port."""
        return moment.astimezone(self._zone)

    def monotonic(self) -> float:
        """See the port."""
        return self._host.monotonic()

    def sleep_until(self, monotonic: float) -> None:
        """See the port."""
        self._host.sleep(max(0.0, monotonic - self._host.monotonic()))

    def host(self) -> HostReading:
        """See the port."""
        wall, boot_seconds = self._host.times()
        return HostReading(wall, self._host.boot_id, boot_seconds, self._host.is_synchronised())

    def follow(self, kept: KeptTime) -> None:
        """See the port."""
        with self._lock:
            told = _Told(kept.latest, kept.boot_seconds)
            corrected = self._kept is None or kept.corrections != self._kept.corrections
            if kept.boot_id == self._host.boot_id:
                self._from = told
                # nobody goes back behind what another process has told
                if corrected or self._last is None or self._last.moment < told.moment:
                    self._last = told
            self._kept = kept

    @property
    def doubt(self) -> Doubt | None:
        """See the port."""
        return self._kept.doubt if self._kept else None

    @property
    def knows_hour(self) -> bool:
        """See the port."""
        return self._kept is None or self._kept.knows_hour

    @property
    def closes_before(self) -> date | None:
        """See the port."""
        return None if self._kept is None or self._kept.doubt else self._kept.closes_before

    def _next(self, wall: datetime, boot_seconds: float) -> "_Told":
        moment = self._from.moment + timedelta(seconds=boot_seconds - self._from.boot_seconds)
        if self.doubt is None and abs(wall - moment) <= TOLERANCE:
            moment = wall
        last = self._last
        if last and moment < last.moment:
            # told already: half as fast, until the host's clock has come up
            passed = max(0.0, boot_seconds - last.boot_seconds) / 2
            moment = last.moment + timedelta(seconds=passed)
        return _Told(moment, boot_seconds)


class _Told:
    """A moment that was told, and when by the clock that never jumps."""

    __slots__ = ("boot_seconds", "moment")

    def __init__(self, moment: datetime, boot_seconds: float) -> None:
        self.moment = moment.astimezone(UTC)
        self.boot_seconds = boot_seconds
