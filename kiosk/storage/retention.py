from datetime import UTC, date, datetime, time

from sqlalchemy import Connection, Engine, and_, delete, exists, not_, select

from kiosk.model.actor import SYSTEM
from kiosk.model.checkin import Stage
from kiosk.storage.audit_chain import SqlAudit
from kiosk.storage.check_ins import RESOLVABLE
from kiosk.storage.engine import writing
from kiosk.storage.face_tables import face_misses
from kiosk.storage.replaced import forget_replaced
from kiosk.storage.tables import attempts, check_ins, outbox, sessions

ENDED = (Stage.DONE, Stage.ABSENT, Stage.CANCELLED, Stage.ABANDONED, Stage.KEPT, Stage.FORGOTTEN)

BATCH = 500
"""Deleted in one transaction, so that nobody at a kiosk waits for it."""


def forget_ended(engine: Engine, before: date) -> int:
    """Delete ended check-ins of earlier days with their claims, tickets and events; the audit chain stays.

    One that the hospital's record has not heard of is kept: also what it refused, and a number whose patient it never
    told. Failed attempts of those days and sessions that are over go too, and databases that were replaced then.

    Returns:
        How many check-ins.
    """
    with writing(engine) as connection:
        now = datetime.now(UTC)
        earlier = datetime.combine(before, time.min, UTC)
        connection.execute(delete(attempts).where(attempts.c.at < earlier))
        connection.execute(delete(face_misses).where(face_misses.c.at < earlier))
        connection.execute(delete(sessions).where(sessions.c.expires_at < now))
    forgotten = 0
    while some := _forget_some(engine, before):
        forgotten += some
    forget_replaced(engine, before)
    return forgotten


def _forget_some(engine: Engine, before: date) -> int:
    with writing(engine) as connection:
        ids = _forgettable(connection, before)
        if ids:
            connection.execute(delete(check_ins).where(check_ins.c.id.in_(ids)))
            audit = SqlAudit(connection)
            audit.add(datetime.now(UTC), SYSTEM, "forget", "check-ins", {"before": str(before), "count": str(len(ids))})
            audit.append()
        return len(ids)


def _forgettable(connection: Connection, before: date) -> list[str]:
    undelivered = exists().where(outbox.c.check_in_id == check_ins.c.id)
    nameless = and_(check_ins.c.unresolved, check_ins.c.stage.in_(RESOLVABLE))
    over = and_(check_ins.c.day < before, check_ins.c.stage.in_(ENDED), not_(undelivered), not_(nameless))
    return list(connection.scalars(select(check_ins.c.id).where(over).limit(BATCH)))
