"""DG11 and DG12, where a card has them (ICAO Doc 9303-10, 4.7.11 and 4.7.12): only what DG13 would say as well."""

from datetime import date

from kiosk.errors import InputError
from kiosk.identify.chip_card.data_text import full_date, read_date, read_place
from kiosk.identify.chip_card.tlv import Tlv, children, find

DG11, DG12 = 0x6B, 0x6C
MAX_DETAILS_BYTES = 16_384

_ADDRESS, _ISSUED_ON = 0x5F42, 0x5F26
_PACKED_DATE_BYTES = 4


def read_dg11(raw: bytes) -> str | None:
    """The holder's address; not the name, which the zone says and nobody would compare with this one.

    Raises:
        InputError: kinds of `tlv`, ``too_long`` (over 16 KB) or ``not_dg11``.
    """
    address = _objects(raw, DG11, "dg11").get(_ADDRESS)
    return read_place(address.value.decode("utf-8", "replace").replace("<", ", ")) if address else None


def read_dg12(raw: bytes) -> date | None:
    """When the document was issued.

    Raises:
        InputError: kinds of `tlv`, ``too_long`` (over 16 KB) or ``not_dg12``.
    """
    issued = _objects(raw, DG12, "dg12").get(_ISSUED_ON)
    return full_date(read_date(_date_text(issued.value))) if issued else None


def _objects(raw: bytes, tag: int, field: str) -> dict[int, Tlv]:
    if len(raw) > MAX_DETAILS_BYTES:
        raise InputError("too_long", field, f"at most {MAX_DETAILS_BYTES} bytes")
    group = find(raw, tag)
    if group is None:
        raise InputError(f"not_{field}", field, "expected another tag")
    return {tlv.tag: tlv for tlv in children(group.value)}


def _date_text(value: bytes) -> str:
    """YYYYMMDD, as eight characters or packed into four bytes: cards have either."""
    return value.hex() if len(value) == _PACKED_DATE_BYTES else value.decode("ascii", "replace")
