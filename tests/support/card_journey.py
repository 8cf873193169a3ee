"""A patient with a chip card at the kiosk, wherever its reader comes from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.demo.card_office import chip_card
from kiosk.demo.code_pictures import card_picture
from kiosk.demo.hospital import InventedPatient
from kiosk.live.clock import SystemClock
from kiosk.model.identity import mask_name
from tests.support.running_demo import RunningDemo
from tests.support.screens import KioskScreen, take_picture

CLINIC = "Tim mạch"


class CardPlace(Protocol):
    """Where a card is laid."""

    def lay(self, card: bytes) -> None:
        """The file of a card, see `kiosk.demo.card_office`."""

    def lift(self) -> None:
        """Nothing lies there any more, and the station has seen it."""


class BenchPlace:
    """The bench's reader."""

    def __init__(self, demo: RunningDemo, kiosk: KioskScreen) -> None:
        self._bench, self._page = demo.bench, kiosk.page

    def lay(self, card: bytes) -> None:
        self._bench.lay_card(card)

    def lift(self) -> None:
        self._bench.lay_card(None)
        self._page.wait_for_timeout(1_000)


@dataclass
class CardJourney:
    """A kiosk with a card reader, and one patient with a citizen card."""

    demo: RunningDemo
    kiosk: KioskScreen
    patient: InventedPatient
    place: CardPlace

    def show_code(self) -> None:
        self.hold_up_code()
        self.kiosk.see(mask_name(self.patient.name))
        self.demo.bench.hold_up(None)

    def hold_up_code(self) -> None:
        self.kiosk.hold_up(card_picture(self.patient, self.demo.card(self.patient, "citizen")))

    def lay(self, profile: str, holder: InventedPatient | None = None) -> None:
        today = SystemClock(self.demo.settings.hospital.timezone).today()
        self.place.lay(chip_card(self.demo.data / "cards", holder or self.patient, profile, today))

    def lift(self) -> None:
        self.place.lift()

    def take_number(self, *, asks_face: bool = False) -> int:
        """As far as the number; whom the chip's portrait could prove lets a person look."""
        self.kiosk.that_is_me()
        if asks_face:
            self.kiosk.press("a person")
        self.kiosk.choose(CLINIC)
        self.kiosk.see("nhớ cầm lại thẻ")
        return self.kiosk.number

    def somebody_else(self) -> InventedPatient:
        return self.demo.newcomer()

    def picture(self, file: Path) -> None:
        """What the patient sees now."""
        take_picture(self.kiosk.page, file)
