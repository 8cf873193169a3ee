"""Events that their writer could not publish: it was killed, or the bus was away."""

import time
from collections import deque
from collections.abc import Callable

from kiosk.checkin.services import Services

GRACE = 1.5
"""Seconds that a writer has for publishing its own events; who publishes them sooner publishes them twice."""

AT_ONCE = 500
"""Events published in one step."""


class Leftovers:
    """What stays unpublished for longer than `GRACE`. Of one process.

    How long is told by looking again, not by the events' own times: the host's clock may be set meanwhile.

    Args:
        services: of this process.
        monotonic: seconds from an arbitrary start.
    """

    def __init__(self, services: Services, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._monotonic = monotonic
        self._seen: deque[tuple[float, int]] = deque()  # when, and the highest unpublished id then

    def publish(self) -> int:
        """Publish what was there `GRACE` ago and is still unpublished; to be called again and again.

        Returns:
            How many were published.

        Raises:
            StorageError: the database does not answer.
        """
        with self._services.storage.read() as work:
            newest = work.events.newest_unpublished()
        if newest is None:
            self._seen.clear()
            return 0
        now, up_to = self._monotonic(), None
        while self._seen and self._seen[0][0] <= now - GRACE:
            up_to = self._seen.popleft()[1]
        self._seen.append((now, newest))
        return 0 if up_to is None else self._all(up_to)

    def _all(self, up_to: int) -> int:
        """Piece by piece: after an outage of the bus, what happened since must not wait behind all of it."""
        total = 0
        while published := self._services.publish(AT_ONCE, up_to):
            total += published
        return total
