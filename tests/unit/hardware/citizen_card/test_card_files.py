"""Selecting and reading on an open card."""

from dataclasses import replace

import pytest

from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage, Oversize
from tests.support.card_terminal import Terminal

READ_ODD = "0CB10000"


def opened(card: CardImage, behaviour: Behaviour | None = None) -> Terminal:
    return Terminal(replace(card, behaviour=behaviour or card.behaviour))


def select(terminal: Terminal, file_id: str) -> int:
    return terminal.send("0CA4020C", bytes.fromhex(file_id)).status


@pytest.mark.parametrize(
    ("file_id", "name"),
    [("011E", "EF.COM"), ("011D", "EF.SOD"), ("0101", "DG1"), ("010D", "DG13"), ("010E", "DG14"), ("010F", "DG15")],
)
def test_each_file_is_read_whole_with_a_long_answer(card: CardImage, file_id: str, name: str) -> None:
    terminal = opened(card)
    assert select(terminal, file_id) == 0x9000
    assert terminal.send("0CB00000", expected=65536, extended=True) == (card.files[name], 0x9000)


def test_a_file_is_read_by_its_short_identifier(card: CardImage) -> None:
    terminal = opened(card)
    assert terminal.send("0CB08100", expected=5).data == card.files["DG1"][:5]
    assert terminal.send("0CB00005", expected=90).data == card.files["DG1"][5:95]


def test_a_short_answer_holds_as_much_as_protection_leaves(card: CardImage) -> None:
    terminal = opened(card)
    answer = terminal.send("0CB08200", expected=256)
    assert answer == (card.files["DG2"][:231], 0x9000)


def test_fingerprints_are_shown_to_nobody_and_there_is_no_dg11(card: CardImage) -> None:
    terminal = opened(card)
    assert select(terminal, "0103") == 0x6982
    assert terminal.send("0CB08300", expected=256).status == 0x6982
    assert select(terminal, "010B") == 0x6A82


def test_the_odd_instruction_reads_beyond_fifteen_bits_of_offset(card: CardImage) -> None:
    big = bytes(index % 251 for index in range(40_000))
    terminal = Terminal(replace(card, files={**card.files, "DG2": big}))
    assert select(terminal, "0102") == 0x9000
    answer = terminal.send(READ_ODD, bytes.fromhex("5403008CA0"), expected=102, extended=True)
    assert answer == (bytes.fromhex("5364") + big[36_000:36_100], 0x9000)


def test_the_odd_instruction_takes_a_short_identifier(card: CardImage) -> None:
    answer = opened(card).send("0CB10001", bytes.fromhex("540105"), expected=7)
    assert answer == (bytes.fromhex("5305") + card.files["DG1"][5:10], 0x9000)


@pytest.mark.parametrize("data", ["", "5501", "5303"])
def test_the_odd_instruction_wants_an_offset(card: CardImage, data: str) -> None:
    terminal = opened(card)
    select(terminal, "0101")
    assert terminal.send(READ_ODD, bytes.fromhex(data), expected=256).status == 0x6A80


def test_reading_past_the_end_is_told(card: CardImage) -> None:
    terminal = opened(card)
    select(terminal, "0101")
    assert terminal.send("0CB0005A", expected=20) == (card.files["DG1"][90:], 0x6282)
    assert terminal.send("0CB0005F", expected=20).status == 0x6B00


def test_a_card_for_short_lengths_refuses_a_long_one(card: CardImage) -> None:
    terminal = opened(card, Behaviour(extended_length=False))
    assert terminal.card.exchange(bytes.fromhex("00B08100000400")).hex() == "6700"


@pytest.mark.parametrize(
    ("oversize", "status", "count"),
    [(Oversize.SHORTEN, 0x9000, 100), (Oversize.EXACT_LENGTH, 0x6C64, 0), (Oversize.WRONG_LENGTH, 0x6700, 0)],
)
def test_a_card_with_small_blocks_says_so_in_its_way(
    card: CardImage, oversize: Oversize, status: int, count: int
) -> None:
    terminal = opened(card, Behaviour(largest_block=100, oversize=oversize))
    answer = terminal.send("0CB08200", expected=200)
    assert (len(answer.data), answer.status) == (count, status)


def test_an_answer_comes_in_pieces_where_the_card_cannot_do_otherwise(card: CardImage) -> None:
    terminal = opened(card, Behaviour(chunk=50))
    assert terminal.send("0CB08200", expected=200) == (card.files["DG2"][:200], 0x9000)


def test_before_a_file_is_selected_there_is_nothing_to_read(card: CardImage) -> None:
    assert opened(card).send("0CB00000", expected=256).status == 0x6986


def test_an_unknown_instruction_is_answered_under_protection(card: CardImage) -> None:
    assert opened(card).send("0CE20000", expected=256).status == 0x6D00


def test_a_card_without_the_application_says_so(card: CardImage) -> None:
    terminal = opened(card)
    assert terminal.send("0CA4040C", bytes.fromhex("A000000001")).status == 0x6A82
