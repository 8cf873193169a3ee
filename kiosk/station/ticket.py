"""What a paper ticket or receipt says: in the patient's language first, and in the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.errors import NotPossibleNow
from kiosk.model.check_in_view import CheckInView, TicketView
from kiosk.model.checkin import Stage
from kiosk.model.clinic import RECEPTION, Clinic
from kiosk.ports.devices import TicketText
from kiosk.ports.time import Clock

_NUMBER = {"vi": "Số thứ tự", "en": "Queue number"}
_RECEPTION = {"vi": "Quầy tiếp đón", "en": "Reception"}
_WAIT = {
    "vi": "Mời ông/bà ngồi chờ đến lượt. Số sẽ hiện trên màn hình.",
    "en": "Please take a seat. The screen will show your number.",
}
_RECEIPT = {"vi": "Biên nhận", "en": "Receipt"}
_FORGOTTEN = {"vi": "Đã xóa khuôn mặt", "en": "Face deleted"}
_NOTHING_KEPT = {
    "vi": "Bệnh viện không còn giữ khuôn mặt của ông/bà. Lần sau mời ông/bà dùng thẻ, mã hoặc đến quầy tiếp đón.",
    "en": "The hospital keeps your face no longer. Next time check in with your card, a code or at reception.",
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
        """The ticket of a check-in, or the receipt of a face that was forgotten; nobody's name is on it.

        A discreet clinic is a room only. A receipt says the same whether or not a face was kept.

        Raises:
            NotPossibleNow: there is no number, and nothing to confirm.
        """
        if view.stage is Stage.FORGOTTEN:
            return self.receipt(view.language, clock)
        ticket = view.ticket
        if ticket is None:
            raise NotPossibleNow("no number was given")
        first, second = _languages(view.language)
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

    def receipt(self, language: str, clock: Clock) -> TicketText:
        """The paper that says that the face is kept no longer."""
        first, second = _languages(language)
        lines = (
            self.hospital[first],
            f"{_RECEIPT[first]} · {_RECEIPT[second]}",
            _FORGOTTEN[first],
            _FORGOTTEN[second],
            f"{clock.to_hospital(clock.now()):%H:%M · %d/%m/%Y}",
            _NOTHING_KEPT[first],
            _NOTHING_KEPT[second],
        )
        return TicketText(lines=lines)

    def _place(self, ticket: TicketView, first: str, second: str) -> list[str]:
        """Where to go, and what it is called in both languages as far as the hall may know."""
        if ticket.clinic_id == RECEPTION:
            return [_RECEPTION[first], _RECEPTION[second]]
        if ticket.clinic_name is None:
            return [ticket.room]
        clinic = self.clinics.get(ticket.clinic_id)
        other = clinic.public_name(second) if clinic else None
        return [ticket.room, *dict.fromkeys(name for name in (ticket.clinic_name, other) if name)]


def _languages(chosen: str) -> tuple[str, str]:
    """The patient's, and the other."""
    return ("en", "vi") if chosen == "en" else ("vi", "en")
