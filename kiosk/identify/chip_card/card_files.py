"""The files of a travel document's chip and how they are read (ICAO Doc 9303-10, 3.6 and 4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card.apdu import SHORT_EXPECTED, Channel, Command, PlainChannel, Response, Status
from kiosk.identify.chip_card.tlv import encode, find, read_head

CARD_ACCESS, COM, SOD = "EF.CardAccess", "EF.COM", "EF.SOD"
APPLICATION = bytes.fromhex("A0000002471001")
MAX_FILE_BYTES = 65_536
SHORT_BLOCK = 223
"""The most that fits into a short protected answer under any cipher."""
LARGEST_BLOCK = 4_096
"""Larger ones save next to nothing, and not every reader holds them."""

_SELECT, _READ, _READ_FAR = 0xA4, 0xB0, 0xB1
_BY_NAME, _BY_FILE, _NO_ANSWER = 0x04, 0x02, 0x0C
_MASTER_FILE = b"\x3f\x00"
_SHORT_ID = 0x80
_HEAD_BYTES = 8
_MAX_NEAR_OFFSET = 0x7FFF
_OFFSET, _DISCRETIONARY_DATA = 0x54, 0x53
_FAR_OVERHEAD = 4
_WRONG_EXPECTED = 0x6C


@dataclass(frozen=True, slots=True)
class FileId:
    """A file's two-byte identifier and its short one."""

    identifier: int
    short: int


FILES: Mapping[str, FileId] = MappingProxyType(
    {CARD_ACCESS: FileId(0x011C, 0x1C), COM: FileId(0x011E, 0x1E), SOD: FileId(0x011D, 0x1D)}
    | {f"DG{number}": FileId(0x0100 + number, number) for number in range(1, 17)}
)


def select_application(channel: Channel) -> None:
    """Select the travel document's application.

    Raises:
        CardError: ``unsupported``, the card has none.
    """
    response = channel.exchange(Command(0x00, _SELECT, _BY_NAME, _NO_ANSWER, APPLICATION))
    if not response.ok:
        raise CardError(CardProblem.UNSUPPORTED, f"no travel document's application: {response.status:04X}")


def select_master_file(plain: PlainChannel) -> None:
    """Select the master file, where a card knows that; Vietnamese cards may answer 6D00, and need it not."""
    plain.exchange(Command(0x00, _SELECT, 0x00, _NO_ANSWER, _MASTER_FILE))


def read_card_access(plain: PlainChannel) -> bytes | None:
    """EF.CardAccess of a card that was just reset; None when it has none or makes any trouble about it.

    Right after a reset the file is at hand, so the master file is selected only where it is not.
    """
    try:
        found = FileReader(plain, block=SHORT_EXPECTED, short_ids_only=True).read(CARD_ACCESS)
        if found is None:
            select_master_file(plain)
            found = FileReader(plain, block=SHORT_EXPECTED, knows_short_ids=False).read(CARD_ACCESS)
    except CardError as error:
        if error.kind is not CardProblem.MALFORMED:
            raise
        return None
    return found


