"""What a deletion leaves behind in the files of a database, and how it goes."""

import sqlite3

import structlog
from sqlalchemy import Engine

from kiosk.errors import StorageError
from kiosk.storage.engine import LOCK_WAIT_SECONDS, our_errors

WAIT_SECONDS = 1.0
"""For readers; meanwhile nobody can write, and `finish_erasure` of the storage tries again until it is done."""

log = structlog.get_logger()


def scrub(engine: Engine, *, wait: float = WAIT_SECONDS) -> bool:
    """Rid the database's files of what was deleted, as far as they allow it; call it after the commit.

    SQLite has overwritten the row with zeros (``secure_delete``); its write-ahead log still has it and is emptied,
    which waits for readers. PostgreSQL's VACUUM makes the room of dead rows free for others, it does not overwrite it,
    and its write-ahead log keeps the row until it is recycled.

    Args:
        engine: of the database.
        wait: seconds for readers of SQLite; 0 holds up nobody.

    Returns:
        Whether it was done; if not, `finish_erasure` and the next start of a process do it again.
    """
    try:
        with our_errors():
            done = _empty_wal(engine, wait) if engine.dialect.name == "sqlite" else _vacuum(engine)
    except StorageError:
        log.exception("the database could not be rid of what was deleted")
        return False
    if not done and wait:
        log.warning("the write-ahead log could not be emptied: somebody reads for long")
    return done


def _empty_wal(engine: Engine, wait: float) -> bool:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {round(wait * 1000)}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy: int = cursor.fetchall()[0][0]
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_SECONDS * 1000}")
        cursor.close()
    except sqlite3.Error as error:
        # SQLAlchemy does not translate what its raw connections raise
        connection.invalidate()
        raise StorageError(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()
    return busy == 0


def _vacuum(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM face_references")
    return True
