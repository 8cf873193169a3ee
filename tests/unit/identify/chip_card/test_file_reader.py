"""Reading files from chips that differ in what READ BINARY and SELECT may say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.apdu import Command, Limits, PlainChannel, Response
from kiosk.identify.chip_card.card_files import FILES, select_application
from kiosk.identify.chip_card.file_reader import FileReader, read_card_access
from kiosk.identify.chip_card.tlv import encode

CARD_ACCESS = encode(0x31, bytes(50))
SMALL = encode(0x61, bytes(range(90)))
LARGE = encode(0x75, bytes(range(256)) * 200)
IDENTIFIERS = {file.identifier: name for name, file in FILES.items()}
SHORT_IDENTIFIERS = {file.short: name for name, file in FILES.items()}


@dataclass
class Shelf:
    """Files and nothing else: no access control and no protection, but all the moods of real chips.

    Attributes:
        refuse: a status word for a command, or None to answer it.
    """

    files: Mapping[str, bytes]
    refuse: Callable[[Command], int | None] = lambda _command: None
    commands: list[Command] = field(default_factory=list)
    selected: str = ""

    def exchange(self, command: Command) -> Response:
        self.commands.append(command)
        status = self.refuse(command)
        if status is not None:
            return Response(b"", status)
        if command.ins == 0xA4:
            return self._select(command)
        offset = command.p2 if command.p1 & 0x80 else command.p1 << 8 | command.p2
        if command.p1 & 0x80:
            self.selected = SHORT_IDENTIFIERS[command.p1 & 0x1F]
        if command.ins == 0xB1:
            offset = int.from_bytes(command.data[2:])
        return self._read(offset, command)

    def _select(self, command: Command) -> Response:
        self.selected = IDENTIFIERS.get(int.from_bytes(command.data), "")
        return Response(b"", 0x9000 if self.selected in self.files else 0x6A82)

    def _read(self, offset: int, command: Command) -> Response:
        if self.selected not in self.files:
            return Response(b"", 0x6A82)
        expected = command.expected or 0
        if command.ins == 0xB1:
            return Response(encode(0x53, self.files[self.selected][offset : offset + expected - 4]), 0x9000)
        data = self.files[self.selected][offset : offset + expected]
        return Response(data, 0x9000 if len(data) == expected else 0x6282)


def shelf(refuse: Callable[[Command], int | None] = lambda _command: None) -> Shelf:
    return Shelf({"DG1": SMALL, "DG2": LARGE}, refuse)


def by_short_identifier(command: Command) -> bool:
    return command.ins == 0xB0 and bool(command.p1 & 0x80)


def too_long(limit: int) -> Callable[[Command], int | None]:
    return lambda command: 0x6700 if (command.expected or 0) > limit else None


def test_a_small_file_takes_one_exchange() -> None:
    card = shelf()
    assert FileReader(card).read("DG1") == SMALL
    assert len(card.commands) == 1


@pytest.mark.parametrize(("extended", "blocks"), [(True, 4096), (False, 223)])
def test_a_large_file_takes_as_many_exchanges_as_blocks(blocks: int, *, extended: bool) -> None:
    card = shelf()
    assert FileReader(card, extended=extended).read("DG2") == LARGE
    far = sum(command.ins == 0xB1 for command in card.commands)
    assert len(card.commands) <= -(-(len(LARGE) + 4 * far) // blocks)
    assert all(command.p1 < 0x80 or by_short_identifier(command) for command in card.commands)
    assert far > 0


def test_a_card_without_short_identifiers_is_asked_for_them_once() -> None:
    card = shelf(lambda command: 0x6A86 if by_short_identifier(command) else None)
    reader = FileReader(card)
    assert reader.read("DG1") == SMALL
    assert reader.read("DG2") == LARGE
    assert sum(by_short_identifier(command) for command in card.commands) == 1
    assert sum(command.ins == 0xA4 for command in card.commands) == 2


def test_a_file_that_is_not_there_is_none_and_costs_one_exchange_once_short_identifiers_work() -> None:
    card = shelf()
    reader = FileReader(card)
    reader.read("DG1")
    assert reader.read("DG13") is None
    assert len(card.commands) == 2


@pytest.mark.parametrize("status", [0x6982, 0x6A82, 0x6D00, 0x6A88, 0x6F00, 0x9000])
def test_a_file_that_is_refused_is_none(status: int) -> None:
    assert FileReader(shelf(lambda _command: status)).read("DG1") is None


def test_a_card_that_refuses_a_long_block_is_never_asked_for_one_again() -> None:
    card = shelf(too_long(256))
    reader = FileReader(card, extended=True)
    assert reader.read("DG1") == SMALL
    assert reader.read("DG2") == LARGE
    assert not reader.extended
    assert sum((command.expected or 0) > 256 for command in card.commands) == 1


@pytest.mark.parametrize("limit", [8, 20, 100, 128, 222])
@pytest.mark.parametrize("extended", [True, False])
def test_a_card_with_a_small_buffer_is_read_to_its_end(limit: int, *, extended: bool) -> None:
    card = shelf(too_long(limit))
    reader = FileReader(card, extended=extended)
    assert reader.read("DG1") == SMALL


def test_a_card_that_refuses_to_read_past_a_files_end_is_read_by_its_head() -> None:
    def strict(command: Command) -> int | None:
        past = by_short_identifier(command) and (command.expected or 0) > len(SMALL)
        return 0x6700 if past else None

    card = Shelf({"DG1": SMALL, "DG13": SMALL}, strict)
    reader = FileReader(card)
    assert reader.read("DG1") == SMALL
    assert reader.read("DG13") == SMALL
    assert len(card.commands) == 5


@pytest.mark.parametrize(
    "content",
    [
        b"\x61",
        b"\x61\x80\x00\x00",
        b"\x1f\x81\x81\x81\x01\x00",
        b"\x61\x83\x01\x00\x00" + bytes(300),
        b"\x61\x84\xff\xff\xff\xff" + bytes(300),
        b"\x61\x20" + bytes(3),
    ],
)
def test_a_file_that_is_no_whole_data_object_is_malformed(content: bytes) -> None:
    with pytest.raises(CardError) as refusal:
        FileReader(Shelf({"DG1": content})).read("DG1")
    assert refusal.value.kind is CardProblem.MALFORMED


def test_what_follows_a_files_data_object_is_left_out() -> None:
    assert FileReader(Shelf({"DG1": SMALL + bytes(100)})).read("DG1") == SMALL


@given(content=st.binary(min_size=1, max_size=2_000), extended=st.booleans())
def test_whatever_a_file_holds_it_is_read_whole_or_malformed(content: bytes, *, extended: bool) -> None:
    try:
        found = FileReader(Shelf({"DG1": content}), extended=extended).read("DG1")
    except CardError as error:
        assert error.kind is CardProblem.MALFORMED  # noqa: PT017 # either
    else:
        assert found is None or content.startswith(found)


class Wire:
    """The shelf as a connection."""

    def __init__(self, card: Shelf) -> None:
        self._card = card

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        cla, ins, p1, p2 = command[:4]
        body = command[4:]
        data = body[1:] if ins == 0xA4 else b""
        expected = (int.from_bytes(body[1:]) if len(body) == 3 else body[0] or 256) if ins == 0xB0 else None
        response = self._card.exchange(Command(cla, ins, p1, p2, data, expected))
        return response.data, response.status


def test_card_access_is_at_hand_after_a_reset() -> None:
    card = Shelf({"EF.CardAccess": CARD_ACCESS})
    assert read_card_access(PlainChannel(Wire(card))) == (CARD_ACCESS, True)
    assert len(card.commands) == 1


def test_a_card_that_refuses_the_long_question_gives_card_access_to_the_short_one() -> None:
    card = Shelf({"EF.CardAccess": CARD_ACCESS}, too_long(256))
    assert read_card_access(PlainChannel(Wire(card))) == (CARD_ACCESS, False)
    assert len(card.commands) == 2


@pytest.mark.parametrize("master_file", [0x9000, 0x6D00, 0x6A82])
def test_card_access_is_selected_where_no_short_identifier_reaches_it(master_file: int) -> None:
    def without_short_identifiers(command: Command) -> int | None:
        if command.ins == 0xA4 and command.p1 == 0:
            return master_file
        return 0x6A86 if by_short_identifier(command) else None

    card = Shelf({"EF.CardAccess": CARD_ACCESS}, without_short_identifiers)
    found, _ = read_card_access(PlainChannel(Wire(card)))
    assert found == CARD_ACCESS


def test_a_card_that_says_plainly_that_there_is_no_card_access_is_believed_where_there_is_another_way() -> None:
    card = shelf()
    assert read_card_access(PlainChannel(Wire(card)), believes=True) == (None, True)
    assert len(card.commands) == 1


@pytest.mark.parametrize("status", [0x6982, 0x6985, 0x6986, 0x6A86, 0x6B00, 0x6D00, 0x6F00])
def test_any_other_refusal_is_not_taken_for_an_absence(status: int) -> None:
    card = Shelf({"EF.CardAccess": CARD_ACCESS}, lambda command: status if by_short_identifier(command) else None)
    found, _ = read_card_access(PlainChannel(Wire(card)), believes=True)
    assert found == CARD_ACCESS


def test_no_card_access_is_no_error() -> None:
    assert read_card_access(PlainChannel(Wire(shelf()))) == (None, True)


@pytest.mark.parametrize("content", [b"\x31\x80", b"\x31\x82\xff\xff", b"\x31\x84\xff\xff\xff\xff"])
def test_a_broken_card_access_is_none(content: bytes) -> None:
    found, _ = read_card_access(PlainChannel(Wire(Shelf({"EF.CardAccess": content}))))
    assert found is None


def test_a_card_that_is_gone_is_gone_in_card_access_too() -> None:
    class Gone:
        def transmit(self, command: bytes) -> tuple[bytes, int]:
            raise CardError(CardProblem.REMOVED, f"after {len(command)} bytes")

    with pytest.raises(CardError) as refusal:
        read_card_access(PlainChannel(Gone(), limits=Limits()))
    assert refusal.value.kind is CardProblem.REMOVED


def test_a_card_without_the_application_is_not_supported() -> None:
    with pytest.raises(CardError) as refusal:
        select_application(Shelf({}))
    assert refusal.value.kind is CardProblem.UNSUPPORTED
