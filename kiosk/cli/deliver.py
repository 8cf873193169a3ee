import signal
import threading
from datetime import timedelta

import click
import structlog

from kiosk import bootstrap
from kiosk.checkin.close_day import close_earlier_days, forget_old
from kiosk.checkin.deliver import resolve_waiting, send_due
from kiosk.checkin.services import Services
from kiosk.errors import StorageError
from kiosk.settings import Settings

PERIOD = 1.0
"""Seconds between rounds: an event that its writer could not publish is on the screens within two."""
FORGET_EVERY = 3600
"""Rounds."""

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
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    rounds = 0
    while not stop.is_set():
        _round(services)
        if rounds % FORGET_EVERY == 0:
            _forget(services, timedelta(days=settings.policy.keep_check_ins_days))
        rounds += 1
        if once:
            return
        stop.wait(PERIOD)


def _round(services: Services) -> None:
    try:
        # after an outage of the bus, what happened since must not wait behind all of it
        while services.publish(AT_ONCE) == AT_ONCE:
            pass
        send_due(services)
        resolve_waiting(services)
        close_earlier_days(services)
    except StorageError:
        log.exception("the database does not answer")


def _forget(services: Services, keep: timedelta) -> None:
    try:
        forget_old(services, keep)
    except StorageError:
        log.exception("the database does not answer")
