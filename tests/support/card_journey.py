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
from tests.support.screens import KioskScreen

CLINIC = "Tim mạch"


class CardPlace(Protocol):
    """Where a card is laid."""

    def lay(self, card: bytes) -> None:
        """The file of a card, see `kiosk.demo.card_office`."""

    def lift(self) -> None:
        """Nothing lies there any more, and the station has seen it."""


@dataclass
class CardJourney:
    """A kiosk with a card reader, and one patient with a citizen card."""

    demo: RunningDemo
    kiosk: KioskScreen
    patient: InventedPatient
    place: CardPlace

    def show_code(self) -> None:
        self.kiosk.hold_up(card_picture(self.patient, self.demo.card(self.patient, "citizen")))
        self.kiosk.see(mask_name(self.patient.name))
        self.demo.bench.hold_up(None)

    def lay(self, profile: str, holder: InventedPatient | None = None) -> None:
        today = SystemClock(self.demo.settings.hospital.timezone).today()
        self.place.lay(chip_card(self.demo.data / "cards", holder or self.patient, profile, today))

    def lift(self) -> None:
        self.place.lift()

    def take_number(self) -> int:
        self.kiosk.that_is_me()
        self.kiosk.choose(CLINIC)
        self.kiosk.see("nhớ cầm lại thẻ")
        return self.kiosk.number

    def somebody_else(self) -> InventedPatient:
        return next(one for one in holders(self.demo) if one.id != self.patient.id)

    def picture(self, file: Path) -> None:
        """What the patient sees now."""
        self.kiosk.page.screenshot(path=file, animations="disabled")


def holders(demo: RunningDemo) -> list[InventedPatient]:
    """Ordinary people with a citizen card and no appointment today."""
    planted = {patient.id for patient in demo.hospital.patients if patient.id.startswith("de-")}
    return [
        patient
        for patient in demo.hospital.patients
        if patient.id not in planted
        and patient.citizen_card
        and patient.active
        and patient.deceased_on is None
        and patient.birth_date.is_full
        and patient.card_name is None
        and patient.card_birth_date is None
        and not any(appointment.days == 0 for appointment in patient.appointments)
    ]
