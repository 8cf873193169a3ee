from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Update,
    and_,
    case,
    false,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from kiosk.errors import AlreadyCheckedIn, NotFound, StaleVersion
from kiosk.model.checkin import AT_STATION, WITH_CLINIC, CheckIn, Stage
from kiosk.storage.check_in_rows import WAITING, calling_rank, from_row, to_row
from kiosk.storage.retention import oldest_over
from kiosk.storage.tables import LEFT_OPEN, check_ins, listed
from kiosk.storage.tickets import keep_ticket

_CALLING_ORDER = (check_ins.c.calling_rank, check_ins.c.number)
_WAITING_FIRST = case(
    (check_ins.c.stage.in_(WAITING), 0),
    (check_ins.c.stage == Stage.CALLED, 1),
    (check_ins.c.stage == Stage.ABSENT, 2),
    else_=3,
)

_UNRESOLVED: ColumnElement[bool] = literal_column("check_ins.unresolved")
"""As its index says it: SQLAlchemy's own words for SQLite are ``unresolved = 1``, and then SQLite reads every row."""


def _at(stages: Collection[Stage]) -> ColumnElement[bool]:
    """Written out, not bound: else neither database sees that the index of these stages will do."""
    # without a type: of a Boolean SQLAlchemy makes "… = 1" for SQLite
    return literal_column(f"check_ins.stage IN ({listed(stages)})")


