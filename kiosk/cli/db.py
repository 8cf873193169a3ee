import getpass
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from kiosk import bootstrap
from kiosk.bootstrap.face_keys import open_face_keys
from kiosk.model.actor import Actor
from kiosk.settings import Settings
from kiosk.storage import migrations
from kiosk.storage import restore as restoring
from kiosk.storage.backup import back_up
from kiosk.storage.restore import Restored

file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
def db() -> None:
    """Bring the database to this version; copy it, and put a copy back.

    Example: kiosk --settings /etc/kiosk/kiosk.toml db upgrade
    """


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Make the tables, or bring them to this version of kiosk; a repeat changes nothing.

    Make a copy of the database first: there is no way back to an older version.

    Example: kiosk --settings /etc/kiosk/kiosk.toml db upgrade
    """
    with bootstrap.database_in_use(settings) as engine:
        before, now = migrations.current(engine), migrations.upgrade(engine)
    click.echo(f"already at {now}" if before == now else f"upgraded from {before or 'empty'} to {now}")


@db.command()
@click.pass_obj
@click.pass_context
def status(ctx: click.Context, settings: Settings) -> None:
    """Say at which version the database is; exit 1 when it is not this program's.

    Example: kiosk --settings /etc/kiosk/kiosk.toml db status
    """
    engine = bootstrap.open_engine(settings)
    revision, fits = migrations.current(engine), migrations.is_current(engine)
    engine.dispose()
    click.echo(f"{revision or 'empty'}: {'current' if fits else 'run `kiosk db upgrade`'}")
    if not fits:
        ctx.exit(1)


@db.command()
@file_argument
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Copy the SQLite database into a new file while it is in use. The keys of faces are not in it.

    Example: kiosk --settings /etc/kiosk/kiosk.toml db backup /backup/kiosk-2026-11-23.sqlite
    """
    with bootstrap.database_in_use(settings) as engine:
        back_up(engine, file)
    click.echo(f"copied to {file}")


@db.command()
@file_argument
@click.pass_obj
def restore(settings: Settings, file: Path) -> None:
    """Put a backup in place of the SQLite database; what was there stays beside it, under another name.

    Refused while a service runs. Counters, accounts, revoked chips and forgotten faces stay as they are now; numbers
    that were given since are kept for reception, whose screen makes them again.

    Example: kiosk --settings /etc/kiosk/kiosk.toml db restore /backup/kiosk-2026-11-23.sqlite
    """
    engine = bootstrap.open_engine(settings)
    done = restoring.restore(engine, open_face_keys(settings), file, Actor.command_line(getpass.getuser()))
    zone = ZoneInfo(settings.hospital.timezone)
    click.echo("\n".join([f"restored {file}", *_compared(done, zone), *done.said, *_ended(done)]))


def _compared(done: Restored, zone: ZoneInfo) -> Iterator[str]:
    yield f"newest check-in of the backup: {_moment(done.newest, zone)}"
    if done.replaced:
        yield f"what was there is now {done.replaced}"
    if done.unreadable:
        yield f"the database that was there could not be read: {done.unreadable}"
        yield "numbers given since the backup may be given again, and accounts are as in the backup: tell every clinic"
        return
    yield f"newest check-in of the replaced database: {_moment(done.newest_replaced, zone)}"
    yield f"{len(done.lost)} numbers are only in the replaced database"
    for (day, clinic_id), tickets in groupby(done.lost, key=lambda ticket: (ticket.day, ticket.clinic_id)):
        yield f"  {day} {clinic_id}: {', '.join(str(ticket.number) for ticket in tickets)}"


def _ended(done: Restored) -> Iterator[str]:
    yield f"{done.sessions} sessions ended: everybody signs in again"
    yield f"{len(done.faces.withdrawn) if done.faces else 0} faces that were forgotten since stay forgotten"


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(sep=" ", timespec="seconds") if at else "none"
