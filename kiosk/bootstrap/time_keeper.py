"""Keeps each process on the time that the database holds, beside its requests."""

import threading

import structlog

from kiosk.checkin.keep_time import keep_time
from kiosk.checkin.services import Services
from kiosk.errors import StorageError

PERIOD_SECONDS = 2.0

log = structlog.get_logger()


class TimeKeeper:
    """A thread of one process; while the database cannot be used the clock goes on by what it was told last."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="time", daemon=True)

    def start(self) -> "TimeKeeper":
        """Begin."""
        self._thread.start()
        return self

    def close(self) -> None:
        """End with the next beat at the latest; called from signal handlers, it waits for nothing."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(PERIOD_SECONDS):
            keep_once(self._services)


def keep_once(services: Services) -> None:
    """Keep time, if the database can be used."""
    try:
        keep_time(services)
    except StorageError:
        log.debug("time is not kept", reason="database")
