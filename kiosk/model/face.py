"""Faces as the house knows them: numbers and outcomes, never a picture."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

VECTOR_VALUES = 128
VECTOR_BYTES = 4 * VECTOR_VALUES

LARGEST_GALLERY = 100_000
"""References: with more, an exact search takes too long and strangers are found too often."""


@dataclass(frozen=True, slots=True)
class FaceFeatures:
    """What a recogniser extracts of a face, as the mean of several pictures.

    Attributes:
        model: name and version of the recogniser; features of different ones are never compared.
        vector: 128 float32 values, least significant byte first, of length one.
    """

    model: str
    vector: bytes = field(repr=False)


class Turn(StrEnum):
    """Where the head turns, as the person who turns it says."""

    LEFT = "left"
    RIGHT = "right"


class AttackOutcome(StrEnum):
    """What presentation attack detection says of one capture (ISO/IEC 30107-3)."""

    LIVE = "live"
    DOUBTFUL = "doubtful"
    ATTACK = "attack"


@dataclass(frozen=True, slots=True)
class FaceAttempt:
    """One permission to take a face: for one check-in at one station, used once, for a short time.

    Attributes:
        turns: the challenge, drawn for this attempt.
    """

    id: str
    check_in_id: str
    station_id: str
    turns: tuple[Turn, ...]
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FaceSample:
    """What a station took of the one face in the oval, with consent.

    Attributes:
        turns: the head turns that were seen, in their order.
        frames: how many pictures the features are the mean of.
    """

    attempt_id: str
    features: FaceFeatures
    attack: AttackOutcome
    turns: tuple[Turn, ...]
    frames: int


class FaceTrouble(StrEnum):
    """Why an attempt ended without a sample."""

    TOO_LATE = "too_late"
    """The time was over before enough good pictures came."""
    LEFT = "left"
    """Nobody was in view any more."""
    SWAPPED = "swapped"
    """Another face came into view."""
    WRONG_TURN = "wrong_turn"
    """The head turned to the other side than was asked."""
    CANNOT_TURN = "cannot_turn"
    """The person said that they cannot turn their head."""
    CAMERA = "camera"
    """The camera or a model failed."""


class FaceGuide(StrEnum):
    """The one thing that the person in front of the camera should do now."""

    WAIT = "wait"
    COME = "come"
    """No face is in the picture."""
    ONE_PERSON = "one_person"
    CENTRE = "centre"
    CLOSER = "closer"
    FURTHER = "further"
    LOOK = "look"
    """At the camera."""
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
    HOLD_STILL = "hold_still"
    UNCOVER = "uncover"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class FaceState:
    """How far a station is with a face, for the patient's screen.

    Attributes:
        done, total: steps of the capture.
    """

    guide: FaceGuide
    done: int = 0
    total: int = 1


class FacePath(StrEnum):
    """What a probe is compared with."""

    ENROLLED = "enrolled"
    """Verification against the patient's reference."""
    PORTRAIT = "portrait"
    """Verification against the portrait of a chip."""
    TODAY = "today"
    """Identification among today's appointments."""
    RECENT = "recent"
    """Identification among those who came in the last twelve months."""


class FaceOutcome(StrEnum):
    """What came of it."""

    TAKEN = "taken"
    """A search was made; what it found is said when the second factor confirms it."""
    MATCH = "match"
    MISS = "miss"
    NOT_TAKEN = "not_taken"
    """No sample: see `FaceTrouble`, or attack detection did not pass."""


@dataclass(frozen=True, slots=True)
class FaceConsent:
    """The answer to one question, before any feature was extracted."""

    agreed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class FaceEvidence:
    """What a check-in keeps of a face: never features, a score or a candidate who was not confirmed.

    Attributes:
        model: of the recogniser; None when nothing was compared.
        attack: of attack detection; None when no sample came.
        present: the same face stayed in view from the probe on.
    """

    path: FacePath
    outcome: FaceOutcome
    at: datetime
    model: str | None = None
    attack: AttackOutcome | None = None
    trouble: FaceTrouble | None = None
    present: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of those whom a search found.

    Attributes:
        score: cosine of probe and reference, -1 to 1.
    """

    patient_id: str
    reference_id: str
    score: float


@dataclass(frozen=True, slots=True)
class CandidateList:
    """What an identification found (ISO/IEC 19795-1): the best first.

    Attributes:
        size: of the gallery that was searched.
    """

    size: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class FaceReference:
    """An enrolled face.

    Attributes:
        by: actors who enrolled, as the audit chain names them.
        seen_at: when the patient last arrived.
        look_alike: a twin or somebody of the household is enrolled, or known to reception: a birth date confirms
            nothing then.
        noted: it is by reception's word alone, which may be taken back.
    """

    id: str
    patient_id: str
    model: str
    enrolled_at: datetime
    by: tuple[str, ...]
    seen_at: datetime
    look_alike: bool = False
    noted: bool = False
