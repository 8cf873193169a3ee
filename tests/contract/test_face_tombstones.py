"""What a crash, or a restored backup, leaves of references and keys, and how a start cleans it up."""

import secrets
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from kiosk.errors import ConfigurationError
from kiosk.model.face import VECTOR_BYTES, FaceFeatures, FaceReference
from kiosk.storage.audit_chain import verify
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.face_tombstones import Replayed, replay
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

MODEL = "sface-2021dec"
OLD, NEW = Seal(b"o" * 32), Seal(b"n" * 32)

Open = Callable[..., FaceKeys]

CRASH = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from kiosk.model.face import FaceFeatures, FaceReference
from kiosk.storage.engine import open_engine
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

url, path, what, when = sys.argv[1:]


class Falls(FaceKeys):
    # the power fails right before, or right after, the keys are changed
    def put(self, keys):
        self._fail("before")
        super().put(keys)
        self._fail("after")

    def bury(self, reference_ids, at):
        self._fail("before")
        super().bury(reference_ids, at)
        self._fail("after")

    def _fail(self, now):
        if now == when:
            os.kill(os.getpid(), signal.SIGKILL)


storage = SqlStorage(open_engine(url), face_keys=Falls(Path(path), [Seal(b"o" * 32)]))
now = datetime.now(UTC)
with storage.write() as work:
    if what == "enrol":
        reference = FaceReference("r-2", "bn-2", "sface-2021dec", now, ("staff:1",), now)
        work.faces.add(reference, FaceFeatures("sface-2021dec", bytes(512)))
    else:
        work.faces.forget("bn-1", now)
"""

CRASH_OF_REWRAP = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.pool import Pool
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.sealing import Seal

keys = FaceKeys(Path(sys.argv[1]), [Seal(b"o" * 32)])
# the power fails when the change is committed
event.listen(Pool, "checkin", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
keys.rewrap(Seal(b"n" * 32))
"""


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "face-keys.sqlite"


@pytest.fixture
def open_keys(key_file: Path) -> Iterator[Open]:
    opened: list[FaceKeys] = []

    def open_them(*masters: Seal, path: Path = key_file) -> FaceKeys:
        opened.append(FaceKeys(path, masters or [OLD]))
        return opened[-1]

    yield open_them
    for keys in opened:
        keys.close()


def enrol(engine: Engine, keys: FaceKeys, name: str, now: datetime) -> FaceFeatures:
    features = FaceFeatures(MODEL, secrets.token_bytes(VECTOR_BYTES))
    with SqlStorage(engine, face_keys=keys).write() as work:
        work.faces.add(FaceReference(f"r-{name}", f"bn-{name}", MODEL, now, ("staff:1",), now), features)
    return features


def opens(engine: Engine, keys: FaceKeys) -> list[str]:
    with SqlStorage(engine, face_keys=keys).read() as work:
        return [reference.id for reference, _ in work.faces.all()]


def test_the_key_store_is_readable_by_its_user_only(open_keys: Open, key_file: Path) -> None:
    open_keys()
    assert key_file.stat().st_mode & 0o077 == 0
    assert key_file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["enrol", "withdraw"])
def test_a_crash_at_the_keys_leaves_all_or_nothing_after_the_next_start(
    url: str, engine: Engine, open_keys: Open, key_file: Path, now: datetime, what: str, when: str
) -> None:
    keys = open_keys()
    enrol(engine, keys, "1", now)
    fallen = subprocess.run([sys.executable, "-c", CRASH, url, str(key_file), what, when], check=False)
    assert fallen.returncode == -signal.SIGKILL

    found = replay(engine, keys)

    withdrawn = (what, when) == ("withdraw", "after")
    assert opens(engine, keys) == ([] if withdrawn else ["r-1"])
    assert keys.held() == (set() if withdrawn else {"r-1"})
    assert bool(found) == (when == "after")
    assert not replay(engine, keys)


def test_a_restored_row_of_somebody_withdrawn_is_deleted_and_its_key_is_gone(
    engine: Engine, open_keys: Open, now: datetime
) -> None:
    keys, storage = open_keys(), SqlStorage(engine, face_keys=open_keys())
    enrol(engine, keys, "1", now)
    enrol(engine, keys, "2", now)
    with engine.begin() as connection:
        row = connection.execute(text("SELECT * FROM face_references WHERE id = 'r-1'")).mappings().one()
        yesterday = {str(name): value for name, value in row.items()}
    with storage.write() as work:
        work.faces.forget("bn-1", now)
    with engine.begin() as connection:
        names = ", ".join(yesterday)
        values = ", ".join(f":{name}" for name in yesterday)
        connection.execute(text(f"INSERT INTO face_references ({names}) VALUES ({values})"), yesterday)  # noqa: S608 # a table's own names
    assert opens(engine, keys) == ["r-2"]

    assert replay(engine, keys) == Replayed(frozenset({"r-1"}), frozenset(), frozenset())

    with storage.read() as work:
        assert (work.faces.of_patient("bn-1"), work.faces.count()) == (None, 1)
        rows = list(work.audit.rows())
    assert (rows[-1].action, rows[-1].detail["withdrawn"]) == ("clean_faces", "1")
    assert verify(rows).intact


