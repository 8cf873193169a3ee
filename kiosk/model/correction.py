"""Why reception goes against what was shown, or takes back what was decided; and what the record was told wrongly."""

from dataclasses import dataclass
from enum import StrEnum


class AttachReason(StrEnum):
    """Why a record is attached although what the patient showed says something else."""

    RECORD_OUT_OF_DATE = "record_out_of_date"
    """The record, or the card, holds an earlier name or a mistake."""
    SHOWN_BY_ANOTHER = "shown_by_another"
    """Somebody of the family showed their own card or number."""
    OTHER_NUMBER = "other_number"
    """The patient has another number than the one on record."""
    OTHER_DOCUMENT = "other_document"
    """Known from another document, which the desk holds in its hands."""


class Correction(StrEnum):
    """What is put right after the time for undoing, on the same day."""

    PERSON = "person"
    """The number stays and the person goes."""
    DOCUMENT = "document"
    """No document was inspected, or not this person's."""
    WAITS = "waits"
    """Not over yet: back into the queue with the same number."""
    GOES_ON = "goes_on"
    """Not over yet: the patient sits before the doctor."""
    CLOSED = "closed"
    """It was the right person: the clinic's number comes back, and the desk's goes."""


class CorrectionReason(StrEnum):
    """Why something is put right."""

    PRESSED_BY_MISTAKE = "pressed_by_mistake"
    WRONG_PERSON = "wrong_person"
    MISTYPED = "mistyped"
    CAME_BACK = "came_back"


@dataclass(frozen=True, slots=True)
class Mistaken:
    """Somebody who was attached and was not the one: what the hospital's record may have been told.

    Attributes:
        encounter: identifier of the Encounter.
    """

    encounter: str
    patient_id: str
    appointment_id: str | None = None
