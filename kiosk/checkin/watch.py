"""What somebody is told of before patients notice: nothing can be written, little room is left, the record lags."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from kiosk.checkin.services import Services
from kiosk.errors import PartDegraded, StorageError

BEAT_SECONDS = 5.0
"""How long one write proves that the next will succeed."""
LATE = timedelta(minutes=10)
"""A delivery that has been due for so long raises the alarm: a record that restarts is back sooner."""
LOW_BYTES = 1_000_000_000
"""Less room than this for the data folder raises the alarm; 4,000 patients a day need a tenth of it."""

log = structlog.get_logger(__name__)


class Heartbeat:
    """Writes to the database at most once in `BEAT_SECONDS`, however often it is asked. Of one process."""

    def __init__(self, services: Services, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._monotonic = monotonic
        self._writing = threading.Lock()
        self._next = float("-inf")
        self._problem: StorageError | None = None

    def check(self) -> None:
        """Return if the last write, at most `BEAT_SECONDS` ago, succeeded.

        Raises:
            StorageError: it did not.
        """
        with self._writing:
            if self._monotonic() >= self._next:
                self._beat()
        if self._problem:
            raise StorageError(str(self._problem)) from self._problem

    def _beat(self) -> None:
        try:
            self._services.storage.beat(self._services.clock.now())
            self._problem = None
        except StorageError as error:
            self._problem = error
        self._next = self._monotonic() + BEAT_SECONDS


def owed_for(services: Services) -> timedelta:
    """How long the delivery that is due longest has been due."""
    now = services.clock.now()
    with services.storage.read() as work:
        since = work.outbox.owed_since(now)
    return now - since if since else timedelta()


def check_deliveries(services: Services) -> None:
    """Raises `PartDegraded` when the record has lagged for longer than `LATE`."""
    if owed_for(services) > LATE:
        raise PartDegraded("late")


def check_space(free_bytes: Callable[[], int | None]) -> None:
    """Raises `PartDegraded` when less than `LOW_BYTES` are free."""
    free = free_bytes()
    if free is not None and free < LOW_BYTES:
        raise PartDegraded("low")


class Watch:
    """Looks after all of it in the `deliver` process, and writes one line of log when something begins or ends.

    Args:
        services: of this process.
        free_bytes: room left for the data folder; None where nobody knows.
        monotonic: seconds from an arbitrary start.
    """

    def __init__(
        self,
        services: Services,
        free_bytes: Callable[[], int | None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        heartbeat = Heartbeat(services, monotonic)
        self._parts: dict[str, Callable[[], None]] = {
            "nothing can be written to the database": heartbeat.check,
            "less than 1 GB free for the data folder": lambda: check_space(free_bytes),
            "the record has not taken a delivery for 10 minutes": lambda: check_deliveries(services),
        }
        self._wrong: set[str] = set()
        self._monotonic = monotonic
        self._next = float("-inf")

    def look(self) -> None:
        """Look, at most once in `BEAT_SECONDS`."""
        if self._monotonic() < self._next:
            return
        self._next = self._monotonic() + BEAT_SECONDS
        for alarm, check in self._parts.items():
            self._say(alarm, is_wrong=not _passes(check))

    def _say(self, alarm: str, *, is_wrong: bool) -> None:
        if is_wrong and alarm not in self._wrong:
            self._wrong.add(alarm)
            log.critical("alarm", reason=alarm)
        elif not is_wrong and alarm in self._wrong:
            self._wrong.remove(alarm)
            log.warning("alarm ended", reason=alarm)


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except (StorageError, PartDegraded):
        return False
    return True
