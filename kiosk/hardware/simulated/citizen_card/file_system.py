"""The files of the chip: MF, the ICAO application, selecting and reading (ICAO Doc 9303-10, 3.6 and 4)."""

from collections.abc import Mapping

from kiosk.hardware.simulated.citizen_card.ber import BadTlv, parse, tlv
from kiosk.hardware.simulated.citizen_card.commands import (
    EXTENDED_LIMIT,
    SHORT_LIMIT,
    ReceivedCommand,
    Refusal,
    Reply,
    Sw,
)
from kiosk.hardware.simulated.citizen_card.image import EF_CARD_ACCESS, EF_COM, EF_SOD, Behaviour, Oversize

AID = bytes.fromhex("A0000002471001")
_MF = bytes.fromhex("3F00")
_BY_FILE, _BY_NAME = 0x02, 0x04
_SFI_MARK, _SFI_MASK = 0x80, 0x1F
_OFFSET, _READ_DATA = 0x54, 0x53
_MF_FILES = {0x011C: EF_CARD_ACCESS}
_APPLICATION_FILES = {0x011E: EF_COM, 0x011D: EF_SOD} | {0x0100 + number: f"DG{number}" for number in range(1, 17)}
_NEVER_OPEN = {"DG3", "DG4"}
"""Fingerprints and irises want terminal authentication, which this chip grants nobody."""


class FileSystem:
    """What is selected, and what may be read.

    Args:
        files: contents by name.
        behaviour: what it selects and how much it hands out.
    """

    def __init__(self, files: Mapping[str, bytes], behaviour: Behaviour) -> None:
        self._files = files
        self._behaviour = behaviour
        self._in_application = False
        self._at_master_file = not behaviour.hides_card_access
        self._current: str | None = None

    @property
    def in_application(self) -> bool:
        """Whether the ICAO application is selected."""
        return self._in_application

    def select(self, command: ReceivedCommand, *, opened: bool) -> Reply:
        """SELECT: the MF, the application, or a file of the one that is selected.

        Raises:
            Refusal: 6D00, 6A82, 6982 or 6A86.
        """
        if command.p1 == _BY_NAME:
            self._select_application(command.data)
        elif command.p1 == _BY_FILE:
            self._current = self._find(int.from_bytes(command.data, "big"), opened=opened)
        elif command.p1 == 0 and command.data in {b"", _MF}:
            self._select_mf()
        else:
            raise Refusal(Sw.WRONG_P1_P2)
        return Reply()

    def _select_application(self, name: bytes) -> None:
        if name != AID or not self._behaviour.has_application:
            raise Refusal(Sw.FILE_NOT_FOUND)
        self._in_application, self._current = True, None

    def _select_mf(self) -> None:
        if not self._behaviour.selects_mf:
            raise Refusal(Sw.UNKNOWN_INSTRUCTION)
        self._in_application, self._current = False, None
        self._at_master_file = True

    def _find(self, file_id: int, *, opened: bool) -> str:
        name = self._named().get(file_id)
        if self._in_application and (not opened or name in _NEVER_OPEN):
            raise Refusal(Sw.SECURITY_NOT_SATISFIED)
        if name is None or name not in self._files:
            raise Refusal(Sw.FILE_NOT_FOUND)
        return name

    def _named(self) -> Mapping[int, str]:
        """The files where the card is now."""
        if self._in_application:
            return _APPLICATION_FILES
        return _MF_FILES if self._at_master_file else {}

    def read(self, command: ReceivedCommand, room: int, *, opened: bool) -> Reply:
        """READ BINARY B0: at most `room` bytes, from the current file or by short file identifier."""
        if command.data:
            raise Refusal(Sw.WRONG_LENGTH)
        if command.p1 & _SFI_MARK:
            self._current = self._find(0x0100 | command.p1 & _SFI_MASK, opened=opened)
            return self._read(command.p2, command.expected, room, opened=opened)
        return self._read(command.p1_p2, command.expected, room, opened=opened)

    def read_odd(self, command: ReceivedCommand, room: int, *, opened: bool) -> Reply:
        """READ BINARY B1: the offset in DO'54', the data in DO'53' (ISO/IEC 7816-4, 11.2.3)."""
        if command.p1_p2:
            self._current = self._find(_file_id(command.p1_p2), opened=opened)
        try:
            offset = dict(parse(command.data))[_OFFSET]
        except (BadTlv, KeyError) as error:
            raise Refusal(Sw.WRONG_DATA) from error
        around = len(tlv(_READ_DATA, bytes(min(command.expected, room)))) - min(command.expected, room)
        if command.expected <= around:
            raise Refusal(Sw.WRONG_LENGTH)
        expected = command.expected if command.expected in {SHORT_LIMIT, EXTENDED_LIMIT} else command.expected - around
        reply = self._read(int.from_bytes(offset, "big"), expected, room - around, opened=opened)
        return Reply(tlv(_READ_DATA, reply.data), reply.status)

    def _read(self, offset: int, expected: int, room: int, *, opened: bool) -> Reply:
        if self._current is None:
            raise Refusal(Sw.NO_CURRENT_FILE)
        if self._in_application and not opened:
            raise Refusal(Sw.SECURITY_NOT_SATISFIED)
        content = self._files[self._current]
        if offset >= len(content):
            raise Refusal(Sw.WRONG_OFFSET)
        if not expected:
            raise Refusal(Sw.WRONG_LENGTH)
        data = content[offset : offset + self._block(expected, room, len(content) - offset)]
        all_wanted = expected in {SHORT_LIMIT, EXTENDED_LIMIT}
        ended_early = offset + len(data) == len(content) and len(data) < expected and not all_wanted
        return Reply(data, Sw.END_OF_FILE if ended_early else Sw.DONE)

    def _block(self, expected: int, room: int, left: int) -> int:
        largest = min(room, self._behaviour.largest_block or room)
        if min(expected, left) > largest and expected not in {SHORT_LIMIT, EXTENDED_LIMIT}:
            if self._behaviour.oversize is Oversize.EXACT_LENGTH:
                raise Refusal(Sw.EXACT_LENGTH | min(largest, 0xFF))
            if self._behaviour.oversize is Oversize.WRONG_LENGTH:
                raise Refusal(Sw.WRONG_LENGTH)
        return min(expected, largest)


def _file_id(p1_p2: int) -> int:
    """P1-P2 of B1: five bits are a short file identifier, anything more a file identifier."""
    return 0x0100 | p1_p2 if p1_p2 <= _SFI_MASK else p1_p2
