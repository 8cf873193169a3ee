import threading

import click

from kiosk import bootstrap
from kiosk.settings import Settings
from kiosk.stop_signals import stop_on_signals


@click.command()
@click.pass_obj
def station(settings: Settings) -> None:
    """Own this kiosk's camera, scanner and printer.

    Example: kiosk --settings /etc/kiosk/kiosk.toml station
    """
    stop = threading.Event()
    stop_on_signals(stop)
    bootstrap.open_station(settings).run(stop)
