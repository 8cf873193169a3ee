import getpass
import sys
from collections.abc import Sequence

import click

from kiosk.bootstrap import open_services
from kiosk.checkin import accounts
from kiosk.model.actor import Actor
from kiosk.model.staff import Role, StaffAccount
from kiosk.settings import Settings


@click.group()
def staff() -> None:
    """Manage staff accounts.

    Example: kiosk staff add bs.lan --role doctor --clinic noi-tiet
    """


@staff.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), required=True, help="What the account is for."
)
@click.option("--clinic", "clinics", multiple=True, metavar="ID", help="A clinic of a doctor or display; repeatable.")
@click.option("--shown-name", help="The name on the screens, when it is not NAME.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
@click.pass_obj
def add(
    settings: Settings, name: str, role: str, clinics: Sequence[str], shown_name: str | None, *, password_stdin: bool
) -> None:
    """Create the account that signs in as NAME.

    Example: kiosk staff add bs.lan --role doctor --clinic noi-tiet --shown-name "BS. Lan"
    """
    services = open_services(settings)
    password = _password(from_stdin=password_stdin)
    account = accounts.add_account(
        services,
        sign_in_name=name,
        shown_name=shown_name or name,
        role=Role(role),
        clinics=clinics,
        password=password,
        by=_operator(),
    )
    click.echo(f"{account.sign_in_name} may sign in at /{_area(account.role)}/")


@staff.command(name="list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """List every account with its role, clinics and state.

    Example: kiosk staff list
    """
    services = open_services(settings)
    for account in accounts.all_accounts(services):
        locked = account.locked_until is not None and account.locked_until > services.clock.now()
        state = "disabled" if account.disabled else "locked" if locked else "active"
        click.echo("\t".join([account.sign_in_name, account.role, ",".join(account.clinics) or "-", state]))


@staff.command()
@click.argument("name")
@click.pass_obj
def unlock(settings: Settings, name: str) -> None:
    """Let a locked or disabled account sign in again.

    Example: kiosk staff unlock bs.lan
    """
    services = open_services(settings)
    account = accounts.account_named(services, sign_in_name=name)
    accounts.unlock(services, staff_id=account.id, by=_operator())
    click.echo(f"{account.sign_in_name} may sign in again")


@staff.command()
@click.argument("name")
@click.pass_obj
def disable(settings: Settings, name: str) -> None:
    """End every session of an account and refuse further ones.

    Example: kiosk staff disable bs.lan
    """
    services = open_services(settings)
    account = accounts.account_named(services, sign_in_name=name)
    accounts.disable(services, staff_id=account.id, by=_operator())
    click.echo(f"{account.sign_in_name} is signed out everywhere and may not sign in")


@staff.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
@click.pass_obj
def password(settings: Settings, name: str, *, password_stdin: bool) -> None:
    """Replace an account's password and end its sessions.

    Example: kiosk staff password bs.lan
    """
    services = open_services(settings)
    account: StaffAccount = accounts.account_named(services, sign_in_name=name)
    accounts.set_password(services, staff_id=account.id, password=_password(from_stdin=password_stdin), by=_operator())
    click.echo(f"{account.sign_in_name} has a new password")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _operator() -> Actor:
    return Actor.command_line(getpass.getuser())


def _area(role: Role) -> str:
    return "admin" if role is Role.ADMINISTRATOR else role.value
