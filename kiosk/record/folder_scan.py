"""Bring the index's rows of one folder in line with the files that lie in it."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from kiosk.errors import RecordRefused
from kiosk.record.contents import Contents, contents_of, read_bundle
from kiosk.record.folder_files import stamp

_log = structlog.get_logger(__name__)


def listing(folder: Path) -> dict[str, str]:
    """Name and stamp of each bundle that lies in a folder."""
    with os.scandir(folder) as found:
        return {entry.name: stamp(entry.stat()) for entry in found if _is_bundle(entry)}


def _is_bundle(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    return name.endswith(".json") and not name.startswith(".") and _is_unicode(name) and entry.is_file()


def _is_unicode(name: str) -> bool:
    """SQLite keeps no other names."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def reconcile(
    database: sqlite3.Connection, folder: Path, directory: str, read: Callable[[], None], until: float
) -> bool:
    """Forget the files that are gone, and read those that are new or have another stamp.

    Args:
        database: in a transaction.
        folder: where the files lie.
        directory: its name in the index.
        read: called after each file read.
        until: of `time.monotonic`; after that nothing more is read.

    Returns:
        Whether all were read; else the next call goes on.
    """
    present = listing(folder)
    rows = database.execute("SELECT name, stamp FROM file WHERE directory = ?", (directory,))
    known = dict(rows.fetchall())
    for name in known.keys() - present.keys():
        database.execute("DELETE FROM file WHERE directory = ? AND name = ?", (directory, name))
    changed = [(name, now) for name, now in present.items() if known.get(name) != now]
    broken = done = 0
    for name, now in changed:
        if done and time.monotonic() > until:
            break
        contents = _contents(folder / name)
        broken += contents is None
        _store(database, (directory, name, now), contents)
        done += 1
        read()
    if broken:
        _log.warning("record_files_unreadable", count=broken)
    return done == len(changed)


def _contents(path: Path) -> Contents | None:
    try:
        return contents_of(read_bundle(path))
    except (RecordRefused, OSError):
        return None


def _store(database: sqlite3.Connection, key: tuple[str, str, str], contents: Contents | None) -> None:
    database.execute("DELETE FROM file WHERE directory = ? AND name = ?", key[:2])
    cursor = database.execute(
        "INSERT INTO file (directory, name, stamp, broken) VALUES (?, ?, ?, ?)", (*key, contents is None)
    )
    if contents is None:
        return
    file = cursor.lastrowid
    database.executemany("INSERT INTO identifier VALUES (?, ?, ?, ?)", [(*row, file) for row in contents.identifiers])
    database.executemany("INSERT INTO resource VALUES (?, ?, ?)", [(*row, file) for row in contents.resources])
    database.executemany(
        "INSERT INTO appointment VALUES (?, ?, ?, ?, ?)",
        [(row.patient_id, row.start, row.id, row.status, file) for row in contents.appointments],
    )
