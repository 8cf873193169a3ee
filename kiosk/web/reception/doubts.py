"""What was doubtful today about whoever a case is for, each presentation apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.checkin.doubt import doubts_of
from kiosk.checkin.services import Services
from kiosk.model.checkin import CheckIn
from kiosk.model.doubt import Doubt, DoubtKind


@dataclass(frozen=True, slots=True)
class Presentations:
    """For reception's page.

    Attributes:
        rows: newest first.
        count: of all, also of those that are not kept apart any more.
        stands: whether the open question is off.
    """

    rows: Sequence[Doubt]
    count: int
    stands: bool


def presentations_of(services: Services, check_in: CheckIn | None) -> Presentations | None:
    """Those about whom this check-in is for; None where there is nothing to say."""
    doubts = doubts_of(services, check_in) if check_in else None
    if doubts is None or not doubts.rows:
        return None
    apart = [row for row in doubts.rows if row.kind is not DoubtKind.OPEN_QUESTION_MISSED]
    # the last wrong answer counts those before it
    closed = any(row.kind is DoubtKind.OPEN_QUESTION_WRONG for row in apart)
    rows = apart if closed else doubts.rows
    return Presentations(tuple(reversed(rows)), sum(row.times for row in rows), doubts.stands)
