"""BER-TLV data objects (ISO/IEC 7816-4 5.2.2, ISO/IEC 8825-1) with definite lengths, as read from a stranger's card."""

from dataclasses import dataclass, field

from kiosk.errors import InputError

_TAG_BYTES = 3
_LENGTH_BYTES = 4
_MORE = 0x80
_MANY_BYTE_TAG = 0x1F


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object.

    Attributes:
        tag: all bytes of the tag as one number, such as 0x5F1F.
        raw: tag, length and value as they stood.
    """

    tag: int
    value: bytes = field(repr=False)
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """Tag and length of a data object whose value may not be there yet.

    Attributes:
        size: bytes of tag and length together.
        length: bytes of the value.
    """

    tag: int
    size: int
    length: int


def read_head(data: bytes, at: int = 0) -> Head:
    """Tag and length at `at`; the value need not follow.

    Raises:
        InputError: kind ``tlv_truncated``, ``tlv_tag`` (longer than three bytes) or ``tlv_length`` (indefinite, or
            longer than four bytes).
    """
    tag, position = _read_tag(data, at)
    length, position = _read_length(data, position)
    return Head(tag, position - at, length)


def read_tlv(data: bytes, at: int = 0) -> Tlv:
    """The data object that begins at `at`.

    Raises:
        InputError: as `read_head`, and ``tlv_truncated`` when the value goes past the end.
    """
    head = read_head(data, at)
    begin = at + head.size
    end = begin + head.length
    if end > len(data):
        raise InputError("tlv_truncated", None, "a data object goes past the end")
    return Tlv(head.tag, data[begin:end], data[at:end])


def children(data: bytes) -> list[Tlv]:
    """The data objects that fill `data` from its first to its last byte.

    Raises:
        InputError: as `read_tlv`.
    """
    found, at = [], 0
    while at < len(data):
        found.append(read_tlv(data, at))
        at += len(found[-1].raw)
    return found


def find(data: bytes, *path: int) -> Tlv | None:
    """The first data object with the path's first tag, within it the first with the second, and so on.

    Raises:
        InputError: as `read_tlv`, for the levels that the path goes through.
    """
    found = None
    for tag in path:
        found = next((tlv for tlv in children(data) if tlv.tag == tag), None)
        if found is None:
            return None
        data = found.value
    return found


def encode(tag: int, value: bytes) -> bytes:
    """A data object with the shortest definite length (DER)."""
    head = tag.to_bytes((tag.bit_length() + 7) // 8 or 1)
    size = len(value)
    if size < _MORE:
        return head + bytes((size,)) + value
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return head + bytes((_MORE | len(length),)) + length + value


def _byte(data: bytes, at: int) -> int:
    if not 0 <= at < len(data):
        raise InputError("tlv_truncated", None, "a data object breaks off")
    return data[at]


def _read_tag(data: bytes, at: int) -> tuple[int, int]:
    tag = _byte(data, at)
    at += 1
    if tag & _MANY_BYTE_TAG != _MANY_BYTE_TAG:
        return tag, at
    for _ in range(_TAG_BYTES - 1):
        byte = _byte(data, at)
        tag, at = tag << 8 | byte, at + 1
        if not byte & _MORE:
            return tag, at
    raise InputError("tlv_tag", None, "a tag is longer than three bytes")


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    first = _byte(data, at)
    at += 1
    if not first & _MORE:
        return first, at
    count = first & ~_MORE
    if not 1 <= count <= _LENGTH_BYTES:
        raise InputError("tlv_length", None, "a length is indefinite or longer than four bytes")
    _byte(data, at + count - 1)
    return int.from_bytes(data[at : at + count]), at + count
