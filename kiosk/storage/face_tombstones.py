"""Brings references and keys together again: after a crash between the two, and after a restored backup.

* A row whose reference was withdrawn is deleted: a backup of an earlier day brought it back, or a crash came first.
* A row whose key should be in this key store and is not can never be opened again: it is deleted.
* A key without a row gets its tombstone and is deleted: the backup that was restored is older than the enrolment, or
  a crash came first. A later backup that has the row must not bring the person back.

Rows of another key store are left alone: several hosts may share a PostgreSQL database, each with its own keys.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection, Engine, delete, select, text

from kiosk.errors import StorageError
from kiosk.model.actor import SYSTEM
from kiosk.storage.audit_chain import SqlAudit
from kiosk.storage.engine import reading, writing
from kiosk.storage.erasure import scrub
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.face_tables import face_references
from kiosk.storage.faces import SqlFaceReferences, gone_since

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was cleaned up.

    Attributes:
        withdrawn: rows of references that were withdrawn.
        unopenable: rows without their key.
        keys: without their row.
    """

    withdrawn: frozenset[str]
    unopenable: frozenset[str]
    keys: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.withdrawn or self.unopenable or self.keys)


def replay(engine: Engine, keys: FaceKeys) -> Replayed:
    """Clean up; called before a process serves anybody, and by each restore. Cheap when nothing is to be done.

    Raises:
        StorageError: a database cannot be used.
    """
    with reading(engine) as connection:
        found = _compare(connection, keys)
    if found:
        with writing(engine) as connection:
            # whoever enrols or withdraws holds this lock until both row and key are there, or gone
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE face_references IN SHARE ROW EXCLUSIVE MODE"))
            found = _compare(connection, keys)
            _clean(connection, keys, found)
    # also where nothing was found: a reader, or a crash, was in the way of it in an earlier process
    scrub(engine)
    return found


def follow(engine: Engine, keys: FaceKeys) -> None:
    """Delete the keys of whoever was withdrawn where these keys are not: before a backup brings the row back.

    A key that this database never knew of stays: the backup may have its row. A database that cannot be read says
    nothing.

    Raises:
        StorageError: the key store cannot be used.
    """
    gone: frozenset[str] = frozenset()
    try:
        with reading(engine) as connection:
            gone = frozenset(gone_since(connection, 0))
    except StorageError as error:
        log.warning("the database does not say who was forgotten", exception_type=type(error).__name__)
    keys.bury(keys.held().intersection(gone), datetime.now(UTC))


def _compare(connection: Connection, keys: FaceKeys) -> Replayed:
    # keys first: what is enrolled meanwhile is a row more, and seen to be in order under the lock
    held, buried = keys.held(), keys.buried()
    rows = connection.execute(select(face_references.c.id, face_references.c.key_store)).all()
    withdrawn = frozenset(row.id for row in rows if row.id in buried)
    own = {row.id for row in rows if row.key_store == keys.id}
    everyone = {row.id for row in rows}
    return Replayed(withdrawn, frozenset(own - held - withdrawn), frozenset((held - everyone) | (held & withdrawn)))


def _clean(connection: Connection, keys: FaceKeys, found: Replayed) -> None:
    if not found:
        return
    now = datetime.now(UTC)
    store = SqlFaceReferences(connection, keys)
    for reference_id in sorted(found.withdrawn | found.unopenable):
        connection.execute(delete(face_references).where(face_references.c.id == reference_id))
        store.changed(reference_id)
    audit = SqlAudit(connection)
    counts = {name: str(len(getattr(found, name))) for name in ("withdrawn", "unopenable", "keys")}
    audit.add(now, SYSTEM, "clean_faces", "face-references", counts)
    audit.append()
    keys.bury(found.withdrawn | found.unopenable | found.keys, now)
