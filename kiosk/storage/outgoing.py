"""What must leave the host: events for the screens, deliveries for the hospital's record."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, not_, select, text, update

from kiosk.model.checkin import CheckIn
from kiosk.model.events import Event, EventKind
from kiosk.ports.outbox import Delivery, DeliveryKind, Refusal
from kiosk.storage.tables import Moment, events, outbox


class SqlEvents:
    """`EventStore` on a connection within a transaction.

    On PostgreSQL a lower id may be committed after a higher one: what is published is told by its mark, never by an id.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._added: list[Event] = []

    def add(self, kind: EventKind, check_in: CheckIn, clinic_id: str | None, at: datetime) -> None:
        """See the port."""
        values = {"kind": kind, "check_in_id": check_in.id, "clinic_id": clinic_id, "station_id": check_in.station_id}
        event_id = self._connection.execute(insert(events).returning(events.c.id), {**values, "at": at}).scalar_one()
        self._added.append(Event(event_id, kind, check_in.id, clinic_id, check_in.station_id, at))

    def added(self) -> Sequence[Event]:
        """See the port."""
        return tuple(self._added)

    def unpublished(self, limit: int, up_to: int | None = None) -> Sequence[Event]:
        """See the port."""
        query = select(events).where(events.c.published_at.is_(None)).order_by(events.c.id).limit(limit)
        if up_to is not None:
            query = query.where(events.c.id <= up_to)
        return [
            Event(row.id, EventKind(row.kind), row.check_in_id, row.clinic_id, row.station_id, row.at)
            for row in self._connection.execute(query)
        ]

    def newest_unpublished(self) -> int | None:
        """See the port."""
        query = select(events.c.id).where(events.c.published_at.is_(None)).order_by(events.c.id.desc()).limit(1)
        return self._connection.execute(query).scalar_one_or_none()

    def mark_published(self, event_ids: Sequence[int], at: datetime) -> None:
        """See the port."""
        unmarked = and_(events.c.id.in_(event_ids), events.c.published_at.is_(None))
        self._connection.execute(update(events).where(unmarked).values(published_at=at))


_ASK = text(
    "INSERT INTO outbox (kind, check_in_id, due_at, attempts, asked, refused, owed_since) "
    "VALUES (:kind, :check_in_id, :due_at, 0, 1, false, :due_at) ON CONFLICT (check_in_id, kind) DO UPDATE "
    "SET due_at = excluded.due_at, attempts = 0, asked = outbox.asked + 1, error = NULL, refused = false, "
    "owed_since = CASE WHEN outbox.refused THEN excluded.due_at ELSE outbox.owed_since END"
).bindparams(bindparam("due_at", type_=Moment))


class SqlOutbox:
    """`OutboxStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kind: DeliveryKind, check_in_id: str, due_at: datetime) -> None:
        """See the port."""
        self._connection.execute(_ASK, {"kind": kind.value, "check_in_id": check_in_id, "due_at": due_at})

    def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """See the port."""
        query = select(outbox).where(not_(outbox.c.refused), outbox.c.due_at <= now)
        return [
            Delivery(row.id, DeliveryKind(row.kind), row.check_in_id, row.attempts, row.asked)
            for row in self._connection.execute(query.order_by(outbox.c.due_at, outbox.c.id).limit(limit))
        ]

    def still_due(self, delivery: Delivery, now: datetime) -> bool:
        """See the port."""
        query = select(outbox.c.id).where(_as_read(delivery), not_(outbox.c.refused), outbox.c.due_at <= now)
        return self._connection.execute(query).first() is not None

    def owed_since(self, now: datetime) -> datetime | None:
        """See the port."""
        owed = and_(not_(outbox.c.refused), outbox.c.owed_since <= now)
        query = select(outbox.c.owed_since).where(owed).order_by(outbox.c.owed_since).limit(1)
        return self._connection.execute(query).scalar_one_or_none()

    def done(self, delivery: Delivery) -> None:
        """See the port."""
        self._connection.execute(delete(outbox).where(_as_read(delivery)))

    def retry(self, delivery: Delivery, error: str, due_at: datetime) -> None:
        """See the port."""
        self._tried(delivery, error=error, due_at=due_at)

    def refused(self, delivery: Delivery, error: str) -> None:
        """See the port."""
        self._tried(delivery, error=error, refused=True)

    def _tried(self, delivery: Delivery, **values: object) -> None:
        statement = update(outbox).where(_as_read(delivery))
        self._connection.execute(statement.values(**values, attempts=outbox.c.attempts + 1))

    def waiting(self) -> int:
        """See the port."""
        query = select(func.count()).select_from(outbox).where(not_(outbox.c.refused))
        return self._connection.execute(query).scalar_one()

    def undelivered(self) -> frozenset[str]:
        """See the port."""
        return frozenset(self._connection.scalars(select(outbox.c.check_in_id)))

    def refusals(self) -> Sequence[Refusal]:
        """See the port."""
        query = select(outbox).where(outbox.c.refused).order_by(outbox.c.due_at, outbox.c.id)
        return [
            Refusal(DeliveryKind(row.kind), row.check_in_id, row.error, row.due_at)
            for row in self._connection.execute(query)
        ]

    def send_refused_again(self, due_at: datetime) -> int:
        """See the port."""
        statement = update(outbox).where(outbox.c.refused)
        again = {"refused": False, "attempts": 0, "error": None, "asked": outbox.c.asked + 1}
        return self._connection.execute(statement.values(**again, due_at=due_at, owed_since=due_at)).rowcount


def _as_read(delivery: Delivery) -> ColumnElement[bool]:
    """Not asked for again since it was read: else what was sent is old, and it must be sent once more."""
    return and_(outbox.c.id == delivery.id, outbox.c.asked == delivery.asked)
