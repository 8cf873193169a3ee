"""Reading the staff's forms."""

import re
from enum import StrEnum
from typing import TypeVar

from flask import request

from kiosk.errors import InputError
from kiosk.model.identity import PartialDate

LONGEST_VERSION = 9
Choice = TypeVar("Choice", bound=StrEnum)
_BIRTH_DATE = re.compile(r"(?:(?:(\d{1,2})[/.\- ])?(\d{1,2})[/.\- ])?(\d{4})")
_DIGITS_ONLY = re.compile(r"(\d{2})(\d{2})(\d{4})")


def version() -> int:
    """The version of the check-in that the page showed.

    Raises:
        InputError: missing, or not a number.
    """
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION):
        raise InputError("bad_number", "version", "expected the version of the page")
    return int(text)


def text(name: str, longest: int = 200) -> str:
    """A field without spaces around it; empty when missing.

    Raises:
        InputError: too long.
    """
    given = request.form.get(name, "").strip()
    if len(given) > longest:
        raise InputError("too_long", name, f"at most {longest} characters")
    return given


def choice(name: str, kind: type[Choice]) -> Choice:
    """One of an enumeration.

    Raises:
        InputError: none of them.
    """
    try:
        return kind(request.form.get(name, ""))
    except ValueError as error:
        raise InputError("unknown", name, "expected one of the choices") from error


def yes_or_no(name: str) -> bool:
    """A button's answer.

    Raises:
        InputError: neither of them.
    """
    given = request.form.get(name, "")
    if given not in {"yes", "no"}:
        raise InputError("unknown", name, "expected yes or no")
    return given == "yes"


def birth_date(given: str) -> PartialDate:
    """A date as people say it: ``05/03/1990``, ``5-3-1990``, ``05031990``, or only ``03/1990`` or ``1990``.

    Raises:
        InputError: kind ``bad_date``.
    """
    match = _DIGITS_ONLY.fullmatch(given) or _BIRTH_DATE.fullmatch(given)
    if not given.isascii() or not match:
        raise InputError("bad_date", "birth_date", "expected dd/mm/yyyy")
    day, month, year = (int(part) if part else None for part in match.groups())
    if year is None:
        raise InputError("bad_date", "birth_date", "expected dd/mm/yyyy")
    return PartialDate(year, month, day)
