"""The parts that codes are made of: text, dates and hexadecimal text, read strictly."""

import re
import unicodedata

from kiosk.errors import InputError
from kiosk.model.identity import PartialDate

MAX_PAYLOAD_BYTES = 4096
MAX_NAME_CHARACTERS = 100
MAX_PLACE_CHARACTERS = 500
MAX_MARKS = 8
"""Combining marks in a row; Vietnamese needs two. Longer runs make normalisation slow (compare UAX #15, 13)."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co"})
"""Control, format (bidirectional overrides, zero widths), surrogate and private-use characters."""

_PACKED_DATE = re.compile(r"(?:([0-9]{2})([0-9]{2}))?([0-9]{4})")
_SLASHED_DATE = re.compile(r"(?:([0-9]{2})/([0-9]{2})/)?([0-9]{4})")


def read_payload(payload: str) -> str:
    """The payload in NFC, without what scanners put around it (NUL, CR, LF, space).

    Raises:
        InputError: kind ``too_long`` (over 4096 bytes of UTF-8), ``not_utf8``, ``bad_text`` or ``empty``.
    """
    try:
        size = len(payload.encode()) if len(payload) <= MAX_PAYLOAD_BYTES else len(payload)
    except UnicodeEncodeError:
        raise InputError("not_utf8", None, "the code's text is not UTF-8") from None
    if size > MAX_PAYLOAD_BYTES:
        raise InputError("too_long", None, f"a code has at most {MAX_PAYLOAD_BYTES} bytes")
    text = normalise(payload, None).strip("\0\r\n\t ")
    if not text:
        raise InputError("empty", None, "the code is empty")
    return text


def normalise(text: str, field: str | None) -> str:
    """The text in NFC.

    Raises:
        InputError: kind ``bad_text``, more than `MAX_MARKS` combining marks in a row.
    """
    if text.isascii():
        return text
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks > MAX_MARKS:
            raise InputError("bad_text", field, "too many combining marks in a row")
    return unicodedata.normalize("NFC", text)


def read_name(text: str, field: str) -> str:
    """A person's name: any white space becomes one space; unsafe characters are refused, since names are compared.

    Raises:
        InputError: kind ``missing``, ``bad_text`` or ``too_long``.
    """
    name = " ".join(text.split())
    if name in {"", "-"}:
        raise InputError("missing", field, "the name is missing")
    if len(name) > MAX_NAME_CHARACTERS:
        raise InputError("too_long", field, f"a name has at most {MAX_NAME_CHARACTERS} characters")
    if any(unicodedata.category(character) in _UNSAFE for character in name):
        raise InputError("bad_text", field, "the name holds control or formatting characters")
    if not any(character.isalpha() for character in name):
        raise InputError("bad_text", field, "the name holds no letter")
    return name


def read_place(text: str, field: str) -> str | None:
    """An address or office, or None for an empty one or ``-``: unsafe characters are left out, nobody compares it.

    Raises:
        InputError: kind ``too_long``.
    """
    spaced = " ".join(text.split())
    place = "".join(character for character in spaced if unicodedata.category(character) not in _UNSAFE).strip()
    if len(place) > MAX_PLACE_CHARACTERS:
        raise InputError("too_long", field, f"at most {MAX_PLACE_CHARACTERS} characters")
    return None if place in {"", "-"} else place


def read_hex_text(text: str, field: str) -> str:
    """Text as hexadecimal digits of its UTF-8 bytes; ``-`` and the empty string stay as they are.

    Raises:
        InputError: kind ``bad_hex``, ``not_utf8`` or ``bad_text``.
    """
    if text in {"", "-"}:
        return text
    if len(text) % 2 or not re.fullmatch(r"[0-9A-Fa-f]+", text):
        raise InputError("bad_hex", field, "expected pairs of hexadecimal digits")
    try:
        return normalise(bytes.fromhex(text).decode(), field)
    except UnicodeDecodeError:
        raise InputError("not_utf8", field, "the hexadecimal digits are not UTF-8 text") from None


def read_packed_date(text: str, field: str) -> PartialDate | None:
    """``05031990``, ``00031990`` or ``00001990`` for unknown parts, ``1990``; None if empty.

    Raises:
        InputError: kind ``bad_date``.
    """
    return _read_date(_PACKED_DATE, text, field) if text else None


def read_slashed_date(text: str, field: str) -> PartialDate | None:
    """``05/03/1990``, ``00/03/1990`` or ``00/00/1990`` for unknown parts, ``1990``; None if empty or ``-``.

    Raises:
        InputError: kind ``bad_date``.
    """
    text = text.strip()
    return _read_date(_SLASHED_DATE, text, field) if text not in {"", "-"} else None


def _read_date(form: re.Pattern[str], text: str, field: str) -> PartialDate:
    found = form.fullmatch(text)
    if not found:
        raise InputError("bad_date", field, "expected day, month and year, or a year of four digits")
    day, month, year = (int(part or 0) for part in found.groups())
    try:
        return PartialDate(year, month or None, day or None)
    except InputError:
        # from None: the model's message repeats the date, which must not reach a log
        raise InputError("bad_date", field, "no such date") from None
