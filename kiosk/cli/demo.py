import os
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

import click

from kiosk.demo import supervisor
from kiosk.demo.ports import require_free
from kiosk.errors import ConfigurationError
from kiosk.live.screen_pass import TOKEN_FILE
from kiosk.settings import Settings, load_settings

PATIENT_PORT, STAFF_PORT = 8080, 8443
MARKER = "kiosk-demo"
"""A file that says that a folder is a demo's and may be emptied."""


def _default_folder() -> str:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return str(Path(base) / "kiosk-demo")


@click.command()
@click.option("--patient-port", default=PATIENT_PORT, show_default=True, help="Port of the patient's screen.")
@click.option("--staff-port", default=STAFF_PORT, show_default=True, help="Port of the staff's screens.")
@click.option("--data", default=_default_folder, show_default="~/.local/share/kiosk-demo", help="Where data stay.")
@click.option("--patients", default=320, show_default=True, help="How many to invent, the first time.")
@click.option("--fresh", is_flag=True, help="Empty the data first.")
def demo(*, patient_port: int, staff_port: int, data: str, patients: int, fresh: bool) -> None:
    """Run everything on this host with simulated devices and an invented hospital; Ctrl+C stops it.

    Example: make demo DEMO_ARGS="--fresh --patient-port 9080"
    """
    require_free(patient_port, "--patient-port")
    require_free(staff_port, "--staff-port")
    folder = Path(data)
    _make_folder(folder, fresh=fresh)
    running = supervisor.Demo(folder, supervisor.make_runtime_dir(), patient_port, staff_port)
    supervisor.run(running, patients, lambda: _say(running))
    click.echo("Stopped.")


def _make_folder(folder: Path, *, fresh: bool) -> None:
    if fresh and (folder / MARKER).exists():
        shutil.rmtree(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / MARKER).exists():
            raise ConfigurationError(f"{folder} holds something that is not a demo's; choose another with --data")
        (folder / MARKER).touch()
    except OSError as error:
        raise ConfigurationError(f"cannot use {folder}: {error.strerror}; choose another with --data") from error


def _say(running: supervisor.Demo) -> None:
    settings = load_settings(running.settings_file)
    passwords = tomllib.loads(running.passwords_file.read_text(encoding="utf-8"))
    token = (settings.runtime_dir / TOKEN_FILE).read_text(encoding="ascii")
    patient, staff = (f"http://127.0.0.1:{port}" for port in (settings.web.patient_port, settings.web.staff_port))
    rows = [
        ("Patient's kiosk", f"{patient}/hello?token={token}", ""),
        ("Device bench", f"{patient}/hello?token={token}&to=bench", _bench_note(settings)),
        ("Reception", f"{staff}/reception", _sign_in(passwords, "letan")),
        ("Doctor", f"{staff}/doctor", _sign_in(passwords, "bacsi")),
        ("Waiting-room display", f"{staff}/display", _sign_in(passwords, "manhinh")),
        ("Administrator", f"{staff}/admin", _sign_in(passwords, "quantri")),
    ]
    click.echo(f"\n{settings.hospital.name} is open. Everything on it is invented.\n")
    for name, address, note in rows:
        click.echo(f"  {name:<21} {address:<37} {note}".rstrip())
    drawings = ", which sees drawings only," if settings.station.camera == "simulated" else ""
    click.echo("\nThe kiosk and the bench answer a browser that opened one of these addresses, and no other process.")
    click.echo(f"The picture of the camera{drawings} is shown there.")
    click.echo(f"Data and logs: {settings.data_dir}   Ctrl+C stops everything.")


def _bench_note(settings: Settings) -> str:
    if settings.face.enabled:
        return "hold up a card here, or let somebody stand before the camera"
    return "hold up a card here; faces are off, see above"


def _sign_in(passwords: Mapping[str, str], name: str) -> str:
    return f"{name} / {passwords[name]}"
