"""A SQLite database as a file: copied while it is in use, made one file without a journal, or looked at as it lies."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, NullPool, create_engine

from kiosk.errors import ConfigurationError, InputError, StorageError
from kiosk.whole_files import sync

JOURNALS = ("-wal", "-shm")

_IN_USE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BUSY_SECONDS = 1.0


def file_of(engine: Engine) -> Path:
    """Where the database lies.

    Raises:
        ConfigurationError: it is PostgreSQL.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise ConfigurationError("this is for SQLite; for PostgreSQL use pg_dump and pg_restore, see docs/how-to")
    return Path(engine.url.database)


def copy(source: Path, target: Path) -> None:
    """The database as of one moment, into a file that is there already."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def fold(path: Path) -> None:
    """Bring what the journal holds into the file and have it on the disk, with no journal left beside it.

    Its kind of journal stays: of processes that start at once, none then has to change it against the others.

    Raises:
        StorageError: another process has the database open.
        sqlite3.Error: it is damaged, or no database.
    """
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            # refused while anybody else has it open, whether they write or not
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in _IN_USE:
                raise StorageError("another program has the database open") from error
            raise
    sync(path)


def check_sound(path: Path) -> None:
    """Return if this is a whole database of kiosk, of whatever version.

    Raises:
        InputError: kind ``no_backup``, field ``file``.
    """
    try:
        with closing(sqlite3.connect(_as_it_lies(path), uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            sound = sound and connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    except sqlite3.Error as error:
        raise InputError("no_backup", "file", f"{path} is no database of kiosk") from error
    if not sound:
        raise InputError("no_backup", "file", f"{path} is damaged")


def open_as_it_lies(path: Path) -> Engine:
    """An engine that changes nothing, not even the kind of journal."""
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(_as_it_lies(path), uri=True), poolclass=NullPool)


def _as_it_lies(path: Path) -> str:
    """An address that makes no journal beside it, but for one that was copied together with its own."""
    journal = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if journal.exists() and journal.stat().st_size else "immutable=1"
    return f"file:{quote(str(path.resolve()))}?{how}"


@contextmanager
def copying() -> Iterator[None]:
    """Turn the errors of copying into `StorageError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(f"the copy failed: {error}") from error
    except OSError as error:
        raise StorageError(f"the copy failed: {error.strerror}") from error
