"""A copy of the SQLite database while it is in use, and the way back. Keys of faces are in neither."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from kiosk.errors import ConfigurationError, InputError, StorageError
from kiosk.model.actor import Actor
from kiosk.storage.audit_chain import SqlAudit
from kiosk.storage.engine import open_engine, writing
from kiosk.storage.erasure import scrub
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.face_tombstones import Replayed, follow, replay
from kiosk.storage.migrations import upgrade


def back_up(engine: Engine, target: Path) -> None:
    """Copy the database, as of one moment, into a new file that only this user reads.

    Raises:
        ConfigurationError: the database is PostgreSQL.
        InputError: kind ``exists``, field ``file``.
        StorageError: it cannot be copied.
    """
    source = _file_of(engine)
    with _errors():
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError as error:
            raise InputError("exists", "file", f"{target} exists; a backup overwrites nothing") from error
        _copy(source, target)


def restore(engine: Engine, keys: FaceKeys | None, backup: Path, by: Actor) -> Replayed | None:
    """Put a backup in place of the database, at this program's version, without who was forgotten since.

    All is done to a copy first, so that nobody is served from a database that still has what was withdrawn.

    Returns:
        What was cleaned up; None on a host that knows no faces.

    Raises:
        ConfigurationError: the database is PostgreSQL.
        InputError: kind ``no_backup``, field ``file``.
        StorageError: the database is in use, or cannot be written.
    """
    live = _file_of(engine)
    _check(backup)
    if keys:
        follow(engine, keys)
    copy = live.with_name(f"{live.name}.restoring")
    with _errors():
        copy.unlink(missing_ok=True)
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL, 0o600))
        try:
            _copy(backup, copy)
            found = _prepare(copy, keys, by)
            _copy(copy, live)
        finally:
            for suffix in ("", "-wal", "-shm"):
                copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    scrub(engine)
    return found


def _prepare(copy: Path, keys: FaceKeys | None, by: Actor) -> Replayed | None:
    engine = open_engine(f"sqlite:///{copy}")
    try:
        upgrade(engine)
        found = replay(engine, keys) if keys else None
        with writing(engine) as connection:
            audit = SqlAudit(connection)
            audit.add(datetime.now(UTC), by, "restore", "database", {})
            audit.append()
        scrub(engine)
    finally:
        engine.dispose()
    return found


def _file_of(engine: Engine) -> Path:
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise ConfigurationError("this is for SQLite; for PostgreSQL use pg_dump and pg_restore, see docs/how-to")
    return Path(engine.url.database)


def _check(backup: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{backup.resolve()}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            sound = sound and connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    except sqlite3.Error as error:
        raise InputError("no_backup", "file", f"{backup} is no database of kiosk") from error
    if not sound:
        raise InputError("no_backup", "file", f"{backup} is damaged")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(f"the copy failed: {error}") from error
    except OSError as error:
        raise StorageError(f"the copy failed: {error.strerror}") from error
