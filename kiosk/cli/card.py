"""`kiosk card`: read a chip card from this shell. Needs no settings when the reader is named."""

import json
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from kiosk.cli.card_answer import NEXT, OTHER_CASE, STATUS, as_json, in_words
from kiosk.errors import CardError, CardProblem, ConfigurationError, InputError
from kiosk.hardware.card_reader import VIRTUAL, PcscCardReader, reader_names
from kiosk.identify.chip_card.access_key import AccessKeys, QrFacts
from kiosk.identify.chip_card.document import Document, read_document
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.identify.codes.citizen_qr import parse_citizen_qr
from kiosk.identify.codes.fields import MAX_PAYLOAD_BYTES, read_payload
from kiosk.logs import configure_logs
from kiosk.settings import Settings, load_settings
from kiosk.settings.sections import HospitalSettings

WRONG_USE = 1
"""Not click's 2, which says of a card that it is consistent."""
WATCH_MS = 1000
CAN_DIGITS = 6


class WrongUse(click.UsageError):
    """Wrong arguments."""

    exit_code = WRONG_USE


class OwnStatus(click.Command):
    """A command whose exit status 2 means something."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Read the arguments; what is wrong with them ends with 1."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise WrongUse(error.format_message(), error.ctx) from error


reader_option = click.option(
    "--reader",
    metavar="NAME",
    help="A PC/SC reader, also a virtual one. Otherwise the one in the settings, or one that has a card.",
)
json_option = click.option("--json", "json_wanted", is_flag=True, help="Print JSON for programs.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What opens the card, as given; ``-`` where it comes on standard input, so that no process list shows it."""

    can: str | None
    document: str | None
    birth: str | None
    expiry: str | None
    qr: str | None


@click.group()
def card() -> None:
    """Read chip cards.

    Example: kiosk card watch --reader "ACS ACR1252"
    """
    configure_logs("warning")


@card.command(cls=OwnStatus)
@click.option("--can", metavar="N", help="The card access number: the last six digits of the citizen's number.")
@click.option("--document", metavar="N", help="The document's or the citizen's number, with --birth and --expiry.")
@click.option("--birth", metavar="YYMMDD", help="As in the machine-readable zone.")
@click.option("--expiry", metavar="YYMMDD", help="The same; 991231 for a card without expiry.")
@click.option("--qr", metavar="-", help="What the card's QR says.")
@click.option(
    "--trust",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of trust anchors, a demonstration's among them. Otherwise the one in the settings.",
)
@reader_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Read every data group that is not the state's alone.")
def read(  # noqa: PLR0913 # click hands over each option
    *,
    can: str | None,
    document: str | None,
    birth: str | None,
    expiry: str | None,
    qr: str | None,
    trust: Path | None,
    reader: str | None,
    json_wanted: bool,
    everything: bool,
) -> None:
    """Read the card on the reader and say whether it is genuine.

    The list of processes shows arguments to every user of this host. Give a person's numbers on standard input:
    --can -, --qr -, or --document - with number, birth and expiry date in one line.

    Ends with 0 for a genuine chip, 2 for a consistent one, 3 for a refused one, 4 when it could not be read (`error`
    says why), and 1 when the command itself was wrong.

    Example: kiosk card read --can - --trust config/trust --json < number.txt
    """
    secrets = Secrets(can=can, document=document, birth=birth, expiry=expiry, qr=qr)
    try:
        keys, claimed = _keys(secrets)
        settings = None if reader and trust else _settings()
        store = _trust(trust, settings)
        with _reader(reader, settings).connect() as connection:
            found = read_document(
                connection, keys, trust=store, today=_today(settings), claimed=claimed, everything=everything
            )
    except CardError as error:
        _refuse(error.kind, str(error), NEXT[error.kind], OTHER_CASE, json_wanted=json_wanted)
    except InputError as error:
        _refuse(error.kind, f"{error.field or 'input'}: {error}", "", WRONG_USE, json_wanted=json_wanted)
    _answer(found, json_wanted=json_wanted)


