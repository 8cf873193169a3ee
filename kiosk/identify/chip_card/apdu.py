"""Commands and responses of a chip (ISO/IEC 7816-4), and the channel that carries them unprotected."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from time import monotonic
from typing import Protocol

from kiosk.errors import CardError, CardProblem
from kiosk.ports.devices import CardConnection

SHORT_DATA = 255
SHORT_EXPECTED = 256
EXTENDED_DATA = 65_535
EXTENDED_EXPECTED = 65_536
_GET_RESPONSE = 0xC0
_MORE_DATA = 0x61
_WRONG_EXPECTED = 0x6C
_TRIES_LEFT = 0x63C0
_WHOLE_ANSWERS = 300  # a whole extended answer fetched in short pieces, and a little more


class Status(IntEnum):
    """Status words that the reader tells apart (ISO/IEC 7816-4 5.6)."""

    OK = 0x9000
    END_OF_FILE = 0x6282
    AUTHENTICATION_FAILED = 0x6300
    WRONG_LENGTH = 0x6700
    SECURITY_NOT_SATISFIED = 0x6982
    METHOD_BLOCKED = 0x6983
    CONDITIONS_NOT_SATISFIED = 0x6985
    SECURE_MESSAGING_WRONG = 0x6988
    WRONG_DATA = 0x6A80
    FILE_NOT_FOUND = 0x6A82
    NO_DIAGNOSIS = 0x6F00


def tries_left(status: int) -> int | None:
    """How many keys may still be tried, where the card says so (63Cx)."""
    return status & 0xF if status & 0xFFF0 == _TRIES_LEFT else None


def is_throttled(status: int) -> bool:
    """Whether the card counts keys (63Cx) or takes none any more (6983)."""
    return tries_left(status) is not None or status == Status.METHOD_BLOCKED


@dataclass(frozen=True, slots=True)
class Command:
    """A command APDU.

    Attributes:
        expected: how many bytes may come back (Ne, 1 to 65,536); None for no Le field.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    expected: int | None = None

    @property
    def header(self) -> bytes:
        """CLA, INS, P1, P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def is_extended(self) -> bool:
        """Whether its lengths do not fit the short form."""
        return len(self.data) > SHORT_DATA or (self.expected or 0) > SHORT_EXPECTED

    def to_bytes(self) -> bytes:
        """The command in short form where it fits, else in extended form (ISO/IEC 7816-4 5.2).

        Raises:
            ValueError: a length that no form can express.
        """
        if len(self.data) > EXTENDED_DATA or not (self.expected is None or 1 <= self.expected <= EXTENDED_EXPECTED):
            raise ValueError("no form of a command expresses this length")
        size = 2 if self.is_extended else 1
        marker = b"\0" if self.is_extended else b""
        body = marker + len(self.data).to_bytes(size) + self.data if self.data else b""
        if self.expected is None:
            return self.header + body
        # all zeros means the greatest length; the marker stands once, before the first length
        le = (self.expected % (1 << 8 * size)).to_bytes(size)
        return self.header + body + (le if self.data else marker + le)


@dataclass(frozen=True, slots=True)
class Response:
    """A response APDU."""

    data: bytes = field(repr=False)
    status: int

    @property
    def ok(self) -> bool:
        """Whether the status is 9000."""
        return self.status == Status.OK


class Channel(Protocol):
    """A way to exchange commands with the chip, protected or not."""

    def exchange(self, command: Command) -> Response:
        """Send a command and wait for the answer.

        Raises:
            CardError: the card left, does not answer in time, or breaks the protocol.
        """


@dataclass(frozen=True, slots=True)
class Limits:
    """What a card may cost at most; whatever it answers, a reading ends.

    Attributes:
        seconds: for the whole card, all exchanges together.
        exchanges: commands, those that fetch the rest of an answer included.
        extended: whether extended lengths may be asked for; some readers break over them.
    """

    seconds: float = 30.0
    exchanges: int = 1_500
    extended: bool = True


class PlainChannel:
    """Commands without protection; fetches the rest of an answer (61xx) and repeats with the right length (6Cxx).

    Attributes:
        exchanges: commands sent so far.
        bytes_read: bytes of data answered so far.
        last_seconds: how long the card took for the last command.
        seconds: from this channel's beginning to the last answer.
    """

    def __init__(
        self, connection: CardConnection, *, limits: Limits | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        self.exchanges = 0
        self.bytes_read = 0
        self.last_seconds = 0.0
        self.seconds = 0.0
        self._connection = connection
        self._limits = limits or Limits()
        self._clock = clock
        self._began_at = clock()

    def exchange(self, command: Command) -> Response:
        """Send a command and wait for the whole answer.

        Raises:
            CardError: ``no_answer`` when the card's time is spent, ``malformed`` for an answer without end, and
                whatever the connection raises.
        """
        response = self._transmit(command)
        # with data it is a protected answer: whoever protected the command must make it anew
        if response.status >> 8 == _WRONG_EXPECTED and not response.data:
            response = self._transmit(replace(command, expected=_count(response.status)))
        return self._rest_of(command, response) if response.status >> 8 == _MORE_DATA else response

    def _rest_of(self, command: Command, response: Response) -> Response:
        data = response.data
        for _ in range(_WHOLE_ANSWERS):
            if response.status >> 8 != _MORE_DATA:
                return Response(data, response.status)
            response = self._transmit(Command(command.cla & 0x03, _GET_RESPONSE, 0, 0, b"", _count(response.status)))
            data += response.data
            if len(data) > EXTENDED_EXPECTED:
                break
        raise CardError(CardProblem.MALFORMED, "the card's answer has no end")

    def _transmit(self, command: Command) -> Response:
        started = self._clock()
        self._check_limits(started)
        data, status = self._connection.transmit(command.to_bytes())
        ended = self._clock()
        self.last_seconds = ended - started
        self.seconds = ended - self._began_at
        self.exchanges += 1
        self.bytes_read += len(data)
        if len(data) > EXTENDED_EXPECTED:
            raise CardError(CardProblem.MALFORMED, "the card answered more than an answer can hold")
        self._check_limits(ended)
        return Response(data, status)

    def _check_limits(self, now: float) -> None:
        if now - self._began_at > self._limits.seconds:
            raise CardError(CardProblem.NO_ANSWER, "the card took longer than allowed")
        if self.exchanges > self._limits.exchanges:
            raise CardError(CardProblem.MALFORMED, "the card needs more exchanges than any card")


def _count(status: int) -> int:
    return status & 0xFF or SHORT_EXPECTED
