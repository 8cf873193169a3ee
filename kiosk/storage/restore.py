"""A backup in the place of the SQLite database, with what must not be forgotten of the one that was there."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select

from kiosk.errors import StorageError
from kiosk.model.actor import Actor
from kiosk.model.queue import Ticket
from kiosk.storage.audit_chain import SqlAudit
from kiosk.storage.carry_over import CARRIED, end_sessions, only_in
from kiosk.storage.engine import open_engine, our_errors, writing
from kiosk.storage.erasure import scrub
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.face_tombstones import Replayed, follow, replay
from kiosk.storage.in_use import DatabaseLock
from kiosk.storage.migrations import is_current, upgrade
from kiosk.storage.replaced import name_for_replaced, replaced_of
from kiosk.storage.sqlite_files import JOURNALS, check_sound, copy, copying, file_of, fold, open_as_it_lies
from kiosk.storage.tables import check_ins
from kiosk.whole_files import sync

_NONE = "there was none"
_RESTORING, _READ = "restoring", "restoring-from"


@dataclass
class Restored:
    """What a restore did.

    Attributes:
        replaced: where the database lies that was there; None if there was none.
        unreadable: why nothing of it could be carried over.
        newest: when the newest check-in of the backup began.
        newest_replaced: and of the database that was there.
        lost: numbers that only the latter gave.
        said: what was carried over, in words.
        sessions: how many ended.
        faces: what was cleaned up; None on a host that knows no faces.
    """

    replaced: Path | None = None
    unreadable: str | None = None
    newest: datetime | None = None
    newest_replaced: datetime | None = None
    lost: Sequence[Ticket] = ()
    said: list[str] = field(default_factory=list)
    sessions: int = 0
    faces: Replayed | None = None


def restore(engine: Engine, keys: FaceKeys | None, backup: Path, by: Actor) -> Restored:
    """Put a backup in place of the database, at this program's version, without who was forgotten since.

    All is done to a copy first, so that nobody is served from a database that still has what was withdrawn; the last
    step gives it the database's name. The one that was there keeps another name.

    Raises:
        ConfigurationError: the database is PostgreSQL.
        InputError: kind ``no_backup``, field ``file``.
        StorageError: the database is in use, or cannot be written.
    """
    live = file_of(engine)
    # a connection of this process would be in the way, as one of another is
    engine.dispose()
    done = Restored()
    with DatabaseLock(live, alone=True), copying():
        check_sound(backup)
        _forget_half_done(live)
        done.unreadable = _fold(live)
        new = live.with_name(f"{live.name}.{_RESTORING}")
        try:
            with _opened(live, done) as replaced:
                if keys and replaced:
                    follow(replaced, keys)
                os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
                copy(backup, new)
                _prepare(new, replaced, keys, by, done)
            fold(new)
            done.replaced = _set_aside(live)
            new.replace(live)
            sync(live.parent)
        finally:
            _remove(new)
    return done


def _forget_half_done(live: Path) -> None:
    """What a restore left that was killed; a second name of the database that is in place is no replaced one."""
    _remove(live.with_name(f"{live.name}.{_RESTORING}"))
    _remove(live.with_name(f"{live.name}.{_READ}"))
    for path in replaced_of(live):
        if live.exists() and path.samefile(live):
            path.unlink()


def _fold(live: Path) -> str | None:
    """Close the database in one file; returns why it cannot be read, if so."""
    if not live.exists() or live.stat().st_size == 0:
        return _NONE
    try:
        fold(live)
    except sqlite3.Error as error:
        return str(error)
    return None


@contextmanager
def _opened(live: Path, done: Restored) -> Iterator[Engine | None]:
    """The database to carry over from, at this program's version; None if it cannot be read."""
    if done.unreadable:
        yield None
        return
    read = live.with_name(f"{live.name}.{_READ}")
    engine = open_as_it_lies(live)
    try:
        try:
            _check_whole(engine)
            if not is_current(engine):
                os.close(os.open(read, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
                copy(live, read)
                engine = open_engine(f"sqlite:///{read}")
                upgrade(engine)
        except (StorageError, sqlite3.Error) as error:
            done.unreadable = str(error)
        yield None if done.unreadable else engine
    finally:
        engine.dispose()
        _remove(read)


def _check_whole(engine: Engine) -> None:
    """Return if the database is whole.

    Raises:
        StorageError: it is not.
    """
    with our_errors(), engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
            raise StorageError("it is damaged")


def _prepare(new: Path, replaced: Engine | None, keys: FaceKeys | None, by: Actor, done: Restored) -> None:
    engine = open_engine(f"sqlite:///{new}")
    try:
        upgrade(engine)
        done.faces = replay(engine, keys) if keys else None
        with writing(engine) as connection:
            if replaced:
                with our_errors(), replaced.connect() as there:
                    _carry_over(there, connection, done)
            done.newest = _newest(connection)
            done.sessions = end_sessions(connection)
            audit = SqlAudit(connection)
            detail = {"lost": str(len(done.lost)), "sessions": str(done.sessions)}
            audit.add(datetime.now(UTC), by, "restore", "database", detail)
            audit.append()
        scrub(engine)
    finally:
        engine.dispose()


def _carry_over(replaced: Connection, restored: Connection, done: Restored) -> None:
    done.newest_replaced = _newest(replaced)
    done.lost = only_in(replaced, restored)
    for carry in CARRIED:
        done.said += carry(replaced, restored)


def _newest(connection: Connection) -> datetime | None:
    found: datetime | None = connection.execute(select(func.max(check_ins.c.started_at))).scalar_one()
    return found


def _set_aside(live: Path) -> Path | None:
    """A second name for the database, which the next step takes the first one from: at no time is there none."""
    if not live.exists() or live.stat().st_size == 0:
        return None
    aside = name_for_replaced(live, datetime.now(UTC))
    os.link(live, aside)
    aside.chmod(0o600)
    for suffix in JOURNALS:
        journal = live.with_name(live.name + suffix)
        if journal.exists():
            # only beside one that cannot be read; SQLite would play it into the restored one
            journal.rename(aside.with_name(aside.name + suffix))
    return aside


def _remove(path: Path) -> None:
    for suffix in ("", *JOURNALS):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
