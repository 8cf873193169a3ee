"""DG11 and DG12, where a card has them (ICAO Doc 9303-10, 4.7.11 and 4.7.12): only what DG13 would say as well."""

from dataclasses import dataclass
from datetime import date

from kiosk.errors import InputError
from kiosk.identify.chip_card.data_text import full_date, read_date, read_name, read_place
from kiosk.identify.chip_card.tlv import Tlv, children, find

DG11, DG12 = 0x6B, 0x6C
MAX_DETAILS_BYTES = 16_384

_FULL_NAME, _ADDRESS, _ISSUED_ON = 0x5F0E, 0x5F42, 0x5F26
_PACKED_DATE_BYTES = 4


@dataclass(frozen=True, slots=True)
class PersonalDetails:
    """What is kept of DG11 and DG12; None for what is missing or cannot be read."""

    name: str | None = None
    residence: str | None = None
    issued_on: date | None = None


def read_details(dg11: bytes | None, dg12: bytes | None) -> PersonalDetails:
    """What the two data groups say, each None where the card has it not.

    Raises:
        InputError: kinds of `tlv`, ``too_long`` (over 16 KB), ``not_dg11`` or ``not_dg12``.
    """
    personal = _objects(dg11, DG11, "dg11")
    document = _objects(dg12, DG12, "dg12")
    return PersonalDetails(
        name=read_name(" ".join(_text(personal.get(_FULL_NAME)).replace("<", " ").split())),
        residence=read_place(_text(personal.get(_ADDRESS)).replace("<", ", ")),
        issued_on=full_date(read_date(_date_text(document.get(_ISSUED_ON)))),
    )


def _objects(raw: bytes | None, tag: int, field: str) -> dict[int, Tlv]:
    if raw is None:
        return {}
    if len(raw) > MAX_DETAILS_BYTES:
        raise InputError("too_long", field, f"at most {MAX_DETAILS_BYTES} bytes")
    group = find(raw, tag)
    if group is None:
        raise InputError(f"not_{field}", field, "expected another tag")
    return {tlv.tag: tlv for tlv in children(group.value)}


def _text(value: Tlv | None) -> str:
    return value.value.decode("utf-8", "replace") if value else ""


def _date_text(value: Tlv | None) -> str:
    """YYYYMMDD, as eight characters or packed into four bytes: cards have either."""
    if value is None:
        return ""
    return value.value.hex() if len(value.value) == _PACKED_DATE_BYTES else value.value.decode("ascii", "replace")