@card.command(cls=OwnStatus)
@reader_option
@json_option
@click.option("--seconds", type=float, help="End after that time; otherwise with Ctrl-C.")
def watch(*, reader: str | None, json_wanted: bool, seconds: float | None) -> None:
    """Say whenever a card is laid or taken, or the reader or its service goes and comes back.

    Example: kiosk card watch --reader "ACS ACR1252" --json
    """
    ends = time.monotonic() + seconds if seconds is not None else None
    told, watched = "", None
    while ends is None or time.monotonic() < ends:
        try:
            watched = watched or _reader(reader, None if reader else _settings())
            now = "card" if watched.has_card(WATCH_MS if told else 0) else "no_card"
        except CardError as error:
            now = error.kind
            time.sleep(WATCH_MS / 1000)
        if now != told:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            click.echo(json.dumps({"at": at, "state": now}) if json_wanted else f"{at}  {now}")
        told = now


@card.command()
def readers() -> None:
    """List the readers that the PC/SC service knows.

    Example: kiosk card readers
    """
    for name in reader_names():
        click.echo(name)


def _keys(given: Secrets) -> tuple[AccessKeys, QrFacts | None]:
    """What to try, and what was claimed.

    Raises:
        InputError: nothing to try, too much, or something that cannot be a key.
    """
    if sum(text is not None for text in (given.can, given.document, given.qr)) != 1:
        raise InputError("no_key", None, "give one of --can, --qr, or --document with --birth and --expiry")
    if given.qr is not None:
        return _by_qr(_text(given.qr))
    if given.can is not None:
        return AccessKeys.from_can(_text(given.can).strip()[-CAN_DIGITS:]), None
    return AccessKeys.from_document(*_zone(_text(given.document or ""), given)), None


def _zone(text: str, given: Secrets) -> tuple[str, str, str]:
    number, *dates = text.split() or [""]
    birth, expiry = dates if len(dates) == 2 else (given.birth or "", given.expiry or "")  # noqa: PLR2004 # in one line
    return number.upper(), birth, expiry


def _by_qr(text: str) -> tuple[AccessKeys, QrFacts | None]:
    code = parse_citizen_qr(read_payload(text).split("|"))
    if code is None:
        raise InputError("not_a_citizen_code", "qr", "this is no citizen card's QR")
    facts = QrFacts(code.number.value, code.birth_date, code.issue_date, code.name, code.sex)
    return AccessKeys.from_qr(facts), facts


def _text(given: str) -> str:
    if given != "-":
        return given
    try:
        return sys.stdin.buffer.read(MAX_PAYLOAD_BYTES + 1).decode()
    except UnicodeDecodeError as error:
        raise InputError("bad_text", None, "standard input is not UTF-8") from error


def _settings() -> Settings | None:
    path = Path(os.environ["KIOSK_SETTINGS"])
    return load_settings(path) if path.exists() else None


def _trust(folder: Path | None, settings: Settings | None) -> TrustStore:
    if folder:
        return TrustStore.open(folder, allow_demo=True)
    return TrustStore.open(settings.trust_dir, allow_demo=settings.mode == "demo") if settings else TrustStore()


def _today(settings: Settings | None) -> date:
    hospital = settings.hospital if settings else HospitalSettings()
    return datetime.now(ZoneInfo(hospital.timezone)).date()


def _reader(name: str | None, settings: Settings | None) -> PcscCardReader:
    if name:
        return PcscCardReader(name, allow_virtual=True)
    named = settings.station.card_reader if settings else "none"
    if named == "simulated":
        raise ConfigurationError("the demo's reader is inside its station: name a PC/SC reader with --reader")
    if settings and named != "none":
        return PcscCardReader(named, allow_virtual=settings.mode == "demo")
    names = sorted(reader_names(), key=lambda name: (VIRTUAL in name.lower(), name))
    there = [PcscCardReader(name, allow_virtual=True) for name in names]
    if not there:
        raise CardError(CardProblem.NO_READER, "no reader is plugged in")
    return next((reader for reader in there if reader.has_card(0)), there[0])


def _answer(found: Document, *, json_wanted: bool) -> NoReturn:
    if json_wanted:
        click.echo(json.dumps(as_json(found), ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(in_words(found)))
    raise click.exceptions.Exit(STATUS[found.judgement.verdict])


def _refuse(kind: str, message: str, todo: str, status: int, *, json_wanted: bool) -> NoReturn:
    if json_wanted:
        click.echo(json.dumps({"error": {"kind": kind, "message": message}}, ensure_ascii=False))
    else:
        click.echo(f"{kind}: {message}{'; ' if todo else ''}{todo}", err=True)
    raise click.exceptions.Exit(status)
