"""What a check-in keeps of a chip card: evidence and known chips, never the chip's data; and how far a reading is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from kiosk.errors import CardProblem
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipReading, ChipReason, ChipVerdict
from kiosk.model.identity import PartialDate


class Holder(StrEnum):
    """Whether whoever holds a card is whom its portrait shows."""

    NOBODY = "nobody"
    """Nobody has compared them."""
    MATCH = "match"
    """The live face, with attack detection passed."""
    MISS = "miss"
    """Another face, or staff saw somebody else."""
    STAFF = "staff"
    """Staff compared them and they match."""


@dataclass(frozen=True, slots=True)
class HolderCompared:
    """Staff compared the chip's portrait with whoever holds the card."""

    matches: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChipEvidence:
    """A chip's reading as it stays with the check-in.

    Attributes:
        chip_key, security_object: SHA-256, as in `ChipReading`; forgotten with the check-in's end unless the chip is
            known.
        known: these two were bound to this patient, and the key answered rightly now.
        lost: the card was reported lost or stolen.
    """

    verdict: ChipVerdict
    read_at: datetime
    reasons: tuple[ChipReason, ...] = ()
    alarm: bool = False
    checks: Mapping[ChipCheck, CheckOutcome] = field(default_factory=dict)
    contradictions: tuple[str, ...] = ()
    expired: bool = False
    signer: str | None = None
    chip_key: str | None = None
    security_object: str | None = None
    known: bool = False
    lost: bool = False
    holder: HolderCompared | None = None

    @property
    def holder_is(self) -> Holder:
        """What came of comparing portrait and holder."""
        if self.holder is None:
            return Holder.NOBODY
        return Holder.STAFF if self.holder.matches else Holder.MISS

    def at_end(self) -> "ChipEvidence":
        """What stays after the check-in's end: fingerprints of known chips only."""
        return self if self.known else replace(self, chip_key=None, security_object=None)

    @classmethod
    def of(cls, reading: ChipReading, at: datetime) -> "ChipEvidence":
        """What is kept of a reading."""
        return cls(
            verdict=reading.verdict,
            read_at=at,
            reasons=reading.reasons,
            alarm=reading.alarm,
            checks=dict(reading.checks),
            contradictions=reading.contradictions,
            expired=reading.expired,
            signer=reading.signer,
            chip_key=reading.chip_key,
            security_object=reading.security_object,
        )


@dataclass(frozen=True, slots=True)
class KnownChip:
    """A chip that staff inspected once, with its holder, and bound to a patient: as with SSH host keys.

    Attributes:
        chip_key, security_object: SHA-256, hexadecimal.
        bound_by, revoked_by, lost_by: actors, as the audit chain names them.
        lost_at: reported lost or stolen.
    """

    id: str
    chip_key: str
    security_object: str
    patient_id: str
    bound_by: str
    bound_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    lost_by: str | None = None
    lost_at: datetime | None = None

    @property
    def is_bound(self) -> bool:
        """Whether it still speaks for the patient."""
        return self.revoked_at is None


class CardPhase(StrEnum):
    """Where a station stands with the card on its reader."""

    UNAVAILABLE = "unavailable"
    """The reader does not answer."""
    NEEDS_NUMBER = "needs_number"
    """A card lies there, and nothing is known that opens it."""
    LIFT = "lift"
    """The card lay there before this check-in began: it must be laid anew."""
    READING = "reading"
    PROBLEM = "problem"
    READ = "read"


@dataclass(frozen=True, slots=True)
class CardState:
    """How far a station is with a card, for the patient's screen: counts only.

    Attributes:
        done, total: files read, and to be read.
        tries_left: key attempts of this check-in.
    """

    phase: CardPhase
    problem: CardProblem | None = None
    done: int = 0
    total: int = 0
    tries_left: int = 3


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a patient presented that may open the chip; a scanned code's further facts stay with the station.

    Attributes:
        number: of 12 digits.
        expires_on: typed from the card, if it was.
    """

    number: str
    birth_date: PartialDate | None
    expires_on: date | None = None
    typed: bool = True
