"""What lies on the demo's card reader: the card that the bench laid there, slow enough to watch."""

import time

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.image import from_bytes

EXCHANGE_SECONDS = 0.02
"""A contactless chip takes 10 to 50 ms for a command."""
DEVICE = "card_reader"


class _SlowCard(VirtualCard):
    def exchange(self, apdu: bytes) -> bytes:
        """Answer as a contactless chip does: not at once."""
        time.sleep(EXCHANGE_SECONDS)
        return super().exchange(apdu)


class BenchCardSlot:
    """A `CardSlot` over the bench; each laying is a card of its own, as after a reset."""

    def __init__(self, bench: FileBench) -> None:
        self._bench = bench
        self._laying: str | None = None
        self._card: VirtualCard | None = None

    def __call__(self) -> VirtualCard | None:
        """The card that lies there now.

        Raises:
            CardError: ``no_reader`` while the reader is unplugged.
        """
        if not self._bench.plugged(DEVICE):
            raise CardError(CardProblem.NO_READER, "the simulated card reader is unplugged")
        laid = self._bench.laid_card()
        if laid is None:
            self._laying = self._card = None
        elif laid[0] != self._laying:
            self._laying, self._card = laid[0], _SlowCard(from_bytes(laid[1]), wait=time.sleep)
        return self._card
