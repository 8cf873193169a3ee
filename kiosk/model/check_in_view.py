"""What the hall may know of a check-in, and no more."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.model.checkin import Enrolment, Intent, Stage
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.chip_evidence import CardState
from kiosk.model.face import FaceState
from kiosk.model.queue import PrintState


@dataclass(frozen=True, slots=True)
class AppointmentChoice:
    """An appointment as the hall may see it: time and room, no reason."""

    id: str
    start: datetime
    clinic_id: str
    room: str
    clinic_name: str | None


@dataclass(frozen=True, slots=True)
class ClinicChoice:
    """A clinic that takes patients now; `name` is None for a discreet one."""

    id: str
    room: str
    name: str | None


@dataclass(frozen=True, slots=True)
class TicketView:
    """What the paper ticket and the last screen say."""

    number: int
    clinic_id: str
    room: str
    clinic_name: str | None
    ahead: int
    given_at: datetime
    code: str
    print_state: PrintState
    called: bool = False


@dataclass(frozen=True, slots=True)
class ChipView:
    """What the hall may know of a chip that was read: the word over all checks, and that the card has run out."""

    verdict: ChipVerdict
    issuer_unknown: bool = False
    expired: bool = False


@dataclass(frozen=True, slots=True)
class FaceView:
    """What the hall may know of a face: never whether anybody was found.

    Attributes:
        offered: the face is a way to be known here and now.
        searches: the face shall tell who this is, where nothing was presented; else it is compared with one person.
        leads: a search by face was made, whatever it found, and nothing was presented.
        state: what to do before the camera now.
        again: an attempt led to nothing and another one follows.
        closed: no further attempt today; another way follows.
    """

    offered: bool = False
    searches: bool = False
    leads: bool = False
    state: FaceState | None = None
    again: bool = False
    closed: bool = False
    enrolment: Enrolment = Enrolment.NOT_ASKED


@dataclass(frozen=True, slots=True)
class CheckInView:
    """All that the hall may know of a check-in: no patient id, birth date, number or reason of the visit.

    Attributes:
        masked_name: of what the patient presented, or of the record after the birth date.
        shown_since: of the question, or of the number, on the screen.
        began_over: another card than the one before began this.
        missed: number and birth date did not fit, the same for an unknown number and a wrong date.
        misses: how often number, or face, and birth date did not fit.
        tries_left: before a person takes over.
        typing_closed: too many failures at this station; numbers are not taken here for a while.
        problem: why the last code or number could not be used: an `InputError.kind`, or ``typing_closed``.
        again: this patient was already checked in; the ticket is the earlier one.
        also: further numbers of the same patient, where more than a paper was shown.
        may_change: the clinic of the number may still be chosen anew; `clinics` says which.
        may_take_another: a number of a further clinic may be asked for.
        help_told: reception knows that somebody is needed here.
        help_coming: somebody said that they come.
        takes_card: a chip card laid on the reader now would be of use.
        card: how far the station is with a card on its reader; None when there is nothing to tell.
        takes_expiry: the expiry date on the card may open its chip, where the number was typed.
        chip: what was read.
        face: how the face stands.
        receipt: what became of the paper that says that a face was forgotten; None where none is due.
    """

    id: str
    version: int
    stage: Stage
    language: str
    masked_name: str | None = None
    missed: bool = False
    misses: int = 0
    tries_left: int = 3
    typing_closed: bool = False
    appointments: tuple[AppointmentChoice, ...] = ()
    clinics: tuple[ClinicChoice, ...] = ()
    ticket: TicketView | None = None
    problem: str | None = None
    again: bool = False
    also: tuple[TicketView, ...] = ()
    may_change: bool = False
    may_take_another: bool = False
    began_over: bool = False
    record_unreachable: bool = False
    help_told: bool = False
    help_coming: bool = False
    shown_since: datetime | None = None
    takes_card: bool = False
    takes_expiry: bool = False
    card: CardState | None = None
    chip: ChipView | None = None
    face: FaceView = FaceView()
    receipt: PrintState | None = None
    intent: Intent = Intent.CHECK_IN
