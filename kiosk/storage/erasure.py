"""What a deletion leaves behind in the files of a database, and how it goes."""

import structlog
from sqlalchemy import Engine

from kiosk.errors import StorageError
from kiosk.storage.engine import our_errors

log = structlog.get_logger()


def scrub(engine: Engine) -> bool:
    """Rid the database's files of what was deleted, as far as they allow it; call it after the commit.

    SQLite has overwritten the row with zeros (``secure_delete``); its write-ahead log still has it and is emptied,
    which waits for readers. PostgreSQL's VACUUM makes the room of dead rows free for others, it does not overwrite it,
    and its write-ahead log keeps the row until it is recycled.

    Returns:
        Whether it was done; the next start of a process does it again.
    """
    try:
        with our_errors():
            done = _empty_wal(engine) if engine.dialect.name == "sqlite" else _vacuum(engine)
    except StorageError:
        log.exception("the database could not be rid of what was deleted")
        return False
    if not done:
        log.warning("the write-ahead log could not be emptied: somebody reads for long")
    return done


def _empty_wal(engine: Engine) -> bool:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy: int = cursor.fetchall()[0][0]
        cursor.close()
    finally:
        connection.close()
    return busy == 0


def _vacuum(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM face_references")
    return True
