"""What can be taken back for a moment, whom reception found in a case, and who read a record."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, bindparam, delete, select, text

from kiosk.errors import InputError, StorageError
from kiosk.model.undo import Undo
from kiosk.storage.beside_tables import found_patients, record_readers, undos
from kiosk.storage.check_in_rows import decoded, encoded
from kiosk.storage.tables import Moment

_PUT_UNDO = text(
    "INSERT INTO undos (check_in_id, action, actor, until, before, after, desk_case) "
    "VALUES (:check_in_id, :action, :actor, :until, :before, :after, :desk_case) ON CONFLICT (check_in_id) DO UPDATE "
    "SET action = excluded.action, actor = excluded.actor, until = excluded.until, before = excluded.before, "
    "after = excluded.after, desk_case = excluded.desk_case"
).bindparams(bindparam("until", type_=Moment))
_PUT_FOUND = text(
    "INSERT INTO found_patients (check_in_id, actor, patient_id, at) VALUES (:check_in_id, :actor, :patient_id, :at) "
    "ON CONFLICT (check_in_id, actor, patient_id) DO UPDATE SET at = excluded.at"
).bindparams(bindparam("at", type_=Moment))
_PUT_READER = text(
    "INSERT INTO record_readers (check_in_id, actor, patient_id, at) VALUES (:check_in_id, :actor, :patient_id, :at) "
    "ON CONFLICT (check_in_id, actor, patient_id) DO UPDATE SET at = excluded.at"
).bindparams(bindparam("at", type_=Moment))


class SqlUndos:
    """`UndoStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, undo: Undo) -> None:
        """See the port."""
        values = {
            "check_in_id": undo.check_in_id,
            "action": undo.action,
            "actor": undo.by,
            "until": undo.until,
            "before": encoded(undo.before),
            "after": encoded(undo.after),
            "desk_case": undo.desk_case,
        }
        self._connection.execute(_PUT_UNDO, values)

    def get(self, check_in_id: str) -> Undo | None:
        """See the port."""
        row = self._connection.execute(select(undos).where(undos.c.check_in_id == check_in_id)).mappings().first()
        return _undo(row) if row else None

    def of_actor(self, by: str, now: datetime) -> Sequence[Undo]:
        """See the port."""
        open_now = select(undos).where(undos.c.until >= now, undos.c.actor == by).order_by(undos.c.until.desc())
        return [_undo(row) for row in self._connection.execute(open_now).mappings()]

    def drop(self, check_in_id: str) -> None:
        """See the port."""
        self._connection.execute(delete(undos).where(undos.c.check_in_id == check_in_id))

    def any_past(self, now: datetime) -> bool:
        """See the port."""
        past = select(undos.c.check_in_id).where(undos.c.until < now).limit(1)
        return self._connection.execute(past).first() is not None

    def drop_past(self, now: datetime) -> int:
        """See the port."""
        return self._connection.execute(delete(undos).where(undos.c.until < now)).rowcount


class SqlFound:
    """`FoundStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, check_in_id: str, by: str, patient_id: str, at: datetime) -> None:
        """See the port."""
        values = {"check_in_id": check_in_id, "actor": by, "patient_id": patient_id, "at": at}
        self._connection.execute(_PUT_FOUND, values)

    def was_found(self, check_in_id: str, by: str, patient_id: str, since: datetime) -> bool:
        """See the port."""
        query = select(found_patients.c.at).where(
            found_patients.c.check_in_id == check_in_id,
            found_patients.c.actor == by,
            found_patients.c.patient_id == patient_id,
            found_patients.c.at >= since,
        )
        return self._connection.execute(query).first() is not None


class SqlReaders:
    """`OpeningStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, check_in_id: str, by: str, patient_id: str, at: datetime) -> None:
        """See the port."""
        values = {"check_in_id": check_in_id, "actor": by, "patient_id": patient_id, "at": at}
        self._connection.execute(_PUT_READER, values)

    def readers(self, check_in_id: str, patient_id: str) -> Sequence[str]:
        """See the port."""
        query = select(record_readers.c.actor).where(
            record_readers.c.check_in_id == check_in_id, record_readers.c.patient_id == patient_id
        )
        return list(self._connection.scalars(query.order_by(record_readers.c.actor)))


def _undo(row: RowMapping) -> Undo:
    """The act of a row.

    Raises:
        StorageError: the row was not written by this program.
    """
    try:
        before, after = decoded(row["before"]), decoded(row["after"])
    except (msgspec.MsgspecError, InputError) as error:
        raise StorageError(f"the last act on {row['check_in_id']} cannot be read back") from error
    return Undo(row["check_in_id"], row["action"], row["actor"], row["until"], before, after, row["desk_case"])
