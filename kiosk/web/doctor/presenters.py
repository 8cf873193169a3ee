"""What the doctor's screen shows of a check-in: before the open question, nothing that tells the birth year."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kiosk.checkin.read_record import Access, access_to
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.doubt import BY_CHIP, BY_STAFF, GUESSES, Doubt, DoubtKind, Doubts
from kiosk.model.identity import Sex
from kiosk.model.queue import Priority
from kiosk.model.staff import StaffAccount
from kiosk.model.summary import Interpretation, LabSeries, Measurement, RecordSummary
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
        doubts: about this person today.
    """

    check_in: CheckIn
    access: Access
    order: str
    age: Age | None
    sex: Sex | None
    reason: str | None
    doubts: Doubts

    @property
    def record(self) -> str:
        """Whose record may be read here: changes when it closes, or when it becomes another's."""
        return f"{len(self.check_in.mistaken)}-{self.access}"

    @property
    def is_listed(self) -> bool:
        """Whether it still belongs to the clinic."""
        return self.check_in.stage in RANKS


@dataclass(frozen=True, slots=True)
class Abnormal:
    """The newest abnormal value of a series in the last 90 days."""

    series: LabSeries
    measured: Measurement
    verdict: Interpretation

    @property
    def later(self) -> Measurement | None:
        """The series' newest value, where that is a later one."""
        newest = self.series.values[-1]
        return None if newest is self.measured else newest


@dataclass(frozen=True, slots=True)
class Results:
    """Laboratory values that are numbers, as far as something is known of them.

    Attributes:
        unjudged: names of series whose newest value nothing says to be usual or not.
        recent: whether there is any value of the last 90 days.
        newest: when the newest value of all is from; None without any.
    """

    abnormal: Sequence[Abnormal]
    unjudged: Sequence[str]
    recent: bool
    newest: datetime | None


def row_of(check_in: CheckIn, account: StaffAccount, today: date, doubts: Doubts) -> Row:
    """Draw one check-in as far as this account may see it."""
    access = access_to(check_in, account, today, doubts)
    is_open = access is Access.OPEN
    born = check_in.patient.birth_date if check_in.patient else None
    return Row(
        check_in=check_in,
        access=access,
        order=_order(check_in),
        age=age_on(today, born) if born and is_open else None,
        sex=check_in.patient.sex if check_in.patient and is_open else None,
        reason=check_in.visit_reason if is_open else None,
        doubts=doubts,
    )


def rows_of(
    check_ins: Sequence[CheckIn], account: StaffAccount, today: Callable[[CheckIn], date], doubts: Doubts
) -> list[Row]:
    """The list as it is shown: in the room, waiting in calling order, absent, done.

    Args:
        check_ins: of the account's clinics.
        account: who looks.
        today: of a check-in's clinic.
        doubts: about everybody today.
    """
    drawn = [row_of(check_in, account, today(check_in), doubts.about(check_in)) for check_in in check_ins]
    return sorted((row for row in drawn if row.is_listed), key=lambda row: row.order)


def doubt_lines(doubts: Doubts) -> list[Doubt]:
    """What the doctor reads of them: what staff and chips said, one by one, and all guesses as one."""
    lines = [row for row in doubts.rows if row.kind in BY_STAFF | BY_CHIP]
    guesses = [row for row in doubts.rows if row.kind in GUESSES]
    if doubts.guesses >= doubts.tries:
        lines.append(replace(guesses[-1], kind=DoubtKind.DATE_MISSED, times=doubts.guesses))
    return lines


def waiting_in(rows: Sequence[Row]) -> int:
    """How many can be called."""
    return sum(row.check_in.stage is Stage.ARRIVED for row in rows)


def _order(check_in: CheckIn) -> str:
    """Sorts as text: the stage, then as the clinic calls: emergencies, other priorities, numbers."""
    urgency = 2 if check_in.priority is None else int(check_in.priority is not Priority.EMERGENCY)
    number = check_in.ticket.number if check_in.ticket else 0
    return f"{RANKS.get(check_in.stage, len(RANKS))}-{urgency}-{number:06}"


def results_of(summary: RecordSummary, now: datetime) -> Results:
    """What the values of the last 90 days say, each by itself and not only the newest of its series."""
    series = [one for one in summary.laboratory if one.values]
    recent = [one for one in series if one.values[-1].at >= now - RECENT]
    return Results(
        abnormal=[found for found in (_abnormal(one, now) for one in recent) if found],
        unjudged=[one.name for one in recent if one.verdict is None],
        recent=bool(recent),
        newest=max((one.values[-1].at for one in series), default=None),
    )


def _abnormal(series: LabSeries, now: datetime) -> Abnormal | None:
    for measured in reversed(series.values):
        verdict = series.verdict_on(measured)
        if measured.at >= now - RECENT and verdict and verdict is not Interpretation.NORMAL:
            return Abnormal(series, measured, verdict)
    return None


def seen_last_on(summary: RecordSummary) -> str | None:
    """The day of the newest past encounter: what was recorded later is marked as new."""
    return summary.encounters[0].on if summary.encounters else None
