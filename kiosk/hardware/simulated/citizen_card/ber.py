"""BER-TLV and DER (ITU-T X.690), as far as a card and its issuer write them."""

from collections.abc import Iterable
from datetime import UTC, datetime

_LONG_LENGTH = 0x80
_LONG_TAG = 0x1F


class BadTlv(ValueError):
    """Bytes that are no TLV; the card answers them with a status word."""


def tlv(tag: int, *parts: bytes) -> bytes:
    """One data object with definite length; constructed of `parts` when there are several."""
    value = b"".join(parts)
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + _length(len(value)) + value


def _length(count: int) -> bytes:
    if count < _LONG_LENGTH:
        return bytes([count])
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([_LONG_LENGTH | len(octets)]) + octets


def parse(data: bytes) -> list[tuple[int, bytes]]:
    """All data objects of `data`, tag and value, in order.

    Raises:
        BadTlv: the bytes end too early, or a length is indefinite.
    """
    found = []
    at = 0
    while at < len(data):
        tag, at = _read_tag(data, at)
        size, at = _read_length(data, at)
        if at + size > len(data):
            raise BadTlv("the value is shorter than its length says")
        found.append((tag, data[at : at + size]))
        at += size
    return found


def _read_tag(data: bytes, at: int) -> tuple[int, int]:
    tag = data[at]
    at += 1
    if tag & _LONG_TAG == _LONG_TAG:
        if at >= len(data):
            raise BadTlv("the tag ends too early")
        tag = tag << 8 | data[at]
        at += 1
    return tag, at


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise BadTlv("there is no length")
    first = data[at]
    at += 1
    if first < _LONG_LENGTH:
        return first, at
    count = first & ~_LONG_LENGTH
    if not 1 <= count <= 4 or at + count > len(data):  # noqa: PLR2004 # four octets hold any length of a card
        raise BadTlv("the length is not definite")
    return int.from_bytes(data[at : at + count], "big"), at + count


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return tlv(0x30, *parts)


def set_of(parts: Iterable[bytes]) -> bytes:
    """SET OF, in DER's order."""
    return tlv(0x31, *sorted(parts))


def integer(value: int) -> bytes:
    """INTEGER, not negative."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, value)


def bits(value: bytes) -> bytes:
    """BIT STRING without unused bits."""
    return tlv(0x03, b"\x00" + value)


def null() -> bytes:
    """NULL."""
    return tlv(0x05)


def boolean_true() -> bytes:
    """TRUE."""
    return tlv(0x01, b"\xff")


def printable(text: str) -> bytes:
    """PrintableString."""
    return tlv(0x13, text.encode("ascii"))


def utf8(text: str) -> bytes:
    """UTF8String."""
    return tlv(0x0C, text.encode())


def oid_value(dotted: str) -> bytes:
    """The content octets of an OBJECT IDENTIFIER."""
    first, second, *others = map(int, dotted.split("."))
    return b"".join(map(_base128, (40 * first + second, *others)))


def _base128(number: int) -> bytes:
    out = [number & 0x7F]
    while number := number >> 7:
        out.append(number & 0x7F | 0x80)
    return bytes(reversed(out))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    return tlv(0x06, oid_value(dotted))


def time(moment: datetime) -> bytes:
    """UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5)."""
    moment = moment.astimezone(UTC)
    if moment.year < 2050:  # noqa: PLR2004 # RFC 5280 draws the line there
        return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())
