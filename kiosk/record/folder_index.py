"""Which file of the folder holds what: one SQLite file, derived from the bundles, shared by all processes.

The bundles are the truth and the index only says where to look. A folder is listed again when its time changed, and of
its files only those are read whose time, size or inode changed. A folder's time tells of files that come, go or are
replaced; a file that somebody rewrites in place is noticed when it is read for a patient, or by a rebuild.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import RecordUnreachable
from kiosk.model.identity import Identifier
from kiosk.record.folder_files import locked, stamp_of
from kiosk.record.folder_scan import listing, reconcile
from kiosk.record.folder_schema import prepare
from kiosk.record.mapping import match_key

Progress = Callable[[int, int], None]
"""Called with how many files are done, and how many there are."""

_SETTLED_NS = 50_000_000
"""A folder changed less than this ago may change again within one tick of its clock: it is listed once more."""
_BUSY_SECONDS = 4.0
_STEP_SECONDS = 0.5
"""Files are read for so long in one transaction: other processes, which wait to write, come between two."""


class FolderIndex:
    """The index of one folder, for all threads of a process. A process makes its own after it was forked.

    Args:
        folder: where the bundles lie.
        database: the SQLite file.
        patience_seconds: so long a look-up reads what changed, or waits for another that does. The next one goes on.

    Raises:
        RecordUnreachable: from any method, when folder or index cannot be read; from a look-up, when too much changed.
    """

    def __init__(self, folder: Path, database: Path, patience_seconds: float) -> None:
        self._folder = folder
        self._database = database
        self._patience = patience_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._clean: dict[str, int] = {}
        self._distrusted: set[str] = set()
        self._subfolders: tuple[int, tuple[str, ...]] = (-1, ())

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def with_identifier(self, identifier: Identifier) -> Sequence[tuple[Path, str]]:
        """Files that hold a patient with this identifier, and that patient's id."""
        return self._find(
            "SELECT DISTINCT directory, name, patient FROM identifier JOIN file ON file.id = file"
            " WHERE system = ? AND value = ? ORDER BY directory, name, patient",
            (str(identifier.system), match_key(identifier)),
        )

    def with_resource(self, kind: str, resource_id: str) -> Sequence[Path]:
        """Files that hold this Patient, this Appointment, or this Encounter of a check-in."""
        found = self._find(
            "SELECT DISTINCT directory, name, resource.id FROM resource JOIN file ON file.id = file"
            " WHERE resource.id = ? AND kind = ? ORDER BY directory, name",
            (resource_id, kind),
        )
        return [path for path, _ in found]

    def of_kind(self, kind: str) -> Sequence[Path]:
        """Files that hold any Patient, any Appointment, or any Encounter of a check-in."""
        found = self._find(
            "SELECT DISTINCT directory, name, kind FROM resource JOIN file ON file.id = file WHERE kind = ?"
            " ORDER BY directory, name",
            (kind,),
        )
        return [path for path, _ in found]

    def with_appointments(self, patient_id: str, start: float, end: float) -> Sequence[tuple[Path, str]]:
        """Files that hold appointments of this patient from `start` to before `end`, and the appointments' ids."""
        return self._find(
            "SELECT DISTINCT directory, name, appointment.id FROM appointment JOIN file ON file.id = file"
            " WHERE patient = ? AND start >= ? AND start < ? ORDER BY directory, name",
            (patient_id, start, end),
        )

    def expected(self, start: float, end: float) -> frozenset[str]:
        """The patients with a booked appointment from `start` to before `end`."""
        with self._current():
            rows = self._open().execute(
                "SELECT DISTINCT patient FROM appointment WHERE start >= ? AND start < ? AND status = 'booked'",
                (start, end),
            )
            return frozenset(row[0] for row in rows)

    def problems(self) -> int:
        """How many files are no readable bundle."""
        return len(self._find("SELECT directory, name, name FROM file WHERE broken", ()))

    def was_read(self, path: Path, stamp: str) -> None:
        """A file was read at that stamp: if it was indexed at another, its folder is listed before the next answer."""
        directory = self._directory(path)
        with self._turn(time.monotonic() + self._patience):
            query = "SELECT stamp FROM file WHERE directory = ? AND name = ?"
            row = self._open().execute(query, (directory, path.name)).fetchone()
            if row != (stamp,):
                self._distrusted.add(directory)

    def check(self) -> None:
        """Return if a look-up would be answered."""
        with self._current():
            pass

    def refresh(self, progress: Progress | None = None, *, rebuild: bool = False) -> None:
        """Bring the index up to date, however long it takes.

        Args:
            progress: told of each file read; the first time, that is every file.
            rebuild: read every file again, changed or not.
        """
        with self._turn(None):
            if rebuild:
                self._distrust_all()
            self._refresh(None, progress)

    @contextmanager
    def _current(self) -> Iterator[None]:
        """A look-up's turn at an index that is up to date: an older one might know nobody where there is somebody."""
        until = time.monotonic() + self._patience
        with self._turn(until):
            self._refresh(until)
            yield

    @contextmanager
    def _turn(self, until: float | None) -> Iterator[None]:
        if not self._lock.acquire(timeout=-1 if until is None else max(0.0, until - time.monotonic())):
            raise RecordUnreachable("the record folder changed and is still being read")
        try:
            with self._errors():
                yield
        finally:
            self._lock.release()

    def _refresh(self, until: float | None, progress: Progress | None = None) -> None:
        self._distrust_mended_files()
        folders = self._folders()
        stale = [(name, mtime) for name, mtime in folders.items() if not self._is_clean(name, mtime)]
        if not stale:
            return
        total = sum(len(listing(self._folder / name)) for name, _ in stale) if progress else 0
        counter = _Counter(progress, total)
        while stale:
            step_ends = time.monotonic() + _STEP_SECONDS
            if self._scan(*stale[-1], counter, step_ends if until is None else min(step_ends, until)):
                stale.pop()
            if stale and until is not None and time.monotonic() > until:
                raise RecordUnreachable("the record folder changed and is still being read")
        self._forget_folders_but(folders)

    def _distrust_all(self) -> None:
        self._clean.clear()
        with self._writing() as database:
            database.execute("UPDATE file SET stamp = ''")
            database.execute("UPDATE directory SET mtime_ns = -1")

    def _find(self, query: str, values: tuple[object, ...]) -> list[tuple[Path, str]]:
        with self._current():
            rows = self._open().execute(query, values).fetchall()
        return [(self._folder / directory / name, found) for directory, name, found in rows]

    def _directory(self, path: Path) -> str:
        return "" if path.parent == self._folder else path.parent.name

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise RecordUnreachable(f"the index of the record folder cannot be used: {error}") from error
        except OSError as error:
            raise RecordUnreachable(f"the record folder cannot be read: {error.strerror}") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            with locked(self._database.with_suffix(".lock")):
                # it holds everybody's numbers; its companions get the same mode
                self._database.touch(0o600)
                connection = sqlite3.connect(
                    self._database, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
                )
                try:
                    prepare(connection)
                except sqlite3.Error:
                    connection.close()
                    raise
            self._connection = connection
        return self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        # commits at the end of the block, rolls back on any exception
        with connection:
            yield connection

    def _distrust_mended_files(self) -> None:
        """A file that was broken may only have been half written: its folder's time does not tell when it is whole."""
        for directory, name, then in self._open().execute("SELECT directory, name, stamp FROM file WHERE broken"):
            if stamp_of(self._folder / directory / name) != then:
                self._distrusted.add(directory)

    def _folders(self) -> dict[str, int]:
        """The folder itself (empty name) and its sub-folders, each with its time of change."""
        own = self._folder.stat().st_mtime_ns
        if self._subfolders[0] != own:
            with os.scandir(self._folder) as found:
                names = tuple(entry.name for entry in found if not entry.name.startswith(".") and entry.is_dir())
            self._subfolders = (own if _is_settled(own) else -1, names)
        root = str(self._folder)
        # once for each look-up: with paths instead of strings this takes three times as long
        return {"": own} | {name: os.stat(f"{root}/{name}").st_mtime_ns for name in self._subfolders[1]}  # noqa: PTH116 # the same

    def _is_clean(self, name: str, mtime: int) -> bool:
        return self._clean.get(name) == mtime and name not in self._distrusted

    def _scan(self, name: str, mtime: int, counter: "_Counter", until: float) -> bool:
        """Bring the rows of one folder up to date, unless another process did already; False when time ran out."""
        settled = _is_settled(mtime)
        with self._writing() as database:
            row = database.execute("SELECT mtime_ns FROM directory WHERE path = ?", (name,)).fetchone()
            if (name in self._distrusted or row != (mtime,)) and not reconcile(
                database, self._folder / name, name, counter.add, until
            ):
                return False
            if row != (mtime,):
                database.execute("REPLACE INTO directory VALUES (?, ?)", (name, mtime if settled else -1))
        self._distrusted.discard(name)
        self._clean[name] = mtime if settled else -1
        return True

    def _forget_folders_but(self, folders: dict[str, int]) -> None:
        with self._writing() as database:
            known = {str(row[0]) for row in database.execute("SELECT path FROM directory")}
            for name in known - folders.keys():
                database.execute("DELETE FROM file WHERE directory = ?", (name,))
                database.execute("DELETE FROM directory WHERE path = ?", (name,))


def _is_settled(mtime_ns: int) -> bool:
    return time.time_ns() - mtime_ns > _SETTLED_NS


class _Counter:
    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def add(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, self._total)
