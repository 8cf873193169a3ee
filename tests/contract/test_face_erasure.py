"""What a withdrawal leaves in the logs where a reader was in the way, or a crash came first, and how it goes."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from kiosk.checkin.face_gallery import KeptGallery
from kiosk.live.clock import SystemClock
from kiosk.model.face import VECTOR_BYTES, VECTOR_VALUES, FaceFeatures, FaceReference
from kiosk.storage.engine import open_engine
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.face_tombstones import replay
from kiosk.storage.migrations import upgrade
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

MODEL = "sface-2021dec"

CRASH = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
from kiosk.storage.engine import open_engine
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

url, path, where = sys.argv[1:]


class Falls(FaceKeys):
    # the power fails when the keys are deleted, and not yet scrubbed
    def bury(self, reference_ids, at):
        if where == "keys":
            event.listen(self._engine, "checkin", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        super().bury(reference_ids, at)


engine = open_engine(url)
storage = SqlStorage(engine, face_keys=Falls(Path(path), [Seal(b"o" * 32)]))
if where == "database":
    # or when the deletion of the row is committed
    event.listen(engine, "checkin", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
with storage.write() as work:
    work.faces.forget("bn-1", datetime.now(UTC))
"""


@dataclass(frozen=True)
class Host:
    """A database and a key store in which one person's face lies, and what each has of it."""

    folder: Path
    engine: Engine
    keys: FaceKeys
    wrapped: bytes
    ciphertext: bytes

    @property
    def database(self) -> Path:
        return self.folder / "kiosk.sqlite"

    @property
    def key_file(self) -> Path:
        return self.folder / "keys" / "face-keys.sqlite"

    def left(self) -> list[str]:
        """What is found in the files and their logs; a part is enough."""
        content = b"\n".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())
        parts = {"wrapped key": self.wrapped, "ciphertext": self.ciphertext}
        return [name for name, whole in parts.items() if any(piece in content for piece in pieces(whole))]

    @contextmanager
    def being_read(self) -> Iterator[None]:
        """Somebody looks at both databases as they are now, for long."""
        with ExitStack() as readers:
            for path, table in ((self.database, "face_references"), (self.key_file, "face_keys")):
                reader = readers.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
                reader.execute("BEGIN")
                reader.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 # names of the test's own
            yield


def pieces(whole: bytes) -> list[bytes]:
    return [whole[start : start + 16] for start in range(0, len(whole) - 15, 16)]


@pytest.fixture
def open_keys(tmp_path: Path) -> Iterator[Callable[[], FaceKeys]]:
    opened: list[FaceKeys] = []

    def open_them() -> FaceKeys:
        opened.append(FaceKeys(tmp_path / "keys" / "face-keys.sqlite", [Seal(b"o" * 32)]))
        return opened[-1]

    yield open_them
    for keys in opened:
        keys.close()


@pytest.fixture
def host(tmp_path: Path, now: datetime, open_keys: Callable[[], FaceKeys]) -> Iterator[Host]:
    engine, keys = open_engine(f"sqlite:///{tmp_path / 'kiosk.sqlite'}"), open_keys()
    upgrade(engine)
    with SqlStorage(engine, face_keys=keys).write() as work:
        drawn = np.random.default_rng().standard_normal(VECTOR_VALUES)
        features = FaceFeatures(MODEL, (drawn / np.linalg.norm(drawn)).astype("<f4").tobytes())
        work.faces.add(FaceReference("r-1", "bn-1", MODEL, now, ("staff:1",), now), features)
    with closing(sqlite3.connect(tmp_path / "keys" / "face-keys.sqlite")) as connection:
        wrapped = connection.execute("SELECT wrapped FROM face_keys").fetchone()[0]
    with closing(sqlite3.connect(tmp_path / "kiosk.sqlite")) as connection:
        ciphertext = connection.execute("SELECT sealed FROM face_references").fetchone()[0]
    yield Host(tmp_path, engine, keys, wrapped, ciphertext)
    engine.dispose()


def forget(host: Host, now: datetime) -> None:
    with SqlStorage(host.engine, face_keys=host.keys).write() as work:
        assert work.faces.forget("bn-1", now)


