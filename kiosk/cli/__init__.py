"""The command line. Each group is imported when it is used, so that no command pays for another's libraries."""

import importlib
import os
import sys
from pathlib import Path

import click

from kiosk.errors import KioskError
from kiosk.logs import configure_logs
from kiosk.settings import load_settings

COMMANDS = {
    "audit": "Verify the audit chain.",
    "card": "Read chip cards.",
    "checkin": "Check somebody in from this shell, through the same use cases.",
    "clock": "See whether the host's clock is trusted, and say that it is right.",
    "codes": "Read the codes that patients carry.",
    "db": "Bring the database to this version; copy it, and put a copy back.",
    "deliver": "Run the process that publishes and delivers what is queued.",
    "demo": "Run everything with simulated devices and an invented hospital.",
    "devices": "Check this station's devices.",
    "face": "Compare, check and evaluate faces.",
    "faces": "Count, forget and re-key enrolled faces.",
    "models": "Install the networks of the face.",
    "record": "Look into the hospital's record.",
    "staff": "Manage staff accounts.",
    "station": "Run the process that owns this kiosk's devices.",
    "trust": "Pin the authorities that issue chip cards.",
    "web": "Run the patient's or the staff's listener.",
}
WITHOUT_SETTINGS = frozenset({"card", "codes", "demo", "face", "models", "trust"})
DEFAULT_SETTINGS = "/etc/kiosk/kiosk.toml"


class LazyGroup(click.Group):
    """Imports `kiosk.cli.NAME` and takes NAME from it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        """All commands, without importing them."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 # click's signature
        """One command, imported."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"kiosk.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"kiosk.cli.{cmd_name} holds no command of its name")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 # click's signature
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; our own errors become one line and exit status 1."""
        try:
            return super().invoke(ctx)
        except KioskError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LazyGroup)
@click.version_option(package_name="kiosk")
@click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path),
    default=lambda: os.environ.get("KIOSK_SETTINGS", DEFAULT_SETTINGS),
    show_default=f"$KIOSK_SETTINGS, or {DEFAULT_SETTINGS}",
    help="The settings file.",
)
@click.pass_context
def main(ctx: click.Context, path: Path) -> None:
    """Hospital check-in without paper.

    Example: kiosk --settings /etc/kiosk/kiosk.toml devices check
    """
    os.environ["KIOSK_SETTINGS"] = str(path)
    if ctx.invoked_subcommand in WITHOUT_SETTINGS or {"--help", "-h"} & set(sys.argv):
        return
    settings = load_settings(path)
    configure_logs(settings.logs.level)
    ctx.obj = settings
