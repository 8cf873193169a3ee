"""Port `CardReader`: the real reader over pcscd, and the simulated one, behave alike."""

import time
from collections.abc import Iterator
from typing import Protocol

import pytest

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.card_reader import PcscCardReader
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.image import CardImage
from kiosk.hardware.simulated.citizen_card.reader import SimulatedCardReader
from kiosk.ports.devices import CardReader
from tests.support.card_tray import Tray
from tests.support.patience import until
from tests.support.pcscd import READER, Pcscd

pytestmark = pytest.mark.integration

SELECT_APPLICATION = bytes.fromhex("00A4040C07A0000002471001")
GET_CHALLENGE = bytes.fromhex("0084000008")


class Place(Protocol):
    """Where cards are laid."""

    def lay(self, image: CardImage) -> None: ...

    def lift(self) -> None: ...


class PlaceInProcess:
    def __init__(self) -> None:
        self.card: VirtualCard | None = None

    def lay(self, image: CardImage) -> None:
        self.card = VirtualCard(image)

    def lift(self) -> None:
        self.card = None


@pytest.fixture(params=["pcsc", "simulated"])
def either(request: pytest.FixtureRequest) -> Iterator[tuple[CardReader, Place]]:
    if request.param == "simulated":
        place = PlaceInProcess()
        yield SimulatedCardReader(lambda: place.card), place
        return
    pcscd: Pcscd = request.getfixturevalue("pcscd")
    tray, reader = Tray(pcscd), PcscCardReader(READER, allow_virtual=True)
    while reader.has_card(200):
        pass
    yield reader, tray
    tray.lift()


def test_an_empty_reader_has_no_card(either: tuple[CardReader, Place]) -> None:
    reader, _ = either
    began = time.monotonic()
    assert not reader.has_card(200)
    assert time.monotonic() - began >= 0.2
    with pytest.raises(CardError) as caught, reader.connect():
        pass
    assert caught.value.kind == CardProblem.NO_CARD


def test_a_card_is_told_at_once_and_then_waited_with(either: tuple[CardReader, Place], genuine: CardImage) -> None:
    reader, place = either
    place.lay(genuine)
    until(lambda: reader.has_card(2000))
    began = time.monotonic()
    assert reader.has_card(200)
    assert time.monotonic() - began >= 0.2
    place.lift()
    until(lambda: not reader.has_card(2000))


def test_each_connection_is_to_a_card_that_was_reset(either: tuple[CardReader, Place], genuine: CardImage) -> None:
    reader, place = either
    place.lay(genuine)
    with reader.connect() as card:
        assert card.transmit(GET_CHALLENGE)[1] != 0x9000
        assert card.transmit(SELECT_APPLICATION) == (b"", 0x9000)
        challenge, status = card.transmit(GET_CHALLENGE)
        assert (len(challenge), status) == (8, 0x9000)
    with reader.connect() as card:
        assert card.transmit(GET_CHALLENGE)[1] != 0x9000


def test_a_card_that_is_lifted_ends_its_connection(either: tuple[CardReader, Place], genuine: CardImage) -> None:
    reader, place = either
    place.lay(genuine)
    with reader.connect() as card:
        card.transmit(SELECT_APPLICATION)
        place.lift()
        for _ in range(2):
            with pytest.raises(CardError) as caught:
                card.transmit(GET_CHALLENGE)
            assert caught.value.kind == CardProblem.REMOVED
