"""`kiosk record`: what the hospital's record says, and the index of a folder."""

import getpass
import sys
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import click
import msgspec

from kiosk import bootstrap
from kiosk.checkin.compare_record import Difference, compare_record
from kiosk.checkin.deliver import send_refused_again
from kiosk.checkin.show_record import show_record
from kiosk.errors import ConfigurationError, InputError
from kiosk.model.actor import Actor
from kiosk.model.identity import Identifier, IdentifierSystem
from kiosk.model.summary import RecordSummary
from kiosk.settings import Settings

LONGEST_IDENTIFIER = 4096
UNUSABLE = 2
NOBODY = 3
REFUSED = 3
DIFFERS = 3
SYSTEMS = {
    "citizen": IdentifierSystem.CITIZEN_ID,
    "old": IdentifierSystem.OLD_ID,
    "insurance": IdentifierSystem.INSURANCE,
    "hospital": IdentifierSystem.HOSPITAL_CODE,
} | {str(system): system for system in IdentifierSystem}


@click.group()
def record() -> None:
    """Look into the hospital's record.

    Example: echo 'citizen|001190012345' | kiosk record show --identifier - --json
    """


@record.command()
@click.option(
    "--identifier",
    required=True,
    metavar="SYSTEM|VALUE",
    help="SYSTEM: citizen, old, insurance, hospital or a URI. - reads standard input: then no process list shows it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def show(settings: Settings, *, identifier: str, as_json: bool) -> None:
    """Print the record of everybody with this identifier; the audit names who did.

    Exit status: 0, 3 when nobody has it, 2 when it cannot be used.

    Example: echo 'insurance|0100123456' | kiosk record show --identifier - --json
    """
    try:
        wanted = _identifier(sys.stdin.read(LONGEST_IDENTIFIER + 1) if identifier == "-" else identifier)
    except InputError as error:
        said = {"error": {"kind": error.kind, "field": error.field, "message": error.message}}
        click.echo(msgspec.json.encode(said).decode() if as_json else error.message, err=not as_json)
        sys.exit(UNUSABLE)
    by = Actor.command_line(getpass.getuser())
    found = show_record(bootstrap.open_services(settings), wanted, by=by)
    click.echo(msgspec.json.encode({"patients": list(map(_as_data, found))}).decode() if as_json else _in_words(found))
    sys.exit(0 if found else NOBODY)


@record.command()
@click.pass_obj
def reindex(settings: Settings) -> None:
    """Read every file of the record's folder again, also those that were rewritten in place.

    Example: kiosk --settings /etc/kiosk/kiosk.toml record reindex
    """
    if settings.record.kind != "folder":
        raise ConfigurationError("record.kind: only a folder has an index")
    from kiosk.record.folder import FolderRecord  # noqa: PLC0415 # not for a FHIR server

    folder = FolderRecord(settings.record_dir, ZoneInfo(settings.hospital.timezone))
    try:
        with click.progressbar(length=1, label="Reading", file=sys.stderr) as bar:

            def told(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            folder.refresh(told, rebuild=True)
        click.echo(f"{folder.problems()} files cannot be read")
    finally:
        folder.close()


@record.command()
@click.option("--again", is_flag=True, help="Send them all once more, after the cause was mended.")
@click.pass_obj
def refused(settings: Settings, *, again: bool) -> None:
    """List what the hospital's record refused to take, and send it again.

    Exit status: 0, 3 when something was refused and is only listed.

    Example: kiosk --settings /etc/kiosk/kiosk.toml record refused --again
    """
    services = bootstrap.open_services(settings)
    with services.storage.read() as work:
        found = work.outbox.refusals()
    for one in found:
        asked = services.clock.to_hospital(one.asked_at).isoformat(timespec="seconds")
        click.echo(f"{asked}  {one.kind}  check-in/{one.check_in_id}  {one.error}")
    if again:
        count = send_refused_again(services, by=Actor.command_line(getpass.getuser()))
        click.echo(f"{count} are sent again within seconds; `kiosk record refused` shows what is refused once more")
    elif not found:
        click.echo("nothing was refused")
    sys.exit(REFUSED if found and not again else 0)


@record.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def compare(settings: Settings, *, day: datetime, as_json: bool) -> None:
    """List in what the record's Encounters and the check-ins of a day differ; changes neither.

    Exit status: 0 when they agree, but for what waits to be told; 3 when they do not.

    Example: kiosk --settings /etc/kiosk/kiosk.toml record compare 2026-11-23 --json
    """
    found = compare_record(bootstrap.open_services(settings), day.date())
    if as_json:
        click.echo(msgspec.json.encode({"day": day.date(), "differences": found}))
    else:
        for one in found:
            whose = f"Patient/{one.patient_id}" if one.patient_id else "nobody"
            states = f"database {one.database or '-'}, record {one.record or '-'}"
            click.echo(f"{one.difference}  check-in/{one.check_in_id}  {whose}  {states}")
        click.echo(f"{len(found)} differ" if found else "they agree")
    sys.exit(DIFFERS if any(one.difference is not Difference.WAITING for one in found) else 0)


def _identifier(text: str) -> Identifier:
    if len(text) > LONGEST_IDENTIFIER:
        raise InputError("too_long", "identifier", "an identifier is shorter")
    name, separator, value = text.strip().partition("|")
    if not separator or not value:
        raise InputError("bad_identifier", "identifier", "expected SYSTEM|VALUE")
    if name not in SYSTEMS:
        raise InputError("unknown_system", "identifier", "expected citizen, old, insurance, hospital or their URIs")
    return Identifier(SYSTEMS[name], value)


def _as_data(summary: RecordSummary) -> dict[str, object]:
    born = summary.patient.birth_date
    data = asdict(summary)
    return data | {"patient": data["patient"] | {"birth_date": str(born) if born else None}}


def _in_words(found: list[RecordSummary]) -> str:
    lines = []
    for summary in found:
        lines += [f"{summary.patient.name}, {summary.patient.birth_date or '?'}, Patient/{summary.patient.id}"]
        lines += [f"  allergy: {one.substance}" for one in summary.allergies]
        lines += [f"  problem: {one.name}" for one in summary.problems]
        lines += [f"  medicine: {one.name}, {one.dosage or '?'}" for one in summary.medicines]
    return "\n".join(lines) or "nobody"
