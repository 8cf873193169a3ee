import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
import structlog

from kiosk import bootstrap
from kiosk.checkin.close_day import close_earlier_days
from kiosk.checkin.deliver import send_due
from kiosk.checkin.forget import forget_old
from kiosk.checkin.keep_time import keep_time
from kiosk.checkin.leftovers import Leftovers
from kiosk.checkin.lost_numbers import forget_lost
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.undo import forget_past
from kiosk.checkin.waits import Waits
from kiosk.checkin.watch import Watch
from kiosk.errors import KioskError, StorageError
from kiosk.settings import Settings
from kiosk.stop_signals import stop_on_signals

PERIOD = 1.0
"""Seconds between rounds that found nothing to send."""
FORGET_SECONDS = 300
"""Often enough that a day is taken each day; how much is taken does not depend on it."""
END_SECONDS = 2.0
"""How long a thread may take to end; one that waits for the record is left behind, and what it began is begun anew."""

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
    watch = Watch(services, bootstrap.free_bytes(settings))
    if once:
        with _logged():
            while services.publish():
                pass
        while _Rounds(services, keep, watch).next():
            pass
        return
    stop = threading.Event()
    stop_on_signals(stop)
    run(services, keep, stop, watch)


def run(services: Services, keep: timedelta, stop: threading.Event, watch: Watch | None = None) -> None:
    """Publish in one thread and tell the record in another, until `stop` is set; ends within 3 s of it.

    Args:
        services: of this process.
        keep: how old ended check-ins become.
        stop: ends both threads.
        watch: raises the alarms; by default one that does not look at the disk.

    Raises:
        KioskError: a thread ended by itself; whoever supervises this process starts it anew.
    """
    leftovers = Leftovers(services)
    tasks: dict[str, Callable[[], bool]] = {
        "publish": lambda: _publish(leftovers),
        "record": _Rounds(services, keep, watch or Watch(services)).next,
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


def _repeat(task: Callable[[], bool], stop: threading.Event) -> None:
    while not stop.is_set():
        if not task():
            stop.wait(PERIOD)


def _publish(leftovers: Leftovers) -> bool:
    """Not behind the record: a call to it may take its whole time-out, one after the other."""
    with _logged():
        leftovers.publish()
    return False


class _Rounds:
    """What the record is told and asked, and what an earlier day left behind."""

    def __init__(self, services: Services, keep: timedelta, watch: Watch) -> None:
        self._services = services
        self._keep = keep
        self._watch = watch
        self._waits = Waits()
        self._forget_at = time.monotonic()

    def next(self) -> bool:
        """One round; a clock that jumped is found out before anything is ended by it.

        Returns:
            Whether something was delivered: then more may be due, and the next round waits for nothing.
        """
        sent = 0
        self._watch.look()
        with _logged():
            keep_time(self._services)
        with _logged():
            sent = send_due(self._services)
            resolve_waiting(self._services, waits=self._waits)
            close_earlier_days(self._services)
            forget_past(self._services)
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET_SECONDS
            with _logged():
                forget_old(self._services, self._keep)
                forget_lost(self._services)
        return sent > 0


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except StorageError:
        log.exception("the database does not answer")
