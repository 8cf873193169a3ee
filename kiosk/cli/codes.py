"""`kiosk codes`: read what patients carry, from text or from a picture. Needs no settings and no network."""

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import NoReturn

import click

from kiosk.errors import InputError
from kiosk.identify.codes.citizen_number import CitizenNumber
from kiosk.identify.codes.citizen_qr import CitizenCode
from kiosk.identify.codes.fields import MAX_PAYLOAD_BYTES
from kiosk.identify.codes.hospital_code import HospitalCode
from kiosk.identify.codes.images import MAX_PICTURE_BYTES, FoundCode, read_codes
from kiosk.identify.codes.insurance_number import InsuranceNumber
from kiosk.identify.codes.insurance_qr import InsuranceCode
from kiosk.identify.codes.recognise import Code, recognise
from kiosk.settings.sections import HospitalSettings

Answer = dict[str, object]

UNUSABLE = 2

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
pattern_option = click.option(
    "--hospital-pattern",
    default=HospitalSettings().code_pattern,
    show_default=True,
    metavar="REGEX",
    help="What the whole of the hospital's own code looks like.",
)


@click.group()
def codes() -> None:
    """Read citizen, insurance and hospital codes.

    Example: kiosk codes scan photograph.jpg --json
    """


@codes.command()
@click.argument("payload")
@pattern_option
@as_json_option
def parse(*, payload: str, hospital_pattern: str, as_json: bool) -> None:
    """Read the text of one code; PAYLOAD - reads standard input, so that it is in no process list.

    Exit status 0, or 2 if the code cannot be used.

    Example: kiosk codes parse - --json < code.txt
    """
    try:
        text = _text(sys.stdin.buffer.read(MAX_PAYLOAD_BYTES + 1)) if payload == "-" else payload
        answer = _answer(text, _checked(hospital_pattern))
    except InputError as error:
        _refuse(error, as_json=as_json)
    _print(answer if as_json else _in_words(answer))


@codes.command()
@click.argument("image")
@pattern_option
@as_json_option
def scan(*, image: str, hospital_pattern: str, as_json: bool) -> None:
    """Read all codes of a PNG or JPEG picture; IMAGE - reads standard input.

    Each is as `parse` prints it, with its corners (x, y) in pixels. Exit status 0, also where the picture shows no
    code or an unknown one; 2 if the picture cannot be used.

    Example: kiosk codes scan photograph.jpg --json
    """
    try:
        pattern = _checked(hospital_pattern)
        found = read_codes(_picture(image), thorough=True)
    except InputError as error:
        _refuse(error, as_json=as_json)
    answers = [_located(code, pattern) for code in found]
    _print(answers if as_json else "\n\n".join(map(_in_words, answers)) or "no code found")


def _checked(pattern: str) -> str:
    try:
        return HospitalSettings(code_pattern=pattern).code_pattern
    except ValueError as error:
        raise InputError("bad_pattern", "hospital_pattern", str(error)) from error


def _text(data: bytes) -> str:
    if len(data) > MAX_PAYLOAD_BYTES:
        raise InputError("too_long", None, f"a code has at most {MAX_PAYLOAD_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError("not_utf8", None, "the code's text is not UTF-8") from None


def _picture(path: str) -> bytes:
    try:
        with sys.stdin.buffer if path == "-" else Path(path).open("rb") as file:
            return file.read(MAX_PICTURE_BYTES + 1)
    except OSError as error:
        raise InputError("unreadable", "image", error.strerror or "cannot be read") from error


def _answer(text: str, pattern: str) -> Answer:
    code = recognise(text, pattern)
    kind, known = _kind_and_fields(code)
    warnings = code.warnings if isinstance(code, CitizenCode | InsuranceCode) else ()
    return {"kind": kind, "fields": known, "warnings": list(warnings)}


def _located(code: FoundCode, pattern: str) -> Answer:
    place: Answer = {"format": code.format, "corners": [list(corner) for corner in code.corners]}
    try:
        return _answer(code.text, pattern) | place
    except InputError as error:
        return _error(error) | place


def _kind_and_fields(code: Code) -> tuple[str, Answer]:
    if isinstance(code, HospitalCode):
        return "hospital", {"code": code.value}
    if isinstance(code, CitizenNumber):
        return "citizen", dict.fromkeys(_names(CitizenCode)) | {"citizen_id": code.value}
    if isinstance(code, InsuranceNumber):
        return "insurance", dict.fromkeys(_names(InsuranceCode)) | {"number": code.value}
    kind = "citizen" if isinstance(code, CitizenCode) else "insurance"
    values = (code.number.value, *(getattr(code, name) for name in _names(type(code))[1:]))
    texts = (None if value is None else str(value) for value in values)
    return kind, dict(zip(_names(type(code)), texts, strict=True))


def _names(kind: type[CitizenCode | InsuranceCode]) -> list[str]:
    """The fields as printed: the first is the number."""
    names = [field.name for field in fields(kind) if field.name != "warnings"]
    return ["citizen_id", *names[1:]] if kind is CitizenCode else names


def _error(error: InputError) -> Answer:
    return {"error": {"kind": error.kind, "field": error.field, "message": error.message}}


def _refuse(error: InputError, *, as_json: bool) -> NoReturn:
    if as_json:
        _print(_error(error))
    else:
        click.echo(_in_words(_error(error)), err=True)
    sys.exit(UNUSABLE)


def _print(answer: object) -> None:
    """As bytes: names stay readable whatever the terminal's locale is."""
    click.echo((answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)).encode())


def _in_words(answer: Answer) -> str:
    """One `name: value` a line; what is absent is left out."""
    lines = []
    for name, value in answer.items():
        if isinstance(value, dict):
            lines += [f"{key}: {text}" for key, text in value.items() if text is not None]
        elif isinstance(value, list):
            lines += [f"{name}: {', '.join(map(str, value))}"] if value else []
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)
