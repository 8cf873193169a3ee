"""The machine readable zone in DG1 (ICAO Doc 9303-3, -4, -5 and -10, 4.7.1).

A Vietnamese citizen card's first line ends with the holder's 12-digit number and a check digit over it, a national
addition in the field for optional data.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.errors import InputError
from kiosk.identify.chip_card.tlv import find, read_head
from kiosk.model.identity import PartialDate, Sex

DG1 = 0x61
MAX_DG1_BYTES = 128
VIET_NAM = "VNM"
NO_EXPIRY = "991231"
"""How a card without expiry says so: on cards of 2021 as on those of 2024."""

_MRZ = 0x5F1F
_FILLER = "<"
_WEIGHTS = (7, 3, 1)
_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {_FILLER: 0}
_CITIZEN_NUMBER = re.compile(r"([0-9]{12})<<([0-9<])")
_SEXES = {"M": Sex.MALE, "F": Sex.FEMALE}


class Layout(StrEnum):
    """The size of a document, which decides its lines."""

    TD1 = "TD1"
    """A card: three lines of 30 characters."""
    TD3 = "TD3"
    """A passport: two lines of 44."""


@dataclass(frozen=True, slots=True)
class Mrz:
    """What the zone says, without its fillers.

    Attributes:
        document_code: ``ID`` on a citizen card; a passport's begins with ``P``.
        state: issuing state, three letters as a rule.
        document_number: on a citizen card the last nine digits of the holder's number.
        expires_on: None for a card without expiry.
        name: surname first, in capital letters without diacritics.
        name_cut: the name fills its field, so that more of it may be missing.
        citizen_number: the 12 digits of a Vietnamese card; None on any other document.
    """

    layout: Layout
    document_code: str
    state: str
    document_number: str
    birth_date: PartialDate
    sex: Sex | None
    expires_on: date | None
    nationality: str
    name: str
    name_cut: bool
    citizen_number: str | None = None


def check_digit(text: str) -> str:
    """The weighted digit 7-3-1 (ICAO Doc 9303-3, 4.9).

    Raises:
        InputError: kind ``bad_mrz``, a character that no zone may hold.
    """
    try:
        values = [_VALUES[character] for character in text]
    except KeyError:
        raise InputError("bad_mrz", None, "the zone holds capital letters, digits and < only") from None
    return str(sum(value * _WEIGHTS[at % 3] for at, value in enumerate(values)) % 10)


def read_dg1(raw: bytes, today: date) -> Mrz:
    """The zone in DG1's bytes as the card gave them.

    Args:
        raw: the whole file, tag 61 first.
        today: a birth date of two digits is never after it.

    Raises:
        InputError: kinds of `tlv`, ``too_long``, ``not_dg1`` and those of `read_mrz`.
    """
    if len(raw) > MAX_DG1_BYTES:
        raise InputError("too_long", "dg1", f"DG1 has at most {MAX_DG1_BYTES} bytes")
    zone = find(raw, DG1, _MRZ)
    head = read_head(raw) if zone else None
    if zone is None or head is None or head.size + head.length != len(raw):
        raise InputError("not_dg1", "dg1", "expected one data object 61 with a zone in it")
    try:
        text = zone.value.decode("ascii")
    except UnicodeDecodeError:
        raise InputError("bad_mrz", None, "the zone holds capital letters, digits and < only") from None
    return read_mrz(text, today)


def read_mrz(text: str, today: date) -> Mrz:
    """The zone's lines, one after the other without line ends.

    Raises:
        InputError: kind ``bad_mrz`` (size or characters), ``bad_check_digit``, ``bad_date`` or ``missing``; `field`
            names which.
    """
    readers = {90: _read_card, 88: _read_passport}
    if len(text) not in readers:
        raise InputError("bad_mrz", None, "expected three lines of 30 characters, or two of 44")
    check_digit(text)
    return readers[len(text)](text, today)


def _read_card(text: str, today: date) -> Mrz:
    """TD1 (ICAO Doc 9303-5, 4.2)."""
    first, second, third = text[:30], text[30:60], text[60:]
    number, optional = _card_number(first)
    _check(second[:6], second[6], "birth_date")
    _check(second[8:14], second[14], "expires_on")
    _check(first[5:] + second[:7] + second[8:15] + second[18:29], second[29], "composite")
    citizen_number = _citizen_number(optional) if first[2:5] == VIET_NAM else None
    return Mrz(
        layout=Layout.TD1,
        document_code=first[:2].rstrip(_FILLER),
        state=first[2:5].rstrip(_FILLER),
        document_number=number,
        birth_date=_birth_date(second[:6], today, citizen_number),
        sex=_SEXES.get(second[7]),
        expires_on=_expiry(second[8:14], first[2:5]),
        nationality=second[15:18].rstrip(_FILLER),
        name=_name(third),
        name_cut=not third.endswith(_FILLER),
        citizen_number=citizen_number,
    )


def _read_passport(text: str, today: date) -> Mrz:
    """TD3 (ICAO Doc 9303-4, 4.2)."""
    first, second = text[:44], text[44:]
    _check(second[:9], second[9], "document_number")
    _check(second[13:19], second[19], "birth_date")
    _check(second[21:27], second[27], "expires_on")
    if second[28:43].strip(_FILLER):
        _check(second[28:42], second[42], "optional_data")
    _check(second[:10] + second[13:20] + second[21:43], second[43], "composite")
    return Mrz(
        layout=Layout.TD3,
        document_code=first[:2].rstrip(_FILLER),
        state=first[2:5].rstrip(_FILLER),
        document_number=second[:9].rstrip(_FILLER),
        birth_date=_birth_date(second[13:19], today, None),
        sex=_SEXES.get(second[20]),
        expires_on=_expiry(second[21:27], first[2:5]),
        nationality=second[10:13].rstrip(_FILLER),
        name=_name(first[5:]),
        name_cut=not first.endswith(_FILLER),
    )


def _card_number(first: str) -> tuple[str, str]:
    """The document's number and what is left of the optional data; a long number goes on there (9303-5, 4.2.2.1)."""
    number, digit, optional = first[5:14], first[14], first[15:]
    if digit == _FILLER:
        rest, _, optional = optional.partition(_FILLER)
        number, digit = number + rest[:-1], rest[-1:]
    _check(number, digit, "document_number")
    return number.rstrip(_FILLER), optional