def test_what_a_reader_kept_in_the_logs_goes_as_soon_as_another_process_finishes_it(host: Host, now: datetime) -> None:
    deliver = SqlStorage(host.engine, face_keys=host.keys)
    deliver.finish_erasure()
    with host.being_read():
        forget(host, now)
        deliver.finish_erasure()
        assert host.left() == ["wrapped key", "ciphertext"]

    deliver.finish_erasure()

    assert host.left() == []


def test_a_station_that_buries_a_key_gets_it_out_of_the_log_when_the_reader_ends(host: Host, now: datetime) -> None:
    """Whoever forgot the row, and the deliver process, may have been there before the first key was."""
    gallery = KeptGallery(SqlStorage(host.engine, face_keys=host.keys), SystemClock("Asia/Ho_Chi_Minh"))
    gallery.refresh()
    with host.being_read():
        with SqlStorage(host.engine).write() as work:
            assert work.faces.forget("bn-1", now)
        gallery.refresh()
        assert host.left() == ["wrapped key", "ciphertext"]

    gallery.refresh()

    assert host.left() == []


def test_what_a_reader_kept_in_the_logs_goes_at_the_next_start(
    host: Host, now: datetime, open_keys: Callable[[], FaceKeys]
) -> None:
    with host.being_read():
        forget(host, now)
    assert host.left() == ["wrapped key", "ciphertext"]

    assert not replay(host.engine, open_keys()), "there is nothing to clean but the logs"

    assert host.left() == []


def test_whoever_finishes_does_not_wait_for_a_reader_and_holds_up_no_check_in(host: Host, now: datetime) -> None:
    deliver = SqlStorage(host.engine, face_keys=host.keys)
    with host.being_read():
        forget(host, now)
        before = datetime.now(now.tzinfo)
        for _ in range(20):
            deliver.finish_erasure()
        assert (datetime.now(now.tzinfo) - before).total_seconds() < 1


def crash(host: Host, where: str) -> None:
    url = f"sqlite:///{host.database}"
    fallen = subprocess.run([sys.executable, "-c", CRASH, url, str(host.key_file), where], check=False)
    assert fallen.returncode == -signal.SIGKILL


def test_what_a_crash_right_after_the_commit_left_in_the_log_goes_at_the_next_start(
    host: Host, open_keys: Callable[[], FaceKeys]
) -> None:
    crash(host, "database")
    assert host.left() == ["ciphertext"]

    assert not replay(host.engine, open_keys()), "there is nothing to clean but the log"

    assert host.left() == []


def test_what_a_crash_right_after_the_keys_were_deleted_left_goes_at_the_next_start(
    host: Host, open_keys: Callable[[], FaceKeys]
) -> None:
    crash(host, "keys")
    assert host.left() == ["wrapped key", "ciphertext"]

    keys = open_keys()
    assert host.left() == ["ciphertext"], "whoever opens the key store rids it of what was deleted"
    assert replay(host.engine, keys).withdrawn == {"r-1"}

    assert host.left() == []


@pytest.mark.parametrize("where", ["database", "keys"])
def test_what_a_crash_left_in_a_log_goes_without_any_start_where_a_process_lives_on(host: Host, where: str) -> None:
    deliver = SqlStorage(host.engine, face_keys=host.keys)
    deliver.finish_erasure()
    crash(host, where)

    deliver.finish_erasure()

    assert "wrapped key" not in host.left()
    assert host.left() == ([] if where == "database" else ["ciphertext"]), "a row that is still there is no remains"


def test_a_database_that_went_back_to_an_earlier_day_is_finished_too(host: Host, now: datetime) -> None:
    deliver = SqlStorage(host.engine, face_keys=host.keys)
    with deliver.write() as work:
        for number in range(2, 5):
            later = FaceReference(f"r-{number}", f"bn-{number}", MODEL, now, ("staff:1",), now)
            work.faces.add(later, FaceFeatures(MODEL, bytes(VECTOR_BYTES)))
            work.faces.forget(f"bn-{number}", now)
    deliver.finish_erasure()
    with host.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM face_changes WHERE reference_id <> 'r-1'")
    with host.being_read():
        forget(host, now)
    assert host.left() == ["wrapped key", "ciphertext"]

    deliver.finish_erasure()

    assert host.left() == []
