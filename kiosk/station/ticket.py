"""What a paper ticket says: in the patient's language first, and in the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.errors import NotPossibleNow
from kiosk.model.checkin import CheckInView, TicketView
from kiosk.model.clinic import RECEPTION, Clinic
from kiosk.ports.devices import TicketText
from kiosk.ports.time import Clock

_NUMBER = {"vi": "Số thứ tự", "en": "Queue number"}
_RECEPTION = {"vi": "Quầy tiếp đón", "en": "Reception"}
_WAIT = {
    "vi": "Mời ông/bà ngồi chờ đến lượt. Số sẽ hiện trên màn hình.",
    "en": "Please take a seat. The screen will show your number.",
}


@dataclass(frozen=True, slots=True)
class TicketWords:
    """What the settings add to a check-in's own words.

    Attributes:
        hospital: its name by language code, ``vi`` and ``en``.
        clinics: by id.
    """

    hospital: Mapping[str, str]
    clinics: Mapping[str, Clinic]

    def ticket(self, view: CheckInView, clock: Clock) -> TicketText:
        """The ticket of a check-in. A discreet clinic is a room only; nobody's name is on it.

        Raises:
            NotPossibleNow: there is no number yet.
        """
        ticket = view.ticket
        if ticket is None:
            raise NotPossibleNow("no number was given")
        first, second = ("en", "vi") if view.language == "en" else ("vi", "en")
        place, *names = self._place(ticket, first, second)
        lines = (
            self.hospital[first],
            f"{_NUMBER[first]} · {_NUMBER[second]}",
            place,
            *names,
            f"{clock.to_hospital(ticket.given_at):%H:%M · %d/%m/%Y}",
            _WAIT[first],
            _WAIT[second],
        )
        return TicketText(lines=lines, number=str(ticket.number), code=ticket.code)

    def _place(self, ticket: TicketView, first: str, second: str) -> list[str]:
        """Where to go, and what it is called in both languages as far as the hall may know."""
        if ticket.clinic_id == RECEPTION:
            return [_RECEPTION[first], _RECEPTION[second]]
        if ticket.clinic_name is None:
            return [ticket.room]
        clinic = self.clinics.get(ticket.clinic_id)
        other = clinic.public_name(second) if clinic else None
        return [ticket.room, *dict.fromkeys(name for name in (ticket.clinic_name, other) if name)]
