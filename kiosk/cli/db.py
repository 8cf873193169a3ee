import click

from kiosk import bootstrap
from kiosk.settings import Settings
from kiosk.storage import migrations


@click.group()
def db() -> None:
    """Bring the database to this version.

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
