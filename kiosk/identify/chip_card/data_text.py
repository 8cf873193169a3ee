"""Text and dates in data groups, read leniently: what cannot be used is None, and the card's other fields go on."""

import re
import unicodedata
from datetime import date

from kiosk.errors import InputError
from kiosk.model.identity import PartialDate

MAX_NAME_CHARACTERS = 100
MAX_PLACE_CHARACTERS = 500

_MAX_MARKS = 8
"""Combining marks in a row; Vietnamese needs two. Longer runs make normalisation slow (compare UAX #15, 13)."""
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Control, format (bidirectional overrides, zero widths), surrogate, private-use and unassigned characters."""
_FORMS = (
    re.compile(r"(?:(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-])?(?P<year>[0-9]{4})"),
    re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
)


def read_name(text: str) -> str | None:
    """A person's name in NFC with single spaces; None where it is empty, too long, unsafe or without a letter."""
    name = _plain(text, MAX_NAME_CHARACTERS)
    return name if name and any(character.isalpha() for character in name) else None


def read_place(text: str) -> str | None:
    """An address in NFC with single spaces; None where it is empty, too long or unsafe."""
    place = _plain(text, MAX_PLACE_CHARACTERS)
    return None if place in {"", "-"} else place


def read_date(text: str) -> PartialDate | None:
    """``05/03/1990``, ``00/00/1990``, ``1990`` or ``19900305``; None for anything else."""
    found = next((match for form in _FORMS if (match := form.fullmatch(text.strip()))), None)
    if found is None:
        return None
    year, month, day = (int(found[part] or 0) for part in ("year", "month", "day"))
    try:
        return PartialDate(year, month or None, day or None)
    except InputError:
        return None


def full_date(known: PartialDate | None) -> date | None:
    """The date, where year, month and day are known."""
    return date(known.year, known.month, known.day) if known and known.month and known.day else None


def _plain(text: str, most: int) -> str | None:
    spaced = " ".join(text.split())
    if len(spaced) > most * 3 or _has_long_marks(spaced):
        return None
    composed = unicodedata.normalize("NFC", spaced)
    unsafe = any(unicodedata.category(character) in _UNSAFE for character in composed)
    return None if unsafe or len(composed) > most else composed


def _has_long_marks(text: str) -> bool:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks > _MAX_MARKS:
            return True
    return False
