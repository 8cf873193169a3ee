"""Reading a chip's files in as few exchanges as it allows (ISO/IEC 7816-4 11.2)."""

from dataclasses import replace

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card.apdu import SHORT_EXPECTED, Channel, Command, PlainChannel, Response, Status
from kiosk.identify.chip_card.card_files import CARD_ACCESS, FILES, NO_ANSWER, SELECT, FileId, select_master_file
from kiosk.identify.chip_card.tlv import encode, find, read_head

MAX_FILE_BYTES = 65_536
SHORT_BLOCK = 223
"""The most that fits into a short protected answer under any cipher."""
LARGEST_BLOCK = 4_096
"""Larger ones save next to nothing, and not every reader holds them."""

_READ, _READ_FAR = 0xB0, 0xB1
_BY_FILE = 0x02
_SHORT_ID = 0x80
_HEAD_BYTES = 8
_SMALLEST_BLOCK = 8
_MAX_NEAR_OFFSET = 0x7FFF
_OFFSET, _DISCRETIONARY_DATA = 0x54, 0x53
_FAR_OVERHEAD = 4
_WRONG_EXPECTED = 0x6C


def read_card_access(
    plain: PlainChannel, *, extended: bool = True, believes: bool = False
) -> tuple[bytes | None, bool]:
    """EF.CardAccess of a card that was just reset, None when it has none or makes any trouble about it.

    Right after a reset the file is at hand, so the master file is selected only where it is not. Before there is any
    protection to lose is the time to ask for an extended length.

    Args:
        plain: to the card.
        extended: whether to ask for an extended length.
        believes: a card that says at once that there is no such file is not asked twice.

    Returns:
        The file, and whether the card took an extended length.
    """
    reader = FileReader(plain, block=SHORT_EXPECTED, extended=extended, short_ids_only=True)
    try:
        found = reader.read(CARD_ACCESS)
    except CardError as error:
        if error.kind is not CardProblem.MALFORMED:
            raise
        return None, reader.extended
    if found is None and not (believes and reader.status == Status.FILE_NOT_FOUND):
        found = read_selected_card_access(plain)
    return found, reader.extended


def read_selected_card_access(plain: PlainChannel) -> bytes | None:
    """EF.CardAccess of a card that gives it only once the master file and then the file itself are selected."""
    select_master_file(plain)
    try:
        return FileReader(plain, block=SHORT_EXPECTED, knows_short_ids=False).read(CARD_ACCESS)
    except CardError as error:
        if error.kind is not CardProblem.MALFORMED:
            raise
        return None