class FileReader:
    """Reads whole files with as few exchanges as the card allows.

    A file's first block is read by its short identifier, which selects it too, and tells its length. The first long
    rest of a file is asked for with an extended length; once the card refuses one, all blocks stay short.

    Args:
        channel: to the selected application.
        block: bytes of a short block.
        extended: whether extended lengths are known to work; None tries them once.
        knows_short_ids: whether short identifiers are known to work; None tries them.
        short_ids_only: never SELECT a file.

    Attributes:
        channel: may be replaced when session keys change.
        is_probing: an extended length was tried and has not been answered: a card may drop all protection over it.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        block: int = SHORT_BLOCK,
        extended: bool | None = False,
        knows_short_ids: bool | None = None,
        short_ids_only: bool = False,
    ) -> None:
        self.channel = channel
        self.is_probing = False
        self._block = block
        self._first_block = block
        self._extended = extended
        self._knows_short_ids = knows_short_ids
        self._short_ids_only = short_ids_only

    def read(self, name: str) -> bytes | None:
        """The file's bytes as they stand on the card; None when the card does not give it.

        Args:
            name: one of `FILES`.

        Raises:
            CardError: ``malformed`` when the file is no data object, is longer than 64 KB or ends too early; and
                whatever the channel raises.
        """
        content = self._first(FILES[name])
        if content is None:
            return None
        size = _size(content)
        while len(content) < size:
            content += self._more(len(content), size - len(content))
        return content[:size]

    def _first(self, file: FileId) -> bytes | None:
        if self._knows_short_ids is not False:
            found = self._read(_near(_SHORT_ID | file.short, 0), self._first_want())
            if found or self._knows_short_ids or self._short_ids_only:
                self._knows_short_ids = True
                return found
        select = Command(0x00, _SELECT, _BY_FILE, _NO_ANSWER, file.identifier.to_bytes(2))
        found = self._read(_near(0, 0), self._first_want()) if self.channel.exchange(select).ok else None
        self._knows_short_ids = None if found is None else False
        return found

    def _more(self, offset: int, left: int) -> bytes:
        if offset <= _MAX_NEAR_OFFSET:
            found = self._read(_near(*offset.to_bytes(2)), self._want(left))
        else:
            found = self._read_far(offset, self._want(left + _FAR_OVERHEAD))
        if not found:
            raise CardError(CardProblem.MALFORMED, "a file ends before its length says so")
        return found

    def _read_far(self, offset: int, want: int) -> bytes | None:
        """READ BINARY with an offset in the data, beyond what P1 and P2 can say (ISO/IEC 7816-4 11.2.3)."""
        command = Command(0x00, _READ_FAR, 0x00, 0x00, encode(_OFFSET, offset.to_bytes(2)))
        found = self._read(command, want)
        try:
            wrapped = find(found, _DISCRETIONARY_DATA) if found else None
        except InputError:
            wrapped = None
        return wrapped.value if wrapped else None

    def _read(self, command: Command, want: int) -> bytes | None:
        """One block; a length that the card refuses is asked for again as the card can do it."""
        response = self._ask(command, want)
        if response.status >> 8 == _WRONG_EXPECTED:
            response = self._ask(command, response.status & 0xFF or SHORT_EXPECTED)
        elif _data(response) is None and want > SHORT_EXPECTED:
            response = self._ask(command, self._block)
        elif response.status == Status.WRONG_LENGTH and want > _HEAD_BYTES:
            self._first_block = _HEAD_BYTES
            response = self._ask(command, _HEAD_BYTES)
        return _data(response)

    def _ask(self, command: Command, want: int) -> Response:
        is_long = want > SHORT_EXPECTED
        self.is_probing = is_long and self._extended is None
        response = self.channel.exchange(replace(command, expected=want))
        self.is_probing = False
        if is_long:
            self._extended = _data(response) is not None or (self._extended is True and not _refuses_length(response))
        return response

    def _first_want(self) -> int:
        return LARGEST_BLOCK if self._extended else self._first_block

    def _want(self, left: int) -> int:
        return min(left, self._block if self._extended is False else LARGEST_BLOCK)


def _near(p1: int, p2: int) -> Command:
    return Command(0x00, _READ, p1, p2)


def _data(response: Response) -> bytes | None:
    """What a block holds; a warning that the file ends is none to us."""
    return response.data or None if response.status in {Status.OK, Status.END_OF_FILE} else None


def _refuses_length(response: Response) -> bool:
    return response.status == Status.WRONG_LENGTH


def _size(beginning: bytes) -> int:
    try:
        head = read_head(beginning)
    except InputError as error:
        raise CardError(CardProblem.MALFORMED, f"a file is no data object: {error.kind}") from None
    if head.size + head.length > MAX_FILE_BYTES:
        raise CardError(CardProblem.MALFORMED, "a file is longer than any")
    return head.size + head.length
