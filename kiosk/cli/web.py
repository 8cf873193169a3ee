import click

from kiosk.settings import Settings
from kiosk.web.serving import Server, staff_tls

PATIENT_THREADS = 32


@click.command()
@click.argument("listener", type=click.Choice(["patient", "staff"]))
@click.pass_obj
def web(settings: Settings, listener: str) -> None:
    """Serve the patient's screen (on this host only) or the staff's screens (TLS).

    Example: kiosk --settings /etc/kiosk/kiosk.toml web staff
    """
    if listener == "patient":
        Server("kiosk.wsgi:patient()", ("127.0.0.1", settings.web.patient_port), PATIENT_THREADS, None).run()
        return
    paths = {name: settings.credential_path(name) for name in ("staff-certificate", "staff-key")}
    tls = staff_tls(paths, settings.web.staff_host)
    if tls is None:
        click.echo("No certificate: the staff listener speaks plain HTTP, on this host only.", err=True)
    Server("kiosk.wsgi:staff()", (settings.web.staff_host, settings.web.staff_port), settings.web.threads, tls).run()