def test_a_backup_older_than_an_enrolment_takes_its_key_for_good(
    engine: Engine, open_keys: Open, now: datetime
) -> None:
    keys = open_keys()
    enrol(engine, keys, "1", now)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM face_references"))

    assert replay(engine, keys).keys == {"r-1"}
    assert (keys.held(), keys.buried()) == (set(), {"r-1"})


def test_a_row_that_lost_its_key_is_deleted_so_that_the_patient_can_be_enrolled_again(
    engine: Engine, open_keys: Open, key_file: Path, now: datetime
) -> None:
    keys = open_keys()
    enrol(engine, keys, "1", now)
    with closing(sqlite3.connect(key_file)) as connection, connection:
        connection.execute("DELETE FROM face_keys")

    assert replay(engine, keys).unopenable == {"r-1"}

    with SqlStorage(engine, face_keys=keys).write() as work:
        assert work.faces.of_patient("bn-1") is None
        again = FaceReference("r-again", "bn-1", MODEL, now, ("staff:1",), now)
        work.faces.add(again, FaceFeatures(MODEL, bytes(VECTOR_BYTES)))
    assert opens(engine, keys) == ["r-again"]


def test_rows_of_another_host_s_key_store_are_left_alone(
    engine: Engine, open_keys: Open, key_file: Path, now: datetime
) -> None:
    keys, other = open_keys(), open_keys(path=key_file.with_name("other.sqlite"))
    enrol(engine, keys, "1", now)
    assert not replay(engine, other)
    assert (opens(engine, keys), opens(engine, other)) == (["r-1"], [])


def test_a_new_master_key_opens_what_the_old_one_sealed(engine: Engine, open_keys: Open, now: datetime) -> None:
    keys = open_keys(OLD)
    features = enrol(engine, keys, "1", now)

    assert keys.rewrap(NEW) == 1
    assert keys.rewrap(NEW) == 0, "a repeat changes nothing"

    assert (keys.master(), opens(engine, keys)) == (None, [])
    for after in (open_keys(NEW), open_keys(OLD, NEW)):
        with SqlStorage(engine, face_keys=after).read() as work:
            assert work.faces.features("r-1") == features


def test_a_crash_after_the_master_key_was_changed_leaves_old_wrapped_keys_until_the_repeat(
    engine: Engine, open_keys: Open, key_file: Path, now: datetime
) -> None:
    keys = open_keys(OLD)
    enrol(engine, keys, "1", now)
    with closing(sqlite3.connect(key_file)) as connection:
        wrapped = connection.execute("SELECT wrapped FROM face_keys").fetchone()[0]
    fallen = subprocess.run([sys.executable, "-c", CRASH_OF_REWRAP, str(key_file)], check=False)
    assert fallen.returncode == -signal.SIGKILL
    assert wrapped in b"".join(path.read_bytes() for path in key_file.parent.iterdir())

    assert keys.rewrap(NEW) == 0

    assert wrapped not in b"".join(path.read_bytes() for path in key_file.parent.iterdir())


def test_another_master_key_opens_nothing_and_seals_nothing(engine: Engine, open_keys: Open, now: datetime) -> None:
    enrol(engine, open_keys(OLD), "1", now)
    wrong = open_keys(NEW)
    assert (wrong.master(), opens(engine, wrong)) == (None, [])
    with pytest.raises(ConfigurationError):
        enrol(engine, wrong, "2", now)
    with pytest.raises(ConfigurationError):
        wrong.rewrap(Seal(b"z" * 32))
    assert not replay(engine, wrong)


def test_a_change_of_the_master_key_that_fails_leaves_all_keys_as_they_were(
    engine: Engine, open_keys: Open, key_file: Path, now: datetime
) -> None:
    keys = open_keys(OLD)
    enrol(engine, keys, "1", now)
    enrol(engine, keys, "2", now)
    with closing(sqlite3.connect(key_file)) as connection, connection:
        connection.execute("UPDATE face_keys SET wrapped = x'00' WHERE reference_id = 'r-2'")

    with pytest.raises(ConfigurationError, match="nothing was changed"):
        keys.rewrap(NEW)

    assert opens(engine, keys) == ["r-1"]
