"""What a patient typed, read strictly and kept nowhere."""

from collections.abc import Mapping
from datetime import date

from kiosk.errors import InputError
from kiosk.model.identity import PartialDate
from kiosk.web.patient.card import NO_EXPIRY_YEAR

LONGEST_NUMBER = 32
OLDEST_YEAR = 1900
LONGEST_VALIDITY = 30
"""Years; the longest between two milestones of the law is 20, and a renewal may be two years early."""
LAST_DIGITS = 4
KEYPAD_SPACE = str.maketrans("", "", " .-")


def read_number(form: Mapping[str, str]) -> str:
    """A typed number in capitals without spaces, dots and hyphens.

    Raises:
        InputError: kind ``empty`` or ``too_long``, field ``number``.
    """
    number = form.get("number", "").translate(KEYPAD_SPACE).strip().upper()
    if not number:
        raise InputError("empty", "number", "expected a number")
    if len(number) > LONGEST_NUMBER:
        raise InputError("too_long", "number", f"at most {LONGEST_NUMBER} characters")
    return number


def read_birth_date(form: Mapping[str, str], today: date) -> PartialDate:
    """Day, month and year; day and month stay empty where a document shows the year only.

    Raises:
        InputError: kind ``bad_date``, field ``birth_date``.
    """
    year, month, day = (_read_part(form, name) for name in ("year", "month", "day"))
    if year is None or not OLDEST_YEAR <= year <= today.year:
        raise InputError("bad_date", "birth_date", "expected a year of four digits")
    answer = PartialDate(year, month, day)
    if date(answer.year, answer.month or 1, answer.day or 1) > today:
        raise InputError("bad_date", "birth_date", "lies in the future")
    return answer


def read_expiry(form: Mapping[str, str], today: date) -> date:
    """The expiry date of a card, whole.

    Raises:
        InputError: kind ``bad_date``, field ``expiry``.
    """
    if form.get("without") == "yes":
        return date(NO_EXPIRY_YEAR, 12, 31)
    year, month, day = (_read_part(form, name) for name in ("year", "month", "day"))
    try:
        expiry = date(year or 0, month or 0, day or 0)
    except ValueError as error:
        raise InputError("bad_date", "expiry", "expected day, month and year") from error
    if abs(expiry.year - today.year) > LONGEST_VALIDITY:
        raise InputError("bad_date", "expiry", "no card is valid for so long")
    return expiry


def read_last_four(form: Mapping[str, str]) -> str:
    """The last four digits of a number.

    Raises:
        InputError: kind ``bad_digits``, field ``digits``.
    """
    digits = form.get("digits", "").translate(KEYPAD_SPACE).strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) == LAST_DIGITS):
        raise InputError("bad_digits", "digits", "expected four digits")
    return digits


def read_version(form: Mapping[str, str]) -> int:
    """The version that the page showed; one that is not a number fits no check-in."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER else 0


def _read_part(form: Mapping[str, str], name: str) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len("2000")):
        raise InputError("bad_date", "birth_date", "expected digits")
    return int(text)
