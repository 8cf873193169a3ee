"""What reception sees of a case before it decides who this is: what differs, what can be undone and put right."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kiosk.checkin import compare, correct
from kiosk.checkin.attach import NUMBERED_WITHOUT
from kiosk.checkin.document_at_desk import DIGITS, may_inspect
from kiosk.checkin.services import Services
from kiosk.checkin.undo import open_undo
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Opening
from kiosk.model.correction import Correction
from kiosk.model.identity import Assurance, Identifier, Patient


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a search found, beside what was shown."""

    patient: Patient
    rows: Sequence[compare.Compared]
    differs: Sequence[str]


@dataclass(frozen=True, slots=True)
class DeskCase:
    """What the desk may decide, and what stands against it.

    Attributes:
        undo: the last act of this account, while it can be taken back; None without one.
        undo_seconds: how long that is.
        attached: the patient that is attached, beside what was shown; None while nobody is.
        shows_numbers: a document was inspected, so the last digits need not be hidden any more.
        needs_second: a second person must sign for a document now.
    """

    undo: str | None
    undo_seconds: int
    attached: Candidate | None
    shows_numbers: bool
    may_inspect: bool
    needs_second: bool
    may_number: bool
    corrections: Collection[Correction]


def candidates_of(check_in: CheckIn, found: Sequence[Patient] | None) -> list[Candidate] | None:
    """Each of those found, beside what was shown."""
    if found is None:
        return None
    return [_candidate(check_in, patient) for patient in found]


def desk_case_of(check_in: CheckIn, services: Services, by: Actor) -> DeskCase:
    """Everything that this account may undo, put right or decide about who this is."""
    last = open_undo(services, check_in.id, by=by)
    left = last.until - services.clock.now() if last else None
    differs = compare.unsettled(check_in)
    return DeskCase(
        undo=last.action if last else None,
        undo_seconds=max(1, int(left.total_seconds())) if left else 0,
        attached=_candidate(check_in, check_in.patient) if check_in.patient else None,
        shows_numbers=check_in.checked is not None and check_in.checked.how is Opening.DOCUMENT,
        may_inspect=check_in.assurance is Assurance.CLAIMED and may_inspect(services, check_in),
        needs_second=bool(differs) and check_in.attached_by in {None, str(by)},
        may_number=check_in.stage in NUMBERED_WITHOUT,
        corrections=[what for what in correct.possible(check_in) if what is not Correction.GOES_ON],
    )


def without_last_digits(identifier: Identifier) -> str:
    """A number without what is to be read from the document itself."""
    return f"{identifier.value[:-DIGITS]}{'•' * DIGITS}"


def _candidate(check_in: CheckIn, patient: Patient) -> Candidate:
    return Candidate(patient, compare.compare(check_in.claims, patient), compare.differences(check_in.claims, patient))
