import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
import structlog

from kiosk import bootstrap
from kiosk.checkin.close_day import close_earlier_days, forget_old
from kiosk.checkin.deliver import resolve_waiting, send_due
from kiosk.checkin.services import Services
from kiosk.checkin.undo import forget_past
from kiosk.checkin.waits import Waits
from kiosk.errors import KioskError, StorageError
from kiosk.settings import Settings

PERIOD = 1.0
"""Seconds between rounds: an event that its writer could not publish is on the screens within two."""
FORGET_EVERY = 3600
"""Rounds."""
END_SECONDS = 2.0
"""How long a thread may take to end; one that waits for the record is left behind, and what it began is begun anew."""

AT_ONCE = 500
"""Events published in one step."""

log = structlog.get_logger()


@click.command()
@click.option("--once", is_flag=True, help="One round, then stop.")
@click.pass_obj
def deliver(settings: Settings, *, once: bool) -> None:
    """Publish events, send queued changes to the hospital's record, resolve what arrived while it was away.

    Example: kiosk --settings /etc/kiosk/kiosk.toml deliver
    """
    services = bootstrap.open_services(settings)
    keep = timedelta(days=settings.policy.keep_check_ins_days)
    if once:
        _publish(services)
        _Rounds(services, keep).next()
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    run(services, keep, stop)


def run(services: Services, keep: timedelta, stop: threading.Event) -> None:
    """Publish in one thread and tell the record in another, until `stop` is set; ends within 3 s of it.

    Args:
        services: of this process.
        keep: how old ended check-ins become.
        stop: ends both threads.

    Raises:
        KioskError: a thread ended by itself; whoever supervises this process starts it anew.
    """
    tasks: dict[str, Callable[[], None]] = {
        "publish": lambda: _publish(services),
        "record": _Rounds(services, keep).next,
    }
    threads = [
        threading.Thread(target=_repeat, args=(task, stop), name=name, daemon=True) for name, task in tasks.items()
    ]
    for thread in threads:
        thread.start()
    try:
        while not stop.wait(PERIOD):
            for thread in threads:
                if not thread.is_alive():
                    raise KioskError(f"the {thread.name} thread ended")
    finally:
        stop.set()
        ends = time.monotonic() + END_SECONDS
        for thread in threads:
            thread.join(max(0.0, ends - time.monotonic()))


def _repeat(task: Callable[[], None], stop: threading.Event) -> None:
    while not stop.is_set():
        task()
        stop.wait(PERIOD)


def _publish(services: Services) -> None:
    """Not behind the record: a call to it may take its whole time-out, one after the other."""
    with _logged():
        # after an outage of the bus, what happened since must not wait behind all of it
        while services.publish(AT_ONCE) == AT_ONCE:
            pass


class _Rounds:
    """What the record is told and asked, and what an earlier day left behind."""

    def __init__(self, services: Services, keep: timedelta) -> None:
        self._services = services
        self._keep = keep
        self._waits = Waits()
        self._done = 0

    def next(self) -> None:
        """One round."""
        with _logged():
            send_due(self._services)
            resolve_waiting(self._services, waits=self._waits)
            close_earlier_days(self._services)
            forget_past(self._services)
        if self._done % FORGET_EVERY == 0:
            with _logged():
                forget_old(self._services, self._keep)
        self._done += 1


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except StorageError:
        log.exception("the database does not answer")
