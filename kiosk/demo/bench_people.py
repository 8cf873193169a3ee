from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kiosk.demo.hospital import PLANTED, Card, Hospital, InventedPatient, cards_of
from kiosk.errors import NotFound
from kiosk.model.identity import fold_name
from kiosk.web.bench.people import BenchPerson

SHOWN = 30
"""At most that many rows: who looks for somebody else types more of the name."""


@dataclass(frozen=True, slots=True)
class InventedPeople:
    """Port `BenchPeople` over the invented hospital; the planted situations come first.

    Attributes:
        cards: the folder of chip cards.
        today: at the hospital.
    """

    hospital: Hospital
    cards: Path
    today: Callable[[], date]

    def search(self, text: str) -> Sequence[BenchPerson]:
        """See the port."""
        notes = {planted.id: planted.situation for planted in PLANTED.values()}
        wanted = fold_name(text)
        rows = (_row(patient, notes.get(patient.id, "")) for patient in self.hospital.patients)
        return [row for row in rows if wanted in fold_name(f"{row.name} {row.note} {row.id}")][:SHOWN]

    def payload(self, person_id: str, card: str) -> str:
        """See the port."""
        return self._card(person_id, card).payload

    def picture(self, person_id: str, card: str) -> bytes:
        """See the port."""
        # the image library is needed when a card is drawn, not while the screens rest
        from kiosk.demo.code_pictures import card_picture  # noqa: PLC0415 # see above

        return card_picture(self.hospital.patient(person_id), self._card(person_id, card))

    def face(self, person_id: str, beside: str | None = None) -> bytes:
        """See the port."""
        # as for a card
        from kiosk.demo.bench_faces import before_camera  # noqa: PLC0415 # see above

        return before_camera([self.hospital.patient(one) for one in (person_id, beside) if one])

    def profiles(self) -> Sequence[str]:
        """See the port."""
        # the virtual card is needed when one is laid, not while the screens rest
        from kiosk.demo.card_office import PROFILES  # noqa: PLC0415 # see above

        return PROFILES

    def chip_card(self, person_id: str, profile: str) -> bytes:
        """See the port."""
        from kiosk.demo.card_office import chip_card  # noqa: PLC0415 # as above

        return chip_card(self.cards, self.hospital.patient(person_id), profile, self.today())

    def _card(self, person_id: str, kind: str) -> Card:
        for card in cards_of(self.hospital.patient(person_id)):
            if card.kind == kind:
                return card
        raise NotFound(f"{person_id} has no card {kind}")


def _row(patient: InventedPatient, note: str) -> BenchPerson:
    today = [appointment for appointment in patient.appointments if appointment.days == 0]
    times = ", ".join(f"{appointment.at:%H:%M} {appointment.clinic_id}" for appointment in today)
    cards = tuple(card.kind for card in cards_of(patient))
    return BenchPerson(patient.id, patient.name, note, times or None, cards)
