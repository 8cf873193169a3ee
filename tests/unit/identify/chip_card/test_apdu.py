"""Commands in both forms, and a channel that no card can hold up."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.apdu import Command, Limits, PlainChannel, Response, Status


class Scripted:
    """A connection that answers from a list, or from a function for ever."""

    def __init__(self, answers: list[tuple[bytes, int]] | Callable[[], tuple[bytes, int]]) -> None:
        self.sent: list[bytes] = []
        self._answers: Iterator[tuple[bytes, int]] = iter(answers) if isinstance(answers, list) else iter(answers, None)

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self.sent.append(command)
        return next(self._answers)


@pytest.mark.parametrize(
    ("command", "encoded"),
    [
        (Command(0x00, 0xA4, 0, 0), "00A40000"),
        (Command(0x00, 0xB0, 0, 0, b"", 1), "00B0000001"),
        (Command(0x00, 0xB0, 0, 0, b"", 256), "00B0000000"),
        (Command(0x00, 0xB0, 0, 0, b"", 257), "00B00000 000101"),
        (Command(0x00, 0xB0, 0, 0, b"", 65_536), "00B00000 000000"),
        (Command(0x00, 0xA4, 2, 12, b"\1\x1e"), "00A4020C 02 011E"),
        (Command(0x00, 0xA4, 2, 12, b"\1\x1e", 256), "00A4020C 02 011E 00"),
        (Command(0x00, 0xA4, 2, 12, b"\1\x1e", 65_536), "00A4020C 000002 011E 0000"),
        (Command(0x0C, 0xB0, 0, 0, bytes(256), 1), "0CB00000 000100" + "00" * 256 + "0001"),
        (Command(0x0C, 0xB0, 0, 0, bytes(256)), "0CB00000 000100" + "00" * 256),
    ],
)
def test_a_command_takes_the_shortest_form_that_holds_it(command: Command, encoded: str) -> None:
    assert command.to_bytes() == bytes.fromhex(encoded)


@given(data=st.binary(max_size=600), expected=st.none() | st.integers(min_value=1, max_value=65_536))
def test_a_command_reads_back_by_the_rules_of_the_standard(data: bytes, expected: int | None) -> None:
    body = Command(0, 0xB0, 1, 2, data, expected).to_bytes()[4:]
    assert (data, expected) == parse_body(body)


def parse_body(body: bytes) -> tuple[bytes, int | None]:
    if not body:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or 256
    if body[0]:
        end = 1 + body[0]
        return body[1:end], (body[end] or 256) if len(body) > end else None
    length = int.from_bytes(body[1:3])
    if len(body) == 3:
        return b"", length or 65_536
    end = 3 + length
    return body[3:end], (int.from_bytes(body[end:]) or 65_536) if len(body) > end else None


@pytest.mark.parametrize(
    "command",
    [
        Command(0, 0xB0, 0, 0, b"", 0),
        Command(0, 0xB0, 0, 0, b"", 65_537),
        Command(0, 0xB0, 0, 0, bytes(65_536)),
    ],
)
def test_a_length_that_no_form_expresses_is_a_mistake_of_the_program(command: Command) -> None:
    with pytest.raises(ValueError, match="length"):
        command.to_bytes()


def test_an_answer_in_pieces_is_fetched_to_its_end() -> None:
    card = Scripted([(b"ab", 0x6102), (b"cd", 0x6100), (b"ef", 0x9000)])
    channel = PlainChannel(card)
    assert channel.exchange(Command(0, 0x88, 0, 0, bytes(8), 256)) == Response(b"abcdef", Status.OK)
    assert card.sent[1:] == [bytes.fromhex("00C0000002"), bytes.fromhex("00C0000000")]
    assert (channel.exchanges, channel.bytes_read) == (3, 6)


def test_a_command_is_repeated_once_with_the_length_that_the_card_names() -> None:
    card = Scripted([(b"", 0x6C05), (b"hello", 0x9000)])
    assert PlainChannel(card).exchange(Command(0, 0xB0, 0, 0, b"", 256)).data == b"hello"
    assert card.sent[1] == bytes.fromhex("00B0000005")


def test_a_card_that_names_another_length_each_time_gets_no_third_command() -> None:
    card = Scripted([(b"", 0x6C05), (b"", 0x6C06)])
    assert PlainChannel(card).exchange(Command(0, 0xB0, 0, 0, b"", 256)).status == 0x6C06


def test_an_answer_without_end_is_given_up() -> None:
    card = Scripted(lambda: (b"x" * 10, 0x6110))
    with pytest.raises(CardError) as refusal:
        PlainChannel(card).exchange(Command(0, 0xB0, 0, 0, b"", 256))
    assert refusal.value.kind is CardProblem.MALFORMED


def test_a_card_that_never_comes_to_an_end_is_given_up() -> None:
    channel = PlainChannel(Scripted(lambda: (b"x", 0x9000)), limits=Limits(exchanges=50))
    with pytest.raises(CardError) as refusal:
        exchange_for_ever(channel)
    assert refusal.value.kind is CardProblem.MALFORMED


def test_a_card_that_is_slower_than_allowed_does_not_answer() -> None:
    clock = iter(range(0, 1_000, 10))
    channel = PlainChannel(Scripted(lambda: (b"x", 0x9000)), limits=Limits(seconds=25), clock=lambda: next(clock))
    with pytest.raises(CardError) as refusal:
        exchange_for_ever(channel)
    assert refusal.value.kind is CardProblem.NO_ANSWER
    assert channel.last_seconds == 10


def test_an_answer_longer_than_any_answer_is_refused() -> None:
    with pytest.raises(CardError) as refusal:
        PlainChannel(Scripted([(bytes(70_000), 0x9000)])).exchange(Command(0, 0xB0, 0, 0, b"", 256))
    assert refusal.value.kind is CardProblem.MALFORMED


def exchange_for_ever(channel: PlainChannel) -> None:
    while True:
        channel.exchange(Command(0, 0xB0, 0, 0, b"", 256))
