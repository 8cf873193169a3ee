import getpass

import click

from kiosk import bootstrap
from kiosk.checkin.keep_time import accept_clock, keep_time
from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.kept_time import Doubt, HostReading, KeptTime, Proof
from kiosk.settings import Settings

SAYS = {
    Proof.SYNCHRONISED: "the kernel, which follows a time server",
    Proof.PERSON: "a person, by `kiosk clock accept`",
    Proof.NONE: "nobody: days are ended once the host has run for 24 hours under a later one",
}
DOUBTS = {
    Doubt.AHEAD: "the host's clock is ahead of what has passed",
    Doubt.BEHIND: "the host's clock is behind a moment that the database holds",
}


@click.group()
def clock() -> None:
    """See whether the host's clock is trusted, and say that it is right.

    Example: kiosk --settings /etc/kiosk/kiosk.toml clock show
    """


@clock.command()
@click.pass_obj
@click.pass_context
def show(ctx: click.Context, settings: Settings) -> None:
    """Show the service day, the host's clock and the latest moment that the database holds; exit 1 in doubt.

    Example: kiosk --settings /etc/kiosk/kiosk.toml clock show
    """
    services = bootstrap.open_services(settings)
    kept = keep_time(services)
    for line in _lines(services, kept, services.clock.host()):
        click.echo(line)
    if kept.doubt:
        ctx.exit(1)


@clock.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def accept(settings: Settings, *, yes: bool) -> None:
    """Say that the host's clock is right now, also where the database holds a later moment. Look at a watch first.

    The service day becomes the clock's date: days before it are ended, and check-ins are given under it.

    Example: kiosk --settings /etc/kiosk/kiosk.toml clock accept
    """
    services = bootstrap.open_services(settings)
    says = _shown(services, services.clock.host())
    if not yes:
        click.confirm(f"The host's clock says {says}. Is that right?", abort=True)
    kept = accept_clock(services, by=Actor.command_line(getpass.getuser()))
    click.echo(f"the clock is trusted; service day {kept.service_day}")


def _lines(services: Services, kept: KeptTime, host: HostReading) -> list[str]:
    told = services.clock.to_hospital(services.clock.now())
    if not kept.doubt:
        state = "trusted"
    else:
        since = services.clock.to_hospital(kept.doubt_since or kept.latest)
        state = f"in doubt since {since:%Y-%m-%d %H:%M}: {DOUBTS[kept.doubt]}"
    return [
        f"clock\t{state}",
        f"service day\t{kept.service_day}",
        f"time as told\t{told:%Y-%m-%d %H:%M:%S}",
        f"host's clock\t{_shown(services, host)}",
        f"synchronised\t{'yes' if host.synchronised else 'no'}",
        f"vouched for by\t{SAYS[kept.proof]}",
        f"days are ended before\t{'none: in doubt' if kept.doubt else kept.closes_before}",
    ]


def _shown(services: Services, host: HostReading) -> str:
    return f"{services.clock.to_hospital(host.wall):%Y-%m-%d %H:%M:%S}"