class SqlCheckIns:
    """`CheckInStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, check_in_id: str) -> CheckIn:
        """See the port."""
        found = self._first(check_ins.c.id == check_in_id)
        if found is None:
            raise NotFound("no such check-in")
        return found

    def at_station(self, station_id: str) -> CheckIn | None:
        """See the port."""
        here = and_(check_ins.c.station_id == station_id, _at(AT_STATION))
        return self._first(here, check_ins.c.sequence.desc())

    def newest_at(self, station_id: str) -> CheckIn | None:
        """See the port."""
        on_screen = and_(check_ins.c.station_id == station_id, check_ins.c.off_screen_at.is_(None))
        return self._first(on_screen, check_ins.c.sequence.desc())

    def put_away(self, station_id: str, at: datetime, *, check_in_id: str | None = None) -> None:
        """See the port."""
        shown = and_(check_ins.c.station_id == station_id, check_ins.c.off_screen_at.is_(None))
        if check_in_id:
            shown = and_(shown, check_ins.c.id == check_in_id)
        self._connection.execute(update(check_ins).where(shown).values(off_screen_at=at))

    def add(self, check_in: CheckIn) -> None:
        """See the port.

        Raises:
            AlreadyCheckedIn: another check-in holds `active_key`.
        """
        place = _next_place(self._connection)
        self._change(check_in, insert(check_ins).values(sequence=place), to_row(check_in))

    def save(self, check_in: CheckIn) -> None:
        """See the port."""
        as_read = and_(check_ins.c.id == check_in.id, check_ins.c.version == check_in.version - 1)
        values = to_row(check_in)
        # only `put_away` says so: what was read before it must not bring a number back on a screen
        del values["off_screen_at"]
        if self._change(check_in, update(check_ins).where(as_read), values) == 0:
            raise StaleVersion(f"check-in {check_in.id} was changed meanwhile")

    def _change(self, check_in: CheckIn, statement: Insert | Update, values: dict[str, object]) -> int:
        """Within a savepoint: PostgreSQL answers no question after an error, and the holder is to be named.

        The values stand apart from the statement: as a part of it they cost a sixth of a check-in's calls (measured).
        """
        try:
            with self._connection.begin_nested():
                changed = self._connection.execute(statement, values).rowcount
        except IntegrityError as error:
            holder = self.holder_of(check_in.active_key) if check_in.active_key else None
            if holder is None or holder.id == check_in.id:
                raise
            raise AlreadyCheckedIn(holder.id) from error
        if changed:
            keep_ticket(self._connection, check_in)
        return changed

    def holder_of(self, active_key: str) -> CheckIn | None:
        """See the port."""
        return self._first(check_ins.c.active_key == active_key)

    def by_ticket_code(self, code: str) -> CheckIn | None:
        """See the port."""
        return self._first(check_ins.c.id == code)

    def in_clinic(self, clinic_id: str, day: date) -> Sequence[CheckIn]:
        """See the port: the waiting ones in calling order, then the called, the absent and the ended ones."""
        return self._all(_queue(clinic_id, day), _WAITING_FIRST, *_CALLING_ORDER)

    def needing_help(self, day: date) -> Sequence[CheckIn]:
        """See the port."""
        asked = and_(check_ins.c.day == day, check_ins.c.help_reason.is_not(None))
        return self._all(asked, check_ins.c.help_since, check_ins.c.id)

    def of_patient(self, patient_id: str, day: date) -> Sequence[CheckIn]:
        """See the port."""
        theirs = and_(check_ins.c.patient_id == patient_id, check_ins.c.day == day)
        return self._all(theirs, check_ins.c.sequence, check_ins.c.id)

    def of_day(self, day: date) -> Sequence[CheckIn]:
        """See the port."""
        with_number = and_(check_ins.c.day == day, check_ins.c.number.is_not(None))
        return self._all(with_number, check_ins.c.clinic_id, check_ins.c.number)

    def unresolved(self, limit: int) -> Sequence[CheckIn]:
        """See the port."""
        with_number = and_(_UNRESOLVED, check_ins.c.stage.in_(WITH_CLINIC))
        return self._all(with_number, check_ins.c.sequence, check_ins.c.id, limit=limit)

    def left_open(self, before: date, limit: int, *, but: Collection[str] = ()) -> Sequence[CheckIn]:
        """See the port."""
        goes_on = and_(check_ins.c.day == before - timedelta(days=1), check_ins.c.clinic_id.in_(but))
        left = and_(check_ins.c.day < before, _at(LEFT_OPEN), not_(func.coalesce(goes_on, false())))
        return self._all(left, check_ins.c.day, check_ins.c.sequence, check_ins.c.id, limit=limit)

    def oldest_over(self, before: date) -> date | None:
        """See the port."""
        return oldest_over(self._connection, before)

    def last_called(self, clinic_ids: Sequence[str], day: date, limit: int) -> Sequence[CheckIn]:
        """See the port."""
        called = and_(
            check_ins.c.clinic_id.in_(clinic_ids),
            check_ins.c.ticket_day == day,
            check_ins.c.called_at.is_not(None),
            check_ins.c.stage != Stage.CANCELLED,
        )
        return self._all(called, check_ins.c.called_at.desc(), check_ins.c.sequence.desc(), limit=limit)

    def ahead_of(self, check_in: CheckIn) -> int:
        """See the port. Nobody is ahead of one that does not wait."""
        ticket = check_in.ticket
        if ticket is None or check_in.stage not in WAITING:
            return 0
        rank, (rank_column, number_column) = calling_rank(check_in.priority), _CALLING_ORDER
        earlier = or_(rank_column < rank, and_(rank_column == rank, number_column < ticket.number))
        waiting = and_(_queue(ticket.clinic_id, ticket.day), check_ins.c.stage.in_(WAITING), earlier)
        return self._connection.execute(select(func.count()).select_from(check_ins).where(waiting)).scalar_one()

    def _first(self, condition: ColumnElement[bool], *order: ColumnElement[object]) -> CheckIn | None:
        found = self._all(condition, *order, limit=1)
        return found[0] if found else None

    def _all(
        self, condition: ColumnElement[bool], *order: ColumnElement[object], limit: int | None = None
    ) -> list[CheckIn]:
        query = select(check_ins).where(condition).order_by(*order).limit(limit)
        return [from_row(row) for row in self._connection.execute(query).mappings()]


def _next_place(connection: Connection) -> ColumnElement[int]:
    """SQLite has one writer at a time, PostgreSQL a sequence; the order of commits does not matter."""
    if connection.dialect.name == "postgresql":
        return func.nextval("check_ins_sequence")
    # a name of its own: the statement it stands in inserts into the same table
    others = check_ins.alias("others")
    return select(func.coalesce(func.max(others.c.sequence), 0) + 1).scalar_subquery()


def _queue(clinic_id: str, day: date) -> ColumnElement[bool]:
    return and_(check_ins.c.clinic_id == clinic_id, check_ins.c.ticket_day == day)
