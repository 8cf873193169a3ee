import secrets
import sys
from dataclasses import asdict

import click
import msgspec

from kiosk import bootstrap
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import InputError
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.model.clinic import RECEPTION
from kiosk.model.identity import PartialDate
from kiosk.ports.devices import SignalSource
from kiosk.settings import Settings

LONGEST_CODE = 4096
UNUSABLE, AT_RECEPTION = 2, 3


@click.command()
@click.option(
    "--code", required=True, help="The code; - reads it from standard input, so that no process list shows it."
)
@click.option("--birth-date", help="After a bare number: YYYY-MM-DD.")
@click.option("--clinic", required=True, help="The clinic's id; an appointment there today is taken.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def checkin(settings: Settings, *, code: str, birth_date: str | None, clinic: str, as_json: bool) -> None:
    """Check somebody in from this shell, through the same use cases as the kiosk.

    Exit status: 0 with a clinic's number, 3 when reception decides, 2 for a code that cannot be used.

    Example: echo BN000123 | kiosk checkin --code - --birth-date 1990-03-05 --clinic noi-tiet --json
    """
    if clinic not in {known.id for known in settings.clinics}:
        raise click.BadParameter(f"no clinic {clinic}", param_hint="--clinic")
    payload = sys.stdin.read(LONGEST_CODE + 1).strip() if code == "-" else code
    check_ins = LocalCheckIns(bootstrap.open_services(settings))
    try:
        view = _check_in(check_ins, payload, PartialDate.from_iso(birth_date) if birth_date else None, clinic)
    except InputError as error:
        _say_unusable(error, as_json=as_json)
        sys.exit(UNUSABLE)
    click.echo(msgspec.json.encode(asdict(view)).decode() if as_json else _in_words(view))
    sys.exit(0 if view.ticket and view.ticket.clinic_id != RECEPTION else AT_RECEPTION)


def _check_in(check_ins: LocalCheckIns, payload: str, born: PartialDate | None, clinic: str) -> CheckInView:
    # two at once must never answer each other's questions
    station_id = f"command-line-{secrets.token_hex(4)}"
    check_ins.start(station_id, "vi")
    view = check_ins.claim(station_id, payload, SignalSource.SCANNER)
    if view.problem:
        check_ins.leave(station_id, view.id)
        raise InputError(view.problem, "code", "this code cannot be used")
    if view.stage is Stage.BIRTH_DATE:
        if born is None:
            check_ins.leave(station_id, view.id)
            raise InputError("missing", "birth_date", "a bare number needs --birth-date")
        view = check_ins.answer_birth_date(station_id, view.id, view.version, born)
    if view.stage is Stage.IS_THIS_YOU:
        view = check_ins.accept_name(station_id, view.id, view.version)
    if view.stage is Stage.CHOOSING:
        mine = next((choice for choice in view.appointments if choice.clinic_id == clinic), None)
        if mine:
            view = check_ins.choose_appointment(station_id, view.id, view.version, mine.id)
        else:
            view = check_ins.choose_clinic(station_id, view.id, view.version, clinic)
    check_ins.leave(station_id, view.id)
    return view


def _in_words(view: CheckInView) -> str:
    if view.ticket is None:
        return f"no number: {view.stage}"
    return f"number {view.ticket.number}, {view.ticket.room or view.ticket.clinic_id}, {view.ticket.ahead} ahead"


def _say_unusable(error: InputError, *, as_json: bool) -> None:
    if as_json:
        said = {"error": {"kind": error.kind, "field": error.field, "message": error.message}}
        click.echo(msgspec.json.encode(said).decode())
    else:
        click.echo(f"{error.field}: {error.message}", err=True)
