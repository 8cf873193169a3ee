"""Keeps each process on the time that the database holds, beside its requests."""

import threading

import structlog

from kiosk.checkin.keep_time import keep_time
from kiosk.checkin.services import Services
from kiosk.errors import StorageError
from kiosk.live.host_time import KernelTime
from kiosk.ports.time import HostTime
from kiosk.settings import Settings

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


def open_host_time(settings: Settings) -> HostTime:
    """The kernel's clocks; in the demo, the bench can set the one on the wall."""
    kernel = KernelTime(settings.runtime_dir / "boot-id")
    if settings.mode != "demo":
        return kernel
    from kiosk.hardware.simulated.bench import clock_ahead_flag  # noqa: PLC0415 # of the demo only
    from kiosk.live.switched_time import SwitchedTime  # noqa: PLC0415 # the same

    return SwitchedTime(kernel, clock_ahead_flag(settings.runtime_dir))
