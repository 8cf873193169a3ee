"""What the doctor's screen shows of a check-in: before the open question, nothing that tells the birth year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kiosk.checkin.read_record import Access, access_to
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.identity import Sex
from kiosk.model.queue import Priority
from kiosk.model.staff import StaffAccount
from kiosk.model.summary import LabSeries, RecordSummary
from kiosk.web.staff_words import Age, age_on

RECENT = timedelta(days=90)
RANKS = {Stage.CALLED: 0, Stage.ARRIVED: 1, Stage.ABSENT: 2, Stage.DONE: 3}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list, and the head of the ten-second view.

    Attributes:
        order: rows are sorted by it, in the page and in the script.
        age: None until the record is open.
        reason: of the visit, None until the record is open.
    """

    check_in: CheckIn
    access: Access
    order: str
    age: Age | None
    sex: Sex | None
    reason: str | None

    @property
    def is_listed(self) -> bool:
        """Whether it still belongs to the clinic."""
        return self.check_in.stage in RANKS


def row_of(check_in: CheckIn, account: StaffAccount, today: date) -> Row:
    """Draw one check-in as far as this account may see it."""
    access = access_to(check_in, account, today)
    is_open = access is Access.OPEN
    born = check_in.patient.birth_date if check_in.patient else None
    return Row(
        check_in=check_in,
        access=access,
        order=_order(check_in),
        age=age_on(today, born) if born and is_open else None,
        sex=check_in.patient.sex if check_in.patient and is_open else None,
        reason=check_in.visit_reason if is_open else None,
    )


def rows_of(check_ins: Sequence[CheckIn], account: StaffAccount, today: date) -> list[Row]:
    """The list as it is shown: in the room, waiting in calling order, absent, done."""
    drawn = [row_of(check_in, account, today) for check_in in check_ins]
    return sorted((row for row in drawn if row.is_listed), key=lambda row: row.order)


def waiting_in(rows: Sequence[Row]) -> int:
    """How many can be called."""
    return sum(row.check_in.stage is Stage.ARRIVED for row in rows)


def _order(check_in: CheckIn) -> str:
    """Sorts as text: the stage, then as the clinic calls: emergencies, other priorities, numbers."""
    urgency = 2 if check_in.priority is None else int(check_in.priority is not Priority.EMERGENCY)
    number = check_in.ticket.number if check_in.ticket else 0
    return f"{RANKS.get(check_in.stage, len(RANKS))}-{urgency}-{number:06}"


def abnormal_since(summary: RecordSummary, now: datetime) -> list[LabSeries]:
    """Series whose newest value is of the last 90 days and outside its reference range."""
    return [
        series
        for series in summary.laboratory
        if series.values and series.is_abnormal and series.values[-1].at >= now - RECENT
    ]


def seen_last_on(summary: RecordSummary) -> str | None:
    """The day of the newest past encounter: what was recorded later is marked as new."""
    return summary.encounters[0].on if summary.encounters else None
