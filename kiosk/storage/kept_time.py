from dataclasses import asdict, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from kiosk.model.kept_time import Doubt, KeptTime, Proof
from kiosk.storage.beside_tables import attempts
from kiosk.storage.face_tables import face_misses, face_sightings
from kiosk.storage.host_tables import kept_time
from kiosk.storage.tables import check_ins, outbox, sessions, staff

_NO_WAIT_IS_LONGER = timedelta(days=1)

_NAMES = [field.name for field in fields(KeptTime)]


class SqlKeptTime:
    """`KeptTimeStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, *, for_change: bool = False) -> KeptTime | None:
        """See the port."""
        query = select(*(kept_time.c[name] for name in _NAMES))
        row = self._connection.execute(query.with_for_update() if for_change else query).one_or_none()
        if row is None:
            return None
        values = dict(row._mapping)  # noqa: SLF001 # its public name
        doubt = Doubt(row.doubt) if row.doubt else None
        return KeptTime(**values | {"proof": Proof(row.proof), "doubt": doubt})

    def put(self, kept: KeptTime) -> None:
        """See the port."""
        values = asdict(kept)
        if self._connection.execute(update(kept_time).values(values)).rowcount:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(kept_time).values(id=1, **values))
        except IntegrityError:
            # another process was first
            self._connection.execute(update(kept_time).values(values))

    def take_back(self, now: datetime) -> None:
        """See the port."""
        run = self._connection.execute
        run(update(outbox).where(outbox.c.due_at > now + _NO_WAIT_IS_LONGER).values(due_at=now))
        run(update(staff).where(staff.c.locked_until > now + _NO_WAIT_IS_LONGER).values(locked_until=None))
        run(delete(sessions).where(sessions.c.started_at > now))
        run(update(sessions).where(sessions.c.last_seen_at > now).values(last_seen_at=now))
        run(update(check_ins).where(check_ins.c.called_at > now).values(called_at=now))
        for table in (attempts, face_misses):
            # a guess still counts
            run(update(table).where(table.c.at > now).values(at=now))
        run(delete(face_sightings).where(face_sightings.c.at > now))
