import os
import signal
import subprocess
import sys

import click

from kiosk import bootstrap
from kiosk.settings import Settings
from kiosk.web.serving import Server, staff_tls

LISTENERS = ("patient", "staff")
PATIENT_THREADS = 32


@click.command()
@click.argument("listener", type=click.Choice(LISTENERS), required=False)
@click.pass_obj
def web(settings: Settings, listener: str | None) -> None:
    """Serve the patient's screen (on this host only), the staff's screens (TLS), or both.

    Example: kiosk --settings /etc/kiosk/kiosk.toml web staff
    """
    if listener == "patient":
        _serve_patient(settings)
    elif listener == "staff":
        _serve_staff(settings)
    else:
        sys.exit(_serve_both())


def _serve_patient(settings: Settings) -> None:
    # also while the worker is started anew
    with bootstrap.database_in_use(settings):
        Server("kiosk.wsgi:patient()", ("127.0.0.1", settings.web.patient_port), PATIENT_THREADS, None).run()


def _serve_staff(settings: Settings) -> None:
    paths = {name: settings.credential_path(name) for name in ("staff-certificate", "staff-key")}
    # behind a front they are the front's, and the two speak plain HTTP on this host
    tls = None if settings.web.front else staff_tls(paths, settings.web.staff_host)
    if tls is None and not settings.web.front:
        click.echo("No certificate: the staff listener speaks plain HTTP, on this host only.", err=True)
    address = (settings.web.staff_host, settings.web.staff_port)
    with bootstrap.database_in_use(settings):
        Server("kiosk.wsgi:staff()", address, settings.web.threads, tls).run()


def _serve_both() -> int:
    """A process for each listener, so that neither takes the other down; both end when one does.

    Returns:
        The exit status: 0 only if both ended well.
    """
    command = [sys.executable, "-m", "kiosk", "web"]
    children = [subprocess.Popen([*command, name]) for name in LISTENERS]  # noqa: S603 # our own program

    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        # a second SIGTERM would kill a listener that is about to end well
        if not stopping:
            stopping = True
            for child in children:
                child.terminate()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    stop()
    return max(abs(child.wait()) for child in children)
