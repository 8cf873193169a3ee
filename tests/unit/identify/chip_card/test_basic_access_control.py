"""BAC against ICAO Doc 9303-11 Appendix D.3, and against cards that do it wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.apdu import Command, PlainChannel
from kiosk.identify.chip_card.basic_access_control import open_with_bac

KEY_TEXT = "L898902C<369080619406236"
CHALLENGE = bytes.fromhex("4608F91988702212")
OWN = bytes.fromhex("781723860C06C226")
OWN_SEED = bytes.fromhex("0B795240CB7049B01C19B33E32804F0B")
SENT = "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728"
ANSWER = bytes.fromhex("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D7449")


class Scripted:
    """A connection that gives prepared answers."""

    def __init__(self, *answers: tuple[bytes, int]) -> None:
        self.sent: list[str] = []
        self._answers = iter(answers)

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self.sent.append(command.hex().upper())
        return next(self._answers)


def draw(count: int) -> bytes:
    return OWN if count == len(OWN) else OWN_SEED


def test_the_worked_example_opens_and_goes_on_protected() -> None:
    selected = bytes.fromhex("990290008E08FA855A5D4C50A8ED")
    card = Scripted((CHALLENGE, 0x9000), (ANSWER, 0x9000), (selected, 0x9000))
    channel = open_with_bac(PlainChannel(card), KEY_TEXT, draw)
    channel.exchange(Command(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e"))
    assert card.sent == [
        "0084000008",
        SENT,
        "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
    ]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((b"", 0x6300), CardProblem.WRONG_KEY),
        ((b"", 0x6982), CardProblem.WRONG_KEY),
        ((b"", 0x6985), CardProblem.WRONG_KEY),
        ((b"", 0x6A80), CardProblem.WRONG_KEY),
        ((b"", 0x6988), CardProblem.WRONG_KEY),
        ((b"", 0x63C1), CardProblem.THROTTLED),
        ((b"", 0x6983), CardProblem.THROTTLED),
        ((b"", 0x6F00), CardProblem.MALFORMED),
        ((b"", 0x9000), CardProblem.MALFORMED),
        ((ANSWER[:-1], 0x9000), CardProblem.MALFORMED),
        ((ANSWER[:-1] + b"\0", 0x9000), CardProblem.SECURE_MESSAGING),
        ((bytes.fromhex(SENT[10:-2]), 0x9000), CardProblem.SECURE_MESSAGING),
    ],
)
def test_each_answer_of_a_card_has_its_own_word(answer: tuple[bytes, int], kind: CardProblem) -> None:
    with pytest.raises(CardError) as refusal:
        open_with_bac(PlainChannel(Scripted((CHALLENGE, 0x9000), answer)), KEY_TEXT, draw)
    assert refusal.value.kind is kind


@pytest.mark.parametrize(
    ("challenge", "kind"),
    [
        ((b"", 0x6D00), CardProblem.UNSUPPORTED),
        ((b"", 0x6982), CardProblem.UNSUPPORTED),
        ((b"", 0x9000), CardProblem.MALFORMED),
        ((bytes(9), 0x9000), CardProblem.MALFORMED),
    ],
)
def test_a_card_without_a_usable_challenge_has_no_bac(challenge: tuple[bytes, int], kind: CardProblem) -> None:
    with pytest.raises(CardError) as refusal:
        open_with_bac(PlainChannel(Scripted(challenge)), KEY_TEXT, draw)
    assert refusal.value.kind is kind


@given(challenge=st.binary(min_size=8, max_size=8), answer=st.binary(min_size=40, max_size=40))
def test_a_card_that_does_not_know_the_key_is_found_out(challenge: bytes, answer: bytes) -> None:
    with pytest.raises(CardError) as refusal:
        open_with_bac(PlainChannel(Scripted((challenge, 0x9000), (answer, 0x9000))), KEY_TEXT)
    assert refusal.value.kind is CardProblem.SECURE_MESSAGING
