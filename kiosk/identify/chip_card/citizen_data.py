"""DG13 of the Vietnamese citizen card, and what is kept of a holder.

DG13 numbers its fields 1 to 16 within SEQUENCE {INTEGER, OBJECT IDENTIFIER, SET OF SEQUENCE {INTEGER, value}}. No
specification is published, so strings may be of any type, and a value may be empty or missing. Ethnicity, religion,
family and identifying marks are in it too: they are counted and go no further than this module.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from kiosk.errors import InputError
from kiosk.identify.chip_card.data_text import full_date, read_date, read_name, read_place
from kiosk.identify.chip_card.mrz import Mrz
from kiosk.identify.chip_card.tlv import Tlv, children, find
from kiosk.model.chip_card import CitizenData
from kiosk.model.identity import PartialDate, Sex

DG13 = 0x6D
MAX_DG13_BYTES = 16_384
"""Real ones have up to 700."""
MAX_FIELDS = 64
WITHOUT_EXPIRY = "không thời hạn"

_SEQUENCE, _SET, _INTEGER = 0x30, 0x31, 0x02
_BMP_STRING = 0x1E
_STRINGS = frozenset({0x0C, 0x13, 0x14, 0x16, _BMP_STRING})
_MAX_ID_BYTES = 2
_SEXES = {"nam": Sex.MALE, "nữ": Sex.FEMALE}


class Field(IntEnum):
    """The fields that are looked at; the others have no name here on purpose."""

    NUMBER = 1
    NAME = 2
    BIRTH_DATE = 3
    SEX = 4
    RESIDENCE = 9
    ISSUED_ON = 11
    EXPIRES_ON = 12
    OLD_NUMBER = 15
    OLD_NUMBER_ELSEWHERE = 16


@dataclass(frozen=True, slots=True)
class Dg13:
    """What is kept of DG13; None for what is missing or cannot be read.

    Attributes:
        without_expiry: the card says that it has none; `expires_on` is None then too.
        not_kept: how many fields were counted and dropped.
    """

    number: str | None
    name: str | None
    birth_date: PartialDate | None
    sex: Sex | None
    residence: str | None
    issued_on: date | None
    expires_on: date | None
    without_expiry: bool
    old_number: str | None
    not_kept: int


def read_dg13(raw: bytes) -> Dg13:
    """The fields in DG13's bytes as the card gave them.

    Raises:
        InputError: kinds of `tlv`, ``too_long`` (over 16 KB, or 64 fields), ``not_dg13`` or ``repeated_field``.
    """
    if len(raw) > MAX_DG13_BYTES:
        raise InputError("too_long", "dg13", f"DG13 has at most {MAX_DG13_BYTES} bytes")
    fields = find(raw, DG13, _SEQUENCE, _SET)
    if fields is None:
        raise InputError("not_dg13", "dg13", "expected a set of numbered fields")
    entries = children(fields.value)
    if len(entries) > MAX_FIELDS:
        raise InputError("too_long", "dg13", f"DG13 has at most {MAX_FIELDS} fields")
    return _keep(_texts(entries), len(entries))


def citizen_data(
    mrz: Mrz, dg13: Dg13 | None = None, residence: str | None = None, issued_on: date | None = None
) -> CitizenData:
    """The holder: DG1 decides number, birth date, sex and expiry; DG13 gives the name's diacritics and the rest.

    Where they contradict each other, see `contradictions`.

    Args:
        mrz: of DG1.
        dg13: None where the card has none.
        residence: of DG11, for what DG13 does not say.
        issued_on: of DG12, likewise.

    Raises:
        InputError: kind ``missing``, field ``number``: neither DG1 nor DG13 holds a citizen's number.
    """
    number = mrz.citizen_number or (dg13.number if dg13 else None)
    if number is None:
        raise InputError("missing", "number", "the card holds no citizen's number")
    return CitizenData(
        number=number,
        name=(dg13.name if dg13 else None) or mrz.name,
        birth_date=_birth_date(mrz.birth_date, dg13.birth_date if dg13 else None),
        sex=mrz.sex or (dg13.sex if dg13 else None),
        expires_on=mrz.expires_on,
        residence=(dg13.residence if dg13 else None) or residence,
        issued_on=(dg13.issued_on if dg13 else None) or issued_on,
        old_number=dg13.old_number if dg13 else None,
        kept_from_dg13=dg13 is not None,
        not_kept=dg13.not_kept if dg13 else 0,
    )


def _birth_date(from_mrz: PartialDate, from_dg13: PartialDate | None) -> PartialDate:
    """DG13 writes the century out; only the century is taken from it."""
    if from_dg13 is None:
        return from_mrz
    same = (from_mrz.month, from_mrz.day, from_mrz.year % 100) == (from_dg13.month, from_dg13.day, from_dg13.year % 100)
    return from_dg13 if same else from_mrz


def _texts(entries: list[Tlv]) -> dict[int, str]:
    """Texts by field number; what is no text (parents are a SEQUENCE) is left out."""
    texts: dict[int, str] = {}
    seen = set()
    for entry in entries:
        parts = _parts(entry)
        if not parts or parts[0].tag != _INTEGER or not 1 <= len(parts[0].value) <= _MAX_ID_BYTES:
            continue
        number = int.from_bytes(parts[0].value)
        if number in seen:
            raise InputError("repeated_field", "dg13", "a field occurs twice")
        seen.add(number)
        if len(parts) > 1 and number in set(Field) and (text := _text(parts[1])):
            texts[number] = text
    return texts


def _parts(entry: Tlv) -> list[Tlv]:
    try:
        return children(entry.value) if entry.tag == _SEQUENCE else []
    except InputError:
        return []


def _text(value: Tlv) -> str | None:
    if value.tag not in _STRINGS:
        return None
    try:
        return value.value.decode("utf-16-be" if value.tag == _BMP_STRING else "utf-8").strip()
    except UnicodeDecodeError:
        return None


def _keep(texts: Mapping[int, str], count: int) -> Dg13:
    number = texts.get(Field.NUMBER, "")
    expiry = texts.get(Field.EXPIRES_ON, "")
    old_numbers = {
        at: text
        for at in (Field.OLD_NUMBER, Field.OLD_NUMBER_ELSEWHERE)
        if re.fullmatch(r"[0-9]{9}", text := texts.get(at, ""))
    }
    kept = set(texts) - {Field.OLD_NUMBER, Field.OLD_NUMBER_ELSEWHERE} | set(list(old_numbers)[:1])
    return Dg13(
        number=number if re.fullmatch(r"[0-9]{12}", number) else None,
        name=read_name(texts.get(Field.NAME, "")),
        birth_date=read_date(texts.get(Field.BIRTH_DATE, "")),
        sex=_SEXES.get(texts.get(Field.SEX, "").lower()),
        residence=read_place(texts.get(Field.RESIDENCE, "")),
        issued_on=full_date(read_date(texts.get(Field.ISSUED_ON, ""))),
        expires_on=full_date(read_date(expiry)),
        without_expiry=expiry.lower() == WITHOUT_EXPIRY,
        old_number=next(iter(old_numbers.values()), None),
        not_kept=count - len(kept),
    )
