import getpass
from pathlib import Path

import click

from kiosk import bootstrap
from kiosk.bootstrap.face_keys import MASTER_KEYS, open_face_keys
from kiosk.checkin.withdraw import withdraw
from kiosk.errors import ConfigurationError
from kiosk.live.clock import SystemClock
from kiosk.model.actor import Actor
from kiosk.model.face import FacePath
from kiosk.settings import Settings
from kiosk.storage.sealing import Seal


@click.group()
def faces() -> None:
    """Count, forget and re-key enrolled faces.

    Example: kiosk --settings /etc/kiosk/kiosk.toml faces list
    """


@faces.command(name="list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """Say how many faces are enrolled, and how many have their key on this host. Nobody is named.

    Example: kiosk --settings /etc/kiosk/kiosk.toml faces list
    """
    storage, keys = bootstrap.open_storage(settings), open_face_keys(settings)
    with storage.read() as work:
        enrolled = work.faces.count()
    click.echo(f"{enrolled} enrolled, {len(keys.held()) if keys else 0} keys on this host")
    if keys and keys.master() is None:
        click.echo("none opens: the credential face-master-key is missing or another one")


@faces.command()
@click.argument("patient_id")
@click.pass_obj
def forget(settings: Settings, patient_id: str) -> None:
    """Forget one patient's face, in every backup too.

    Example: kiosk --settings /etc/kiosk/kiosk.toml faces forget bn-000123
    """
    kept = withdraw(bootstrap.open_services(settings), patient_id, by=_me())
    click.echo("forgotten" if kept else "no face was kept")


@faces.command()
@click.pass_obj
def scores(settings: Settings) -> None:
    """Count comparison scores of live faces against portraits of chips, without whose they are: for a pilot.

    Portraits are small, compressed and old; how their scores lie is known only from the hospital's own cards.

    Example: kiosk --settings /etc/kiosk/kiosk.toml faces scores
    """
    with bootstrap.open_storage(settings).read() as work:
        counts = work.face_attempts.score_counts(FacePath.PORTRAIT)
    for edge, count in sorted(counts.items()):
        click.echo(f"{edge:5.2f}  {count}")
    if not counts:
        click.echo("no live face was compared with a portrait yet")


@faces.command(name="rotate-key")
@click.option(
    "--new", type=click.Path(path_type=Path, dir_okay=False), help="The new key, instead of face-master-key.new."
)
@click.pass_obj
def rotate_key(settings: Settings, *, new: Path | None) -> None:
    """Wrap the keys of all faces by a new master key: 64 hexadecimal digits, the credential face-master-key.new.

    All or none; a repeat changes nothing. Then restart the services and put the new key in place of the old.

    Example: kiosk --settings /etc/kiosk/kiosk.toml faces rotate-key
    """
    storage, keys = bootstrap.open_storage(settings), open_face_keys(settings)
    if keys is None:
        raise ConfigurationError("no face was ever enrolled on this host: there is no key to wrap")
    master = _new_master(settings, new)
    with storage.write() as work:
        count = keys.rewrap(master)
        clock = SystemClock(settings.hospital.timezone)
        work.audit.add(clock.now(), _me(), "rotate_face_key", "face-references", {"count": str(count)})
    click.echo(f"{count} keys wrapped anew")


def _new_master(settings: Settings, path: Path | None) -> Seal:
    name = str(path) if path else MASTER_KEYS[1]
    try:
        text = path.read_text(encoding="ascii") if path else settings.credential(name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {name}") from error
    if not text:
        raise ConfigurationError(f"the credential {name} is missing: make it with `openssl rand -hex 32`")
    return Seal.from_text(text, name)


def _me() -> Actor:
    return Actor.command_line(getpass.getuser())
