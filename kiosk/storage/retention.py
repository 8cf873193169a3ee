from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, not_, select

from kiosk.model.actor import SYSTEM
from kiosk.model.checkin import WITH_CLINIC, Stage
from kiosk.storage.audit_chain import SqlAudit
from kiosk.storage.beside_tables import attempts, doubts
from kiosk.storage.engine import writing
from kiosk.storage.face_tables import face_misses
from kiosk.storage.replaced import forget_replaced
from kiosk.storage.tables import check_ins, outbox, sessions

ENDED = (Stage.DONE, Stage.ABSENT, Stage.CANCELLED, Stage.ABANDONED, Stage.KEPT, Stage.FORGOTTEN)

BATCH = 500
"""Deleted in one transaction, so that nobody at a kiosk waits for it."""


def forget_ended(engine: Engine, before: date, now: datetime) -> int:
    """Delete ended check-ins of earlier days with their claims, tickets and events; the audit chain stays.

    One that the hospital's record has not heard of is kept: also what it refused, and a number whose patient it never
    told. Failed attempts, doubts and replaced databases of those days go too, and sessions that are over.

    Returns:
        How many check-ins.
    """
    with writing(engine) as connection:
        earlier = datetime.combine(before, time.min, UTC)
        connection.execute(delete(attempts).where(attempts.c.at < earlier))
        connection.execute(delete(doubts).where(doubts.c.day < before))
        connection.execute(delete(face_misses).where(face_misses.c.at < earlier))
        connection.execute(delete(sessions).where(sessions.c.expires_at < now))
    forgotten = 0
    while some := _forget_some(engine, before, now):
        forgotten += some
    forget_replaced(engine, before)
    return forgotten


def _forget_some(engine: Engine, before: date, now: datetime) -> int:
    with writing(engine) as connection:
        ids = _forgettable(connection, before)
        if ids:
            connection.execute(delete(check_ins).where(check_ins.c.id.in_(ids)))
            audit = SqlAudit(connection)
            audit.add(now, SYSTEM, "forget", "check-ins", {"before": str(before), "count": str(len(ids))})
            audit.append()
        return len(ids)


def oldest_over(connection: Connection, before: date) -> date | None:
    """The earliest day of which something may be forgotten."""
    return connection.scalar(select(check_ins.c.day).where(_over(before)).order_by(check_ins.c.day).limit(1))


def _forgettable(connection: Connection, before: date) -> list[str]:
    return list(connection.scalars(select(check_ins.c.id).where(_over(before)).limit(BATCH)))


def _over(before: date) -> ColumnElement[bool]:
    undelivered = exists().where(outbox.c.check_in_id == check_ins.c.id)
    nameless = and_(check_ins.c.unresolved, check_ins.c.stage.in_(WITH_CLINIC))
    return and_(check_ins.c.day < before, check_ins.c.stage.in_(ENDED), not_(undelivered), not_(nameless))
