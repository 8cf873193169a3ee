"""Virtual citizen cards on the virtual reader of `tests.support.pcscd`."""

import threading
import time

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.card_reader import PcscCardReader
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.image import CardImage
from tests.support.patience import PATIENCE
from tests.support.pcscd import READER, Pcscd, Slot

LOOK_SECONDS = 0.45
"""pcscd looks every 0.4 s. It may miss a card that was away for less, and then says for good that there is none."""


class Tray:
    """A place where citizen cards change without being lifted, which saves pcscd the time of looking twice."""

    def __init__(self, pcscd: Pcscd) -> None:
        self.slot = Slot(pcscd)
        self.atr = b""
        self._card: VirtualCard | None = None
        self._silenced = threading.Event()

    def put(self, image: CardImage) -> None:
        """The card that the next connection finds, as soon as pcscd has looked."""
        self._card = VirtualCard(image)
        self.atr = self._card.power_on()
        if not self.slot.holds_card:
            time.sleep(LOOK_SECONDS)
            self.slot.lay(self)

    def lay(self, image: CardImage) -> None:
        """The same, and it can be connected to: for tests whose own process reads the card."""
        self.put(image)
        reader, ends = PcscCardReader(READER, allow_virtual=True), time.monotonic() + PATIENCE
        while problem := problem_of(reader):
            if time.monotonic() > ends:
                raise AssertionError(f"the card that was laid cannot be reached: {problem}")
            time.sleep(0.05)

    def lift(self) -> None:
        """An empty reader."""
        self._silenced.set()
        self.slot.lift()
        self._silenced.clear()

    def reset(self) -> None:
        if self._card:
            self._card.power_on()

    def transmit(self, command: bytes) -> bytes:
        try:
            return self._card.exchange(command) if self._card else b""
        except CardError as error:
            if error.kind == CardProblem.NO_ANSWER:
                self._silenced.wait(10)
            self.slot.pull()
            return b""


def problem_of(reader: PcscCardReader) -> str | None:
    """Why its card cannot be connected to; None where it can."""
    try:
        with reader.connect():
            return None
    except CardError as error:
        return f"{error.kind}: {error}"
