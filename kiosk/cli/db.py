import getpass
from pathlib import Path

import click

from kiosk import bootstrap
from kiosk.bootstrap.face_keys import open_face_keys
from kiosk.model.actor import Actor
from kiosk.settings import Settings
from kiosk.storage import backup as backups
from kiosk.storage import migrations

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
    engine = bootstrap.open_engine(settings)
    before, now = migrations.current(engine), migrations.upgrade(engine)
    engine.dispose()
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
    engine = bootstrap.open_engine(settings)
    backups.back_up(engine, file)
    engine.dispose()
    click.echo(f"copied to {file}")


@db.command()
@file_argument
@click.pass_obj
def restore(settings: Settings, file: Path) -> None:
    """Put a backup in place of the SQLite database, without the faces that were forgotten since.

    Stop the services first: numbers that were given since the backup are given again.

    Example: kiosk --settings /etc/kiosk/kiosk.toml db restore /backup/kiosk-2026-11-23.sqlite
    """
    engine = bootstrap.open_engine(settings)
    found = backups.restore(engine, open_face_keys(settings), file, Actor.command_line(getpass.getuser()))
    engine.dispose()
    gone = len(found.withdrawn) if found else 0
    click.echo(f"restored {file}; {gone} faces that were forgotten since stay forgotten")
