"""What was doubtful about a person today, so that the next claim of the same person does not make it forgotten."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from kiosk.model.checkin import CheckIn, Reason
from kiosk.model.identity import Identifier, IdentityClaim, Patient


class DoubtKind(StrEnum):
    """What happened. Those that reception reads as a reason have the same word there."""

    OPEN_QUESTION_MISSED = "open_question_missed"
    """Answered wrongly, but not yet too often."""
    OPEN_QUESTION_WRONG = "open_question_wrong"
    NOT_THIS_PERSON = "not_this_person"
    HOLDER_DIFFERS = "holder_differs"
    CHIP_REFUSED = "chip_refused"
    CHIP_ALARM = "chip_alarm"
    CHIP_DISAGREES = "chip_disagrees"
    CODE_DISAGREES = "code_disagrees"
    """The name or the birth date of a code is not the one in the record."""
    UNKNOWN_NUMBER = "unknown_number"
    DATE_MISSED = "date_missed"
    """Another birth date was typed after a number."""
    SHOWN = "shown"
    """Right or not to be compared now, while doubt stands."""
    VOID_TICKET = "void_ticket"
    """The ticket of a check-in that ended in doubt."""


BY_STAFF = frozenset({DoubtKind.OPEN_QUESTION_WRONG, DoubtKind.NOT_THIS_PERSON, DoubtKind.HOLDER_DIFFERS})
BY_CHIP = frozenset({DoubtKind.CHIP_REFUSED, DoubtKind.CHIP_ALARM, DoubtKind.CHIP_DISAGREES})
GUESSES = frozenset({DoubtKind.CODE_DISAGREES, DoubtKind.UNKNOWN_NUMBER, DoubtKind.DATE_MISSED})
"""Anybody can make these at a kiosk, of anybody whose number is known to them: one is a slip, several are doubt."""

_GRAVEST_FIRST = (
    DoubtKind.CHIP_ALARM,
    DoubtKind.HOLDER_DIFFERS,
    DoubtKind.NOT_THIS_PERSON,
    DoubtKind.OPEN_QUESTION_WRONG,
    DoubtKind.CHIP_REFUSED,
    DoubtKind.CHIP_DISAGREES,
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One presentation, or one decision of the staff.

    Attributes:
        check_in_id: of whoever presented; where the staff doubted, of the case that reception got.
        clinic_id: where the staff doubted; None at a kiosk.
        patient_id: whom the record has under the number, whether or not that is who came.
        claim: what was presented.
        disagrees: fields of the claim that are not those of the record.
        times: how many this row stands for: more than one where older ones were folded into it, and for wrong answers.
        id: of the row; 0 before it is stored.
    """

    day: date
    kind: DoubtKind
    at: datetime
    station_id: str
    check_in_id: str
    clinic_id: str | None = None
    patient_id: str | None = None
    claim: IdentityClaim | None = None
    disagrees: tuple[str, ...] = ()
    times: int = 1
    id: int = 0


@dataclass(frozen=True, slots=True)
class Doubts:
    """All that is remembered of one person today, oldest first.

    Attributes:
        tries: how many guesses are doubt.
    """

    rows: tuple[Doubt, ...] = ()
    tries: int = 1

    @property
    def stands(self) -> bool:
        """Whether every new claim of this person is for reception, and the open question is off."""
        return self.gravest is not None or self.guesses >= self.tries

    @property
    def gravest(self) -> DoubtKind | None:
        """What staff or a chip said, the worst of it."""
        kinds = {row.kind for row in self.rows}
        return next((kind for kind in _GRAVEST_FIRST if kind in kinds), None)

    @property
    def reason(self) -> Reason:
        """Why reception decides."""
        return Reason(self.gravest) if self.gravest else Reason.NUMBER_NOT_CONFIRMED

    @property
    def guesses(self) -> int:
        """How often number, name and birth date did not fit."""
        return self.count(GUESSES)

    def guesses_of(self, number: Identifier) -> int:
        """How often it did not fit this very number."""
        return sum(
            row.times for row in self.rows if row.kind in GUESSES and row.claim and row.claim.identifier == number
        )

    @property
    def presentations(self) -> int:
        """How often something was shown or said."""
        return sum(row.times for row in self.rows)

    def count(self, kinds: Collection[DoubtKind]) -> int:
        """How often one of these happened."""
        return sum(row.times for row in self.rows if row.kind in kinds)

    def besides_chip_of(self, check_in_id: str) -> "Doubts":
        """Without what the chip of this very check-in said: that was acted upon when it was read."""
        others = [row for row in self.rows if row.check_in_id != check_in_id or row.kind not in BY_CHIP]
        return replace(self, rows=tuple(others))

    def about(self, check_in: CheckIn) -> "Doubts":
        """Those of whom this check-in is for."""
        numbers = identifiers_of(check_in.claim, check_in.patient)
        known = {check_in.patient.id} if check_in.patient else set()
        whose = known | {row.patient_id for row in self.rows if row.patient_id and _is_about(row, numbers, known)}
        return replace(self, rows=tuple(row for row in self.rows if _is_about(row, numbers, whose)))


def identifiers_of(claim: IdentityClaim | None, patient: Patient | None) -> frozenset[Identifier]:
    """Every number that leads to this person."""
    presented = {claim.identifier} if claim else set()
    return frozenset(presented | set(patient.identifiers if patient else ()))


def _is_about(row: Doubt, numbers: Collection[Identifier], patient_ids: Collection[str]) -> bool:
    by_number = row.claim is not None and row.claim.identifier in numbers
    return by_number or row.patient_id in patient_ids
