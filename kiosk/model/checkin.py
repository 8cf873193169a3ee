"""The check-in: from the first touch at a station to the end of the consultation."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.model.appointment import Appointment
from kiosk.model.chip_evidence import ChipEvidence
from kiosk.model.correction import AttachReason, Mistaken
from kiosk.model.face import FaceConsent, FaceEvidence
from kiosk.model.identity import Assurance, IdentityClaim, Patient
from kiosk.model.queue import Priority, Ticket


class Stage(StrEnum):
    """Where a check-in stands. The order is the patient's way."""

    STARTED = "started"
    """Waiting for something to be shown."""
    FACE_CONSENT = "face_consent"
    """Whether the face may be compared is asked."""
    FACE = "face"
    """The station takes the face."""
    BIRTH_DATE = "birth_date"
    """A bare number was given, or a face taken; the birth date is asked."""
    LAST_FOUR = "last_four"
    """A face and a birth date that many share: the last digits of the number are asked."""
    IS_THIS_YOU = "is_this_you"
    """The masked name is shown."""
    ENROL_CONSENT = "enrol_consent"
    """Whether the face may be kept for the next visit is asked."""
    CHOOSING = "choosing"
    """Which appointment, or which clinic."""
    ARRIVED = "arrived"
    """Has a number of a clinic and waits."""
    CALLED = "called"
    DONE = "done"
    ABSENT = "absent"
    """Was called and did not come."""
    RECEPTION = "reception"
    """Has a number of the reception desk, which decides; `reason` says why."""
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    """Walked away before the end; nothing was given."""
    KEPT = "kept"
    """Came, sent by reception, to have the face kept; `enrolment` says whether it is."""
    FORGOTTEN = "forgotten"
    """Came to have the face forgotten, and it is."""


AT_STATION = frozenset(
    {
        Stage.STARTED,
        Stage.FACE_CONSENT,
        Stage.FACE,
        Stage.BIRTH_DATE,
        Stage.LAST_FOUR,
        Stage.IS_THIS_YOU,
        Stage.ENROL_CONSENT,
        Stage.CHOOSING,
    }
)
"""The patient stands at the station and has no number yet."""

OVER_WITHOUT_NUMBER = frozenset({Stage.KEPT, Stage.FORGOTTEN})
"""All is done at the station, and there was nothing to wait for."""

IN_QUEUE = frozenset({Stage.ARRIVED, Stage.CALLED, Stage.ABSENT})
"""The clinic is responsible."""

WITH_CLINIC = IN_QUEUE | {Stage.DONE}
"""Whoever is at one of these did arrive, even if the consultation is over by now."""


class Reason(StrEnum):
    """Why a check-in waits for reception, or why somebody needs help."""

    UNKNOWN_PATIENT = "unknown_patient"
    SEVERAL_PATIENTS = "several_patients"
    RECORD_DISAGREES = "record_disagrees"
    NUMBER_NOT_CONFIRMED = "number_not_confirmed"
    """Three times the number and the birth date did not fit, or typing is closed at the station."""
    ALREADY_ARRIVED = "already_arrived"
    """Other evidence leads to a patient who already has a number for this."""
    NOT_THIS_PERSON = "not_this_person"
    OPEN_QUESTION_WRONG = "open_question_wrong"
    ASKED_FOR_HELP = "asked_for_help"
    STRUGGLING = "struggling"
    """A second failure, or a step that takes over 40 s."""
    TICKET_NOT_PRINTED = "ticket_not_printed"
    CLINIC_CLOSED = "clinic_closed"
    CHIP_REFUSED = "chip_refused"
    """The chip's data are forged, not valid or could not be proven: they were not used."""
    CHIP_ALARM = "chip_alarm"
    """The chip is a copy, or the card was reported lost or stolen: the patient is told no more than for another."""
    CHIP_DISAGREES = "chip_disagrees"
    """Chip and code of one card say different things."""
    HOLDER_DIFFERS = "holder_differs"
    """Staff compared the chip's portrait with the holder: somebody else."""

    FACE_DECLINED = "face_declined"
    """Came to be known by face, and a person shall look instead."""
    FACE_NEEDS_STAFF = "face_needs_staff"
    """A face alone must not decide here: somebody under 18, or one who looks alike is known."""


class Intent(StrEnum):
    """What the patient came to the screen for."""

    CHECK_IN = "check_in"
    FORGET_FACE = "forget_face"
    KEEP_FACE = "keep_face"
    """Sent by reception, who have inspected a document."""


class Enrolment(StrEnum):
    """What becomes of the face that was just compared."""

    NOT_ASKED = "not_asked"
    WANTED = "wanted"
    """The patient agreed; the station hands over what it took."""
    DONE = "done"
    NOT_KEPT = "not_kept"
    """It could not be: the face left the picture first, or somebody enrolled looks alike."""
    DECLINED = "declined"


class Opening(StrEnum):
    """How staff came to open the record of a `claimed` check-in."""

    SPOKEN = "spoken"
    """The open question: the person said the birth date and staff typed it."""
    DOCUMENT = "document"
    """Staff inspected a photo document: raises the level to `verified`."""


class DocumentKind(StrEnum):
    """Photo documents that staff may accept."""

    CITIZEN_CARD = "citizen_card"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"
    OTHER_PHOTO_DOCUMENT = "other_photo_document"