def _citizen_number(optional: str) -> str | None:
    found = _CITIZEN_NUMBER.fullmatch(optional)
    if not found:
        return None
    number, digit = found.groups()
    if digit != _FILLER:
        _check(number, digit, "citizen_number")
    return number


def _birth_date(text: str, today: date, citizen_number: str | None) -> PartialDate:
    """The zone has two digits of the year. The century is the one nearest to the year that the number holds.

    Without a number, and where that would be in the future, it is the last one that is not.
    """
    year, month, day = (0 if part in {"<<", "00"} else _digits(part) for part in (text[:2], text[2:4], text[4:]))
    if text[:2] == _FILLER * 2 or (day and not month):
        raise InputError("bad_date", "birth_date", "the birth date has no year, or a day without its month")
    past = [
        born
        for century in (1800, 1900, 2000, 2100)
        if (born := _partial_date(century + year, month, day)) and _earliest(born) <= today
    ]
    if not past:
        raise InputError("bad_date", "birth_date", "no such date")
    if citizen_number is None:
        return past[-1]
    expected = 1900 + 100 * (int(citizen_number[3]) // 2) + int(citizen_number[4:6])
    return min(past, key=lambda born: abs(born.year - expected))


def _partial_date(year: int, month: int, day: int) -> PartialDate | None:
    try:
        return PartialDate(year, month or None, day or None)
    except InputError:
        return None


def _earliest(born: PartialDate) -> date:
    return date(born.year, born.month or 1, born.day or 1)


def _expiry(text: str, state: str) -> date | None:
    if text == NO_EXPIRY and state == VIET_NAM:
        return None
    try:
        # no chip is older than 2004, so that 99 is never 1999
        return date(2000 + _digits(text[:2]), _digits(text[2:4]), _digits(text[4:]))
    except (ValueError, InputError):
        raise InputError("bad_date", "expires_on", "no such date") from None


def _digits(text: str) -> int:
    if not text.isdigit():
        raise InputError("bad_date", "birth_date", "expected digits, or < for what is not known")
    return int(text)


def _name(text: str) -> str:
    name = " ".join(text.replace(_FILLER, " ").split())
    if not name:
        raise InputError("missing", "name", "the name is missing")
    return name


def _check(text: str, digit: str, field: str) -> None:
    if check_digit(text) != digit:
        raise InputError("bad_check_digit", field, "a check digit is wrong")
