"""Command APDUs as a card takes them apart (ISO/IEC 7816-4, 5.1), and the status words that it answers."""

from dataclasses import dataclass
from enum import IntEnum

SHORT_LIMIT = 256
EXTENDED_LIMIT = 65536
SECURED_CLASS = 0x0C
CHAINED_CLASS = 0x10
_HEADER = 4


class Sw(IntEnum):
    """Status words."""

    DONE = 0x9000
    MORE = 0x6100
    END_OF_FILE = 0x6282
    NOT_AUTHENTICATED = 0x6300
    TRIES_LEFT = 0x63C0
    WRONG_LENGTH = 0x6700
    LAST_OF_CHAIN_EXPECTED = 0x6883
    SECURITY_NOT_SATISFIED = 0x6982
    METHOD_BLOCKED = 0x6983
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_CURRENT_FILE = 0x6986
    SM_OBJECT_MISSING = 0x6987
    SM_OBJECT_WRONG = 0x6988
    WRONG_DATA = 0x6A80
    FILE_NOT_FOUND = 0x6A82
    WRONG_P1_P2 = 0x6A86
    REFERENCE_NOT_FOUND = 0x6A88
    WRONG_OFFSET = 0x6B00
    EXACT_LENGTH = 0x6C00
    UNKNOWN_INSTRUCTION = 0x6D00
    UNKNOWN_CLASS = 0x6E00


class Refusal(Exception):
    """The card answers a command with a status word that refuses it.

    Args:
        status: the status word.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Reply:
    """A response APDU: data and status word."""

    data: bytes = b""
    status: int = Sw.DONE

    def to_bytes(self) -> bytes:
        """As sent."""
        return self.data + self.status.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class ReceivedCommand:
    """A command APDU.

    Attributes:
        expected: Ne, 0 when no answer is asked for.
        extended: whether its lengths have three bytes.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    expected: int = 0
    extended: bool = False

    @property
    def secured(self) -> bool:
        """Whether the class says secure messaging with a protected header."""
        return self.cla & SECURED_CLASS == SECURED_CLASS

    @property
    def chained(self) -> bool:
        """Whether another command of the same chain follows."""
        return bool(self.cla & CHAINED_CLASS)

    @property
    def p1_p2(self) -> int:
        """Both parameters as one number."""
        return self.p1 << 8 | self.p2

    @property
    def header(self) -> bytes:
        """The first four bytes."""
        return bytes((self.cla, self.ins, self.p1, self.p2))


def take_apart(apdu: bytes, *, extended: bool) -> ReceivedCommand:
    """Read a command.

    Args:
        apdu: as it came.
        extended: whether the chip takes extended lengths.

    Raises:
        Refusal: 6700, its lengths do not fit.
    """
    body = apdu[_HEADER:]
    is_extended = len(body) > 1 and body[0] == 0
    if len(apdu) < _HEADER or (is_extended and not extended):
        raise Refusal(Sw.WRONG_LENGTH)
    data, expected = _extended_body(body) if is_extended else _short_body(body)
    cla, ins, p1, p2 = apdu[:_HEADER]
    return ReceivedCommand(cla, ins, p1, p2, data, expected, is_extended)


def _short_body(body: bytes) -> tuple[bytes, int]:
    if len(body) <= 1:
        return b"", (body[0] or SHORT_LIMIT) if body else 0
    return _data_and_expected(body[1:], body[0], 1)


def _extended_body(body: bytes) -> tuple[bytes, int]:
    count = int.from_bytes(body[1:3], "big")
    if len(body) == 3:  # noqa: PLR2004 # a zero and two bytes: case 2, Le alone
        return b"", count or EXTENDED_LIMIT
    return _data_and_expected(body[3:], count, 2)


def _data_and_expected(rest: bytes, count: int, le_bytes: int) -> tuple[bytes, int]:
    le = rest[count:]
    if not count or len(rest) < count or len(le) not in (0, le_bytes):
        raise Refusal(Sw.WRONG_LENGTH)
    limit = SHORT_LIMIT if le_bytes == 1 else EXTENDED_LIMIT
    return rest[:count], (int.from_bytes(le, "big") or limit) if le else 0
