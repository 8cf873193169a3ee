"""Virtual citizen cards on the virtual reader of `tests.support.pcscd`."""

import threading
import time

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.card_reader import PcscCardReader
from kiosk.hardware.simulated.citizen_card.card import VirtualCard
from kiosk.hardware.simulated.citizen_card.image import CardImage
from tests.support.pcscd import READER, Pcscd, Slot


class Tray:
    """A place where citizen cards change without being lifted, which saves pcscd's 0.4 s of looking twice."""

    def __init__(self, pcscd: Pcscd) -> None:
        self.slot = Slot(pcscd)
        self.atr = b""
        self._card: VirtualCard | None = None
        self._silenced = threading.Event()

    def lay(self, image: CardImage) -> None:
        """The card that the next connection finds."""
        self._card = VirtualCard(image)
        self.atr = self._card.power_on()
        if not self.slot.holds_card:
            self.slot.lay(self)
        reader, ends = PcscCardReader(READER, allow_virtual=True), time.monotonic() + 3
        while not connects(reader):
            assert time.monotonic() < ends
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


def connects(reader: PcscCardReader) -> bool:
    try:
        with reader.connect():
            return True
    except CardError:
        return False
