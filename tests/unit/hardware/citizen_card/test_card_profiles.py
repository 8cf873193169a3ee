"""The bench's cards, broken cards, and the reader that they lie on."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.chip import Chip
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage, Interference
from kiosk.hardware.simulated.citizen_card.profiles import CardOffice, CardProfile, with_broken_signature
from kiosk.hardware.simulated.citizen_card.reader import SimulatedCardReader
from tests.support.card_terminal import SELECT_APPLICATION, Terminal

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def office() -> CardOffice:
    return CardOffice()


@pytest.fixture(scope="module")
def cards(office: CardOffice, holder: Holder) -> dict[CardProfile, CardImage]:
    return {profile: office.make(profile, holder, TODAY) for profile in CardProfile}


def test_every_profile_makes_a_card_of_its_own(cards: dict[CardProfile, CardImage]) -> None:
    assert set(cards) == set(CardProfile)
    assert cards[CardProfile.NO_CHIP].files == {}
    assert "DG15" not in cards[CardProfile.NO_COPY_PROTECTION].files
    assert b"D<<" in cards[CardProfile.ANOTHER_STATE].files["DG1"]
    assert b"F260506" in cards[CardProfile.EXPIRED].files["DG1"]
    assert b"TRAN<<VAN<KHAC" in cards[CardProfile.FORGED].files["DG1"]


def test_an_office_stays_the_same_over_a_file(office: CardOffice) -> None:
    assert CardOffice.from_bytes(office.to_bytes()) == office
    with pytest.raises(InputError):
        CardOffice.from_bytes(b"{]")


def test_only_the_strangers_card_names_another_authority(
    office: CardOffice, cards: dict[CardProfile, CardImage]
) -> None:
    def names(profile: CardProfile, certificate: bytes) -> bool:
        return certificate in cards[profile].files["EF.SOD"]

    assert names(CardProfile.GENUINE, office.home.signer.certificate)
    assert names(CardProfile.ISSUER_UNKNOWN, office.stranger.signer.certificate)
    assert not names(CardProfile.ISSUER_UNKNOWN, office.home.signer.certificate)
    assert names(CardProfile.ANOTHER_STATE, office.abroad.signer.certificate)


def test_a_clone_has_every_file_and_not_the_keys(cards: dict[CardProfile, CardImage]) -> None:
    genuine, clone = cards[CardProfile.GENUINE], cards[CardProfile.CLONED]
    assert set(clone.files) == set(genuine.files)
    assert clone.active_key != genuine.active_key
    assert clone.chip_key != genuine.chip_key


def test_a_throttled_card_opens_to_nobody(cards: dict[CardProfile, CardImage]) -> None:
    card = VirtualCard(cards[CardProfile.THROTTLED])
    assert card.exchange(bytes.fromhex("0022C1A40F800A04007F00070202040202830102")).hex() == "6983"
    card.exchange(SELECT_APPLICATION)
    assert card.exchange(bytes.fromhex("0084000008")).hex() == "6983"


def test_a_card_without_chip_application_says_so(cards: dict[CardProfile, CardImage]) -> None:
    assert VirtualCard(cards[CardProfile.NO_CHIP]).exchange(SELECT_APPLICATION).hex() == "6a82"


def test_a_broken_signature_differs_in_one_bit(card: CardImage) -> None:
    broken = with_broken_signature(card).files["EF.SOD"]
    assert [a ^ b for a, b in zip(broken, card.files["EF.SOD"], strict=True) if a != b] == [1]


def hindered(card: CardImage, interference: Interference, after: int = 0) -> VirtualCard:
    return VirtualCard(replace(card, behaviour=Behaviour(interference=interference, after=after)))


@pytest.mark.parametrize(
    ("interference", "problem"),
    [(Interference.REMOVED, CardProblem.REMOVED), (Interference.SILENT, CardProblem.NO_ANSWER)],
)
def test_a_card_that_goes_says_nothing_more(card: CardImage, interference: Interference, problem: CardProblem) -> None:
    pulled = hindered(card, interference, after=1)
    assert pulled.exchange(SELECT_APPLICATION).hex() == "9000"
    with pytest.raises(CardError) as refused:
        pulled.exchange(SELECT_APPLICATION)
    assert refused.value.kind is problem


def test_a_hostile_card_answers_what_no_standard_allows(card: CardImage) -> None:
    endless = hindered(card, Interference.ENDLESS_MORE)
    assert {endless.exchange(SELECT_APPLICATION)[-2] for _ in range(10)} == {0x61}
    assert b"\xff\xff\xff\xff" in hindered(card, Interference.HUGE_LENGTHS).exchange(SELECT_APPLICATION)
    assert len(hindered(card, Interference.RANDOM_BYTES).exchange(SELECT_APPLICATION)) >= 2


def test_a_card_with_a_bad_mac_changes_protected_answers_only(card: CardImage) -> None:
    terminal = Terminal(replace(card, behaviour=Behaviour(interference=Interference.BAD_MAC)))
    with pytest.raises(AssertionError):
        terminal.send("0CB08100", expected=5)


@settings(max_examples=300, deadline=None)
@given(commands=st.lists(st.binary(max_size=80), max_size=6))
def test_no_command_throws_the_chip_off(card: CardImage, commands: list[bytes]) -> None:
    chip = Chip(card)
    for command in commands:
        assert len(chip.exchange(command)) >= 2


@settings(max_examples=200, deadline=None)
@given(
    ins=st.sampled_from([0xA4, 0xB0, 0xB1, 0x22, 0x86, 0x84, 0x82, 0x88, 0xC0]),
    p1_p2=st.sampled_from(["0000", "040C", "020C", "C1A4", "41A4", "41A6", "8100", "7FFF"]),
    data=st.binary(max_size=60),
)
def test_nothing_in_an_open_session_throws_the_chip_off(card: CardImage, ins: int, p1_p2: str, data: bytes) -> None:
    assert Terminal(card).send(f"0C{ins:02X}{p1_p2}", data, 256).status >= 0x6100


def test_the_reader_sees_cards_come_and_go(card: CardImage) -> None:
    lying: list[VirtualCard] = []
    reader = SimulatedCardReader(lambda: lying[-1] if lying else None)
    assert not reader.has_card(0)
    with pytest.raises(CardError) as none:
        reader.connect()
    assert none.value.kind is CardProblem.NO_CARD
    lying.append(VirtualCard(card))
    assert reader.has_card(10_000)
    with reader.connect() as connection:
        assert connection.transmit(SELECT_APPLICATION) == (b"", 0x9000)
        lying.clear()
        with pytest.raises(CardError) as gone:
            connection.transmit(SELECT_APPLICATION)
    assert gone.value.kind is CardProblem.REMOVED
    assert not reader.has_card(10_000)


def test_a_card_that_was_pulled_lies_there_no_more_until_it_is_laid_anew(card: CardImage) -> None:
    lying = [hindered(card, Interference.REMOVED)]
    reader = SimulatedCardReader(lambda: lying[-1])
    with reader.connect() as connection, pytest.raises(CardError):
        connection.transmit(SELECT_APPLICATION)
    assert not reader.has_card(0)
    lying.append(VirtualCard(card))
    assert reader.has_card(0)


def test_connecting_resets_the_card(card: CardImage) -> None:
    lying = VirtualCard(card)
    reader = SimulatedCardReader(lambda: lying)
    with reader.connect() as connection:
        connection.transmit(SELECT_APPLICATION)
        assert connection.transmit(bytes.fromhex("0084000008"))[1] == 0x9000
    with reader.connect() as connection:
        assert connection.transmit(bytes.fromhex("0084000008"))[1] == 0x6D00
