"""The chip: takes command APDUs, keeps what a session knows, answers."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.hardware.simulated.citizen_card.authentication import Authentication
from kiosk.hardware.simulated.citizen_card.commands import (
    EXTENDED_LIMIT,
    SHORT_LIMIT,
    ReceivedCommand,
    Refusal,
    Reply,
    Sw,
    take_apart,
)
from kiosk.hardware.simulated.citizen_card.file_system import FileSystem
from kiosk.hardware.simulated.citizen_card.image import CardImage
from kiosk.hardware.simulated.citizen_card.key_guard import KeyGuard
from kiosk.hardware.simulated.citizen_card.secure_messaging import CardChannel

ATR = bytes.fromhex("3B8880018073C8211000")
"""Of a contactless chip, as PC/SC part 3 wraps it; no maker's name in it."""
_GET_RESPONSE = 0xC0
_SHORTEST_MORE = 0xFF


@dataclass(slots=True)
class _Session:
    """What power-off forgets."""

    files: FileSystem
    authentication: Authentication
    channel: CardChannel | None = None
    pending: bytes = b""
    pending_status: int = Sw.DONE


class Chip:
    """A virtual citizen card in the field of a reader.

    Args:
        image: what it holds.
        random: gives that many random bytes; published vectors are tried with fixed ones.
        wait: called with the seconds that a throttled chip would take; by default nobody waits.
    """

    def __init__(
        self,
        image: CardImage,
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
        wait: Callable[[float], object] = float,
    ) -> None:
        self.image = image
        self._random = random
        self._guard = KeyGuard(image.behaviour, wait)
        self._session = self._new_session()

    def _new_session(self) -> _Session:
        files = FileSystem(self.image.files, self.image.behaviour)
        return _Session(files, Authentication(self.image, self._guard, self._random))

    def power_on(self) -> bytes:
        """Start anew, as after a reset; wrong keys are remembered.

        Returns:
            The answer to reset.
        """
        self._session = self._new_session()
        return ATR

    def exchange(self, apdu: bytes) -> bytes:
        """Answer one command: data and status word."""
        try:
            command = take_apart(apdu, extended=self.image.behaviour.extended_length)
        except Refusal as refusal:
            return Reply(status=refusal.status).to_bytes()
        if command.ins == _GET_RESPONSE and self._session.pending:
            return self._next_piece(command.expected)
        reply = self._secured(command) if command.secured else self._plain(command)
        self._session.channel = self._session.authentication.take_opened() or self._session.channel
        return self._first_piece(command, reply)

    def _plain(self, command: ReceivedCommand) -> Reply:
        """An unprotected command ends a protected session (ICAO Doc 9303-11, 9.8.3)."""
        self._session.channel = None
        return self._answer(command, _limit(command), opened=False)

    def _secured(self, command: ReceivedCommand) -> Reply:
        channel = self._session.channel
        if channel is None:
            return Reply(status=Sw.SM_OBJECT_WRONG)
        try:
            inner = channel.open(command)
        except Refusal as refusal:
            self._session.channel = None
            return Reply(status=refusal.status)
        reply = self._answer(inner, channel.room(_limit(command)), opened=True)
        return Reply(channel.seal(reply, odd=bool(command.ins & 1)), reply.status)

    def _answer(self, command: ReceivedCommand, room: int, *, opened: bool) -> Reply:
        try:
            return self._dispatch(command, room, opened=opened)
        except Refusal as refusal:
            return Reply(status=refusal.status)

    def _dispatch(self, command: ReceivedCommand, room: int, *, opened: bool) -> Reply:
        files, authentication = self._session.files, self._session.authentication
        match command.ins:
            case 0xA4:
                return files.select(command, opened=opened)
            case 0xB0:
                return files.read(command, room, opened=opened)
            case 0xB1:
                return files.read_odd(command, room, opened=opened)
            case 0x22:
                return authentication.manage(command, opened=opened)
            case 0x86:
                return authentication.general_authenticate(command, opened=opened)
        if not files.in_application:
            raise Refusal(Sw.UNKNOWN_INSTRUCTION)
        return self._application_command(command, opened=opened)

    def _application_command(self, command: ReceivedCommand, *, opened: bool) -> Reply:
        authentication = self._session.authentication
        match command.ins:
            case 0x84:
                return authentication.get_challenge(command)
            case 0x82:
                return authentication.external_authenticate(command)
            case 0x88:
                return authentication.internal_authenticate(command, opened=opened)
        raise Refusal(Sw.UNKNOWN_INSTRUCTION)

    def _first_piece(self, command: ReceivedCommand, reply: Reply) -> bytes:
        """The whole answer, or its beginning and 61xx (ISO/IEC 7816-4, 5.3.4)."""
        piece = self.image.behaviour.chunk or _limit(command)
        if len(reply.data) <= piece:
            self._session.pending = b""
            return reply.to_bytes()
        self._session.pending, self._session.pending_status = reply.data, reply.status
        return self._next_piece(piece)

    def _next_piece(self, expected: int) -> bytes:
        session = self._session
        size = min(expected or SHORT_LIMIT, self.image.behaviour.chunk or SHORT_LIMIT)
        piece, session.pending = session.pending[:size], session.pending[size:]
        if not session.pending:
            return Reply(piece, session.pending_status).to_bytes()
        left = len(session.pending)
        return Reply(piece, Sw.MORE | (left if left <= _SHORTEST_MORE else 0)).to_bytes()


def _limit(command: ReceivedCommand) -> int:
    return EXTENDED_LIMIT if command.extended else SHORT_LIMIT