@dataclass(frozen=True, slots=True)
class Checked:
    """Staff opened the record for this check-in: who, when and how.

    Attributes:
        second: who stands for it too, where what was shown and the record differ.
    """

    how: Opening
    by: str
    at: datetime
    clinic_id: str
    document: DocumentKind | None = None
    second: str | None = None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One person's way through one day, at one version.

    Attributes:
        version: raised by each change; a writer names the one it read.
        day: of the hospital's calendar.
        language: ``vi`` or ``en``, the patient's screen.
        unresolved: a number was given while the record did not answer; `deliver` resolves it later.
        disagrees: which fields of what was shown and of the record differ, for reception and doctor.
        also_claimed: other evidence that led to this arrived check-in, the newest of it; it replaced nothing.
        claimed_before: how much more there was.
        help_reason: somebody should come, whatever the stage; independent of `reason`.
        misses: how often number and birth date did not fit.
        wrong_answers: how often the open question was answered wrongly.
        active_key: what no other active check-in may hold; None before a number and after the end.
        offered: today's appointments that the patient may choose from.
        same_as: the earlier check-in whose number this patient already has.
        problem: why the last code or number could not be used: an `InputError.kind`, or ``typing_closed``.
        chip: what the chip card's reading said, if one was read.
        card_expires_on: the expiry date that the patient typed from the card, to open its chip.
        face_consent: the answer before any feature was extracted.
        face: what came of the face.
        candidate: whom a search found, until a second factor confirms or drops it; never shown.
        face_tries: attempts that led to nothing.
        vouched_by: the staff who answer for an enrolment at reception.
        sent_from: the check-in on which reception decided that.
        off_screen_at: since when the station's screen shows it no more; None while it does. Written apart
            (`CheckInStore.put_away`): a change that was read before never brings it back.
        coming_by, coming_at: who of the staff said that they come to help, and when; of the present call for help only.
        began_over: another card than that of this check-in lay on the screen before.
        by_ticket: only the paper was shown: it brings the number back, and decides nothing.
        another: has a number already and wants one of a further clinic.
        left_appointment: arrived for it first, then chose another clinic; the record is to know that it is open again.
        attached_by: who of the staff said whose record this is; None where the kiosk found it.
        attach_reason: why they did although something differs.
        mistaken: who was attached before and was not the one, the first one first.
        wrong_documents: how often what was read from a document was not what the record says.
        continues: the check-in that was closed in a clinic and came to reception as this one.
    """

    id: str
    station_id: str
    stage: Stage
    version: int
    started_at: datetime
    changed_at: datetime
    day: date
    language: str = "vi"
    claim: IdentityClaim | None = None
    patient: Patient | None = None
    assurance: Assurance = Assurance.CLAIMED
    unresolved: bool = False
    reason: Reason | None = None
    disagrees: tuple[str, ...] = ()
    also_claimed: tuple[IdentityClaim, ...] = ()
    claimed_before: int = 0
    appointment_id: str | None = None
    appointment_at: datetime | None = None
    visit_reason: str | None = None
    ticket: Ticket | None = None
    room: str | None = None
    arrived_at: datetime | None = None
    called_at: datetime | None = None
    ended_at: datetime | None = None
    priority: Priority | None = None
    priority_confirmed_by: str | None = None
    help_reason: Reason | None = None
    help_since: datetime | None = None
    misses: int = 0
    wrong_answers: int = 0
    checked: Checked | None = None
    active_key: str | None = None
    offered: tuple[Appointment, ...] = ()
    same_as: str | None = None
    problem: str | None = None
    chip: ChipEvidence | None = None
    card_expires_on: date | None = None
    intent: Intent = Intent.CHECK_IN
    face_consent: FaceConsent | None = None
    face: FaceEvidence | None = None
    candidate: Patient | None = None
    face_tries: int = 0
    enrolment: Enrolment = Enrolment.NOT_ASKED
    vouched_by: tuple[str, ...] = ()
    sent_from: str | None = None
    off_screen_at: datetime | None = None
    coming_by: str | None = None
    coming_at: datetime | None = None
    began_over: bool = False
    by_ticket: bool = False
    another: bool = False
    left_appointment: str | None = None
    attached_by: str | None = None
    attach_reason: AttachReason | None = None
    mistaken: tuple[Mistaken, ...] = ()
    wrong_documents: int = 0
    continues: str | None = None

    @property
    def by_face(self) -> bool:
        """Whether a search by face, and no number, leads the way."""
        return self.claim is None and self.face is not None

    @property
    def encounter(self) -> str:
        """Identifier of its Encounter: another one for each person, so that none ever changes hands."""
        return f"{self.id}.{len(self.mistaken)}" if self.mistaken else self.id

    @property
    def claims(self) -> tuple[IdentityClaim, ...]:
        """Everything that was shown, the first first."""
        return (self.claim, *self.also_claimed) if self.claim else self.also_claimed

    @property
    def clinic_id(self) -> str | None:
        """The queue in which the patient waits."""
        return self.ticket.clinic_id if self.ticket else None

    @property
    def shown_name(self) -> str | None:
        """The full name for staff: of the record, otherwise as claimed."""
        if self.patient:
            return self.patient.name
        return self.claim.name if self.claim else None
