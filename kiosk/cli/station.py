import signal
import threading

import click

from kiosk import bootstrap
from kiosk.settings import Settings


@click.command()
@click.pass_obj
def station(settings: Settings) -> None:
    """Own this kiosk's camera, scanner and printer.

    Example: kiosk --settings /etc/kiosk/kiosk.toml station
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    bootstrap.open_station(settings).run(stop)
