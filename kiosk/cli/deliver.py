import signal
import threading

import click
import structlog

from kiosk import bootstrap
from kiosk.checkin.deliver import resolve_waiting, send_due
from kiosk.checkin.services import Services
from kiosk.errors import StorageError
from kiosk.settings import Settings

PERIOD = 1.0
"""Seconds between rounds: an event that its writer could not publish is on the screens within two."""
REFRESH_EVERY = 60

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
        if rounds % REFRESH_EVERY == 0:
            bootstrap.forget_old(settings, services)
        rounds += 1
        if once:
            return
        stop.wait(PERIOD)


def _round(services: Services) -> None:
    try:
        services.publish()
        send_due(services)
        resolve_waiting(services)
    except StorageError:
        log.exception("the database does not answer")