class FileReader:
    """Reads whole files with as few exchanges as the card allows.

    A file's first block is read by its short identifier, which selects it too, and tells its length; then come blocks
    as large as card and reader take them. Once the card refuses an extended length, all blocks stay short.

    Args:
        channel: to the selected application.
        block: bytes of a short block.
        extended: whether to ask for extended lengths.
        knows_short_ids: whether short identifiers are known to work; None tries them.
        short_ids_only: never SELECT a file.

    Attributes:
        channel: may be replaced when session keys change.
        extended: False once the card refused.
        is_probing: a long block was asked for, none ever came, and the answer is out: a card may drop all protection
            over it.
        status: of the card's last answer, 0 before there was one.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        block: int = SHORT_BLOCK,
        extended: bool = False,
        knows_short_ids: bool | None = None,
        short_ids_only: bool = False,
    ) -> None:
        self.channel = channel
        self.extended = extended
        self.is_probing = False
        self.status = 0
        self._block = block
        self._first_block = block
        self._is_proven = False
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
        content = self._begin(FILES[name])
        if content is None:
            return None
        size = _size(content)
        while len(content) < size:
            content += self._continue(len(content), size - len(content))
        return content[:size]

    def keep_short(self, channel: Channel) -> None:
        """Go on over another channel, never again with an extended length."""
        self.channel, self.extended, self.is_probing = channel, False, False

    def _begin(self, file: FileId) -> bytes | None:
        if self._knows_short_ids is not False:
            found = self._first(_near(_SHORT_ID | file.short, 0))
            if found:
                self._knows_short_ids = True
            if found or self._knows_short_ids or self._short_ids_only:
                return found
        select = Command(0x00, SELECT, _BY_FILE, NO_ANSWER, file.identifier.to_bytes(2))
        found = self._first(_near(0, 0)) if self.channel.exchange(select).ok else None
        if found:
            self._knows_short_ids = False
        return found

    def _first(self, command: Command) -> bytes | None:
        """A block of a file whose length is not known; strict cards refuse to be asked for more than there is."""
        was_long = self.extended
        want = LARGEST_BLOCK if was_long else self._first_block
        response = self._ask(command, want)
        if was_long and not self.extended:
            want = self._first_block
            response = self._ask(command, want)
        while _names_length(response) and _named(response) < want:
            want = min(_named(response), self._block)
            response = self._ask(command, want)
        if _refuses_length(response):
            self._first_block = _HEAD_BYTES
            response = self._ask(command, _HEAD_BYTES)
        return _data(response)

    def _continue(self, offset: int, left: int) -> bytes:
        found = self._near(offset, left) if offset <= _MAX_NEAR_OFFSET else self._far(offset, left)
        if not found:
            raise CardError(CardProblem.MALFORMED, "a file ends before its length says so")
        return found

    def _near(self, offset: int, left: int) -> bytes | None:
        return self._next(_near(*offset.to_bytes(2)), left)

    def _far(self, offset: int, left: int) -> bytes | None:
        """READ BINARY with an offset in the data, beyond what P1 and P2 can say (ISO/IEC 7816-4 11.2.3)."""
        command = Command(0x00, _READ_FAR, 0x00, 0x00, encode(_OFFSET, offset.to_bytes(2)))
        found = self._next(command, left + _FAR_OVERHEAD)
        try:
            wrapped = find(found, _DISCRETIONARY_DATA) if found else None
        except InputError:
            wrapped = None
        return wrapped.value if wrapped else None

    def _next(self, command: Command, left: int) -> bytes | None:
        """A block within a file, smaller and smaller until the card takes its length."""
        while True:
            want = min(left, LARGEST_BLOCK if self.extended else self._block)
            response = self._ask(command, want)
            if _data(response) is not None or not self._shrink(response, want):
                return _data(response)

    def _shrink(self, response: Response, want: int) -> bool:
        """Make blocks smaller for good, as far as the card's refusal says so."""
        names_length = _names_length(response)
        if want > SHORT_EXPECTED:
            self.extended = self.extended and not names_length
            return not self.extended
        size = _named(response) if names_length else max(want // 2, _SMALLEST_BLOCK)
        if not (names_length or _refuses_length(response)) or not _SMALLEST_BLOCK <= size < want:
            return False
        self._block = size
        return True

    def _ask(self, command: Command, want: int) -> Response:
        is_long = want > SHORT_EXPECTED
        self.is_probing = is_long and not self._is_proven
        response = self.channel.exchange(replace(command, expected=want))
        self.is_probing = False
        self.status = response.status
        self._is_proven = self._is_proven or len(response.data) > SHORT_EXPECTED
        if is_long and _refuses_length(response):
            self.extended = False
        return response


def _near(p1: int, p2: int) -> Command:
    return Command(0x00, _READ, p1, p2)


def _data(response: Response) -> bytes | None:
    """What a block holds; a warning that the file ends is none to us."""
    return response.data or None if response.status in {Status.OK, Status.END_OF_FILE} else None


def _refuses_length(response: Response) -> bool:
    return response.status in {Status.WRONG_LENGTH, Status.NO_DIAGNOSIS}


def _names_length(response: Response) -> bool:
    return response.status >> 8 == _WRONG_EXPECTED


def _named(response: Response) -> int:
    """The length that 6Cxx names."""
    return response.status & 0xFF or SHORT_EXPECTED


def _size(beginning: bytes) -> int:
    try:
        head = read_head(beginning)
    except InputError as error:
        raise CardError(CardProblem.MALFORMED, f"a file is no data object: {error.kind}") from None
    if head.size + head.length > MAX_FILE_BYTES:
        raise CardError(CardProblem.MALFORMED, "a file is longer than any")
    return head.size + head.length
