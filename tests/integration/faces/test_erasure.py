"""Where the bytes of a face lie before it is forgotten, and that they lie nowhere after."""

import gc
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from click.testing import CliRunner, Result

from kiosk import bootstrap
from kiosk.checkin.close_day import close_earlier_days
from kiosk.checkin.face_gallery import KeptGallery
from kiosk.checkin.withdraw import withdraw
from kiosk.cli.db import db
from kiosk.cli.faces import faces
from kiosk.live.clock import SystemClock
from kiosk.model.actor import SYSTEM
from kiosk.model.face import VECTOR_VALUES, FaceFeatures, FaceReference
from kiosk.settings import Settings, load_settings
from tests.contract.live.redis_server import RedisServer
from tests.support.one_clinic import ONE_CLINIC

pytestmark = pytest.mark.integration

MODEL = "sface-2021dec"
CLOCK = SystemClock("Asia/Ho_Chi_Minh")
HOLDER = Path(__file__).with_name("holder.py")
PEOPLE = 40


@dataclass(frozen=True)
class Traces:
    """The bytes of one person's face, in each form in which they lie anywhere."""

    wrapped_key: bytes
    ciphertext: bytes
    vector: bytes

    def found_in(self, content: bytes) -> list[str]:
        """A part is enough: a file may hold the whole in pieces."""
        parts = {"wrapped key": self.wrapped_key, "ciphertext": self.ciphertext, "vector": self.vector}
        return [name for name, whole in parts.items() if any(part in content for part in pieces(whole))]


def pieces(whole: bytes) -> list[bytes]:
    return [whole[start : start + 16] for start in range(0, len(whole) - 15, 16)]


class House:
    """A host with a database, a key store, Redis, and a station's index in a process of its own."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self.data, self.log = folder / "data", folder / "log"
        (folder / "credentials").mkdir()
        (folder / "credentials" / "face-master-key").write_text("ab" * 32, encoding="ascii")
        self.path = folder / "kiosk.toml"
        self.path.write_text(
            f'[paths]\ndata = "{self.data}"\nruntime = "{folder / "run"}"\ncredentials = "{folder / "credentials"}"\n'
            f'[redis]\nurl = "{redis_url}"\n{ONE_CLINIC}',
            encoding="utf-8",
        )
        self.settings: Settings = load_settings(self.path)
        self.run("upgrade")

    def run(self, *arguments: str) -> Result:
        group = faces if arguments[0] in faces.commands else db
        # storages of this test that nobody needs any more still have the database open
        gc.collect()
        result = CliRunner().invoke(group, arguments, obj=self.settings)
        assert result.exit_code == 0, result.output
        return result

    def enrol(self, count: int) -> dict[str, FaceFeatures]:
        drawn = np.random.default_rng().standard_normal((count, VECTOR_VALUES))
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        enrolled = {
            f"bn-{row}": FaceFeatures(MODEL, vector.astype("<f4").tobytes()) for row, vector in enumerate(drawn)
        }
        now = CLOCK.now()
        for patient_id, features in enrolled.items():
            with bootstrap.open_storage(self.settings).write() as work:
                reference = FaceReference(f"r-{patient_id}", patient_id, MODEL, now, ("staff:1",), now)
                work.faces.add(reference, features)
        return enrolled

    def traces(self, patient_id: str, features: FaceFeatures) -> Traces:
        with closing(sqlite3.connect(self.settings.face_keys_path)) as connection:
            query = "SELECT wrapped FROM face_keys WHERE reference_id = ?"
            wrapped = connection.execute(query, [f"r-{patient_id}"]).fetchone()[0]
        with closing(sqlite3.connect(self.data / "kiosk.sqlite")) as connection:
            query = "SELECT sealed FROM face_references WHERE patient_id = ?"
            ciphertext = connection.execute(query, [patient_id]).fetchone()[0]
        return Traces(wrapped, ciphertext, features.vector)

    def on_disk(self) -> bytes:
        """Databases with their journals, keys, settings and logs: all files of the host, but for its backups."""
        files = [path for path in self.path.parent.rglob("*") if path.is_file() and "backup" not in path.name]
        return b"\n".join(path.read_bytes() for path in files)

    @contextmanager
    def being_read(self) -> Iterator[None]:
        """Somebody looks at both databases as they are now, for long."""
        with (
            closing(sqlite3.connect(self.data / "kiosk.sqlite", isolation_level=None)) as rows,
            closing(sqlite3.connect(self.settings.face_keys_path, isolation_level=None)) as keys,
        ):
            for reader, query in ((rows, "SELECT * FROM face_references"), (keys, "SELECT * FROM face_keys")):
                reader.execute("BEGIN")
                reader.execute(query).fetchall()
            yield

    def finds(self, features: FaceFeatures) -> str | None:
        gallery = KeptGallery(bootstrap.open_storage(self.settings), CLOCK)
        gallery.refresh()
        candidates = gallery.search(features, limit=1).candidates
        return candidates[0].patient_id if candidates and candidates[0].score > 0.99 else None

    @contextmanager
    def station(self) -> Iterator["Holder"]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, HOLDER, self.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=Path(__file__).parents[3],
                env={"PYTHONPATH": "."},
            )
            with process:
                yield Holder(process)
                process.kill()


class Holder:
    """The process that holds the index."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def refresh(self) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def index(self) -> bytes:
        """What the kernel keeps out of core dumps and children: the index, and nothing else."""
        return b"".join(self._read(start, end) for start, end, flags in self._mappings() if {"dd", "dc"} <= flags)

    def _mappings(self) -> Iterator[tuple[int, int, set[str]]]:
        start = end = 0
        smaps = Path(f"/proc/{self._process.pid}/smaps").read_text(encoding="utf-8", errors="replace")
        for line in smaps.splitlines():
            first, *rest = line.split()
            if first == "VmFlags:":
                yield start, end, set(rest)
            elif not first.endswith(":"):
                start, end = (int(part, 16) for part in first.split("-"))

    def _read(self, start: int, end: int) -> bytes:
        with Path(f"/proc/{self._process.pid}/mem").open("rb", buffering=0) as memory:
            memory.seek(start)
            return memory.read(end - start)


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    # a short path: a unix socket's may have 107 bytes
    with TemporaryDirectory(prefix="kiosk-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


def all_of(server: RedisServer) -> bytes:
    with closing(server.client()) as client:
        client.save()
    files = [path for path in server.socket.parent.rglob("*") if path.is_file()]
    assert any(path.suffix == ".rdb" for path in files)
    return b"\n".join(path.read_bytes() for path in files)


@pytest.fixture
def house(tmp_path: Path, redis_server: RedisServer) -> House:
    return House(tmp_path, redis_server.url)


def test_after_a_withdrawal_no_part_of_the_face_is_left_anywhere(house: House, redis_server: RedisServer) -> None:
    enrolled = house.enrol(PEOPLE)
    gone, kept = house.traces("bn-7", enrolled["bn-7"]), house.traces("bn-8", enrolled["bn-8"])
    with house.station() as station:
        assert station.refresh() == PEOPLE
        assert gone.found_in(house.on_disk()) == ["wrapped key", "ciphertext"]
        assert gone.found_in(station.index()) == ["vector"]

        assert withdraw(bootstrap.open_services(house.settings), "bn-7", by=SYSTEM)
        assert station.refresh() == PEOPLE - 1

        assert gone.found_in(station.index()) == []
        assert kept.found_in(station.index()) == ["vector"]
    assert gone.found_in(house.on_disk()) == []
    assert kept.found_in(house.on_disk()) == ["wrapped key", "ciphertext"]
    assert gone.found_in(all_of(redis_server)) == []
    assert (house.finds(enrolled["bn-7"]), house.finds(enrolled["bn-8"])) == (None, "bn-8")


def test_who_reads_for_long_puts_off_the_end_of_a_withdrawal_and_does_not_prevent_it(house: House) -> None:
    enrolled = house.enrol(PEOPLE)
    gone, kept = house.traces("bn-7", enrolled["bn-7"]), house.traces("bn-8", enrolled["bn-8"])
    reception, deliver = bootstrap.open_services(house.settings), bootstrap.open_services(house.settings)
    close_earlier_days(deliver)
    with house.being_read():
        assert withdraw(reception, "bn-7", by=SYSTEM)
        close_earlier_days(deliver)
        assert gone.found_in(house.on_disk()) == ["wrapped key", "ciphertext"]

    close_earlier_days(deliver)

    assert gone.found_in(house.on_disk()) == []
    assert kept.found_in(house.on_disk()) == ["wrapped key", "ciphertext"]


def test_yesterday_s_backup_does_not_bring_the_person_back(house: House, tmp_path: Path) -> None:
    enrolled = house.enrol(PEOPLE)
    gone, backup = house.traces("bn-7", enrolled["bn-7"]), tmp_path / "backup.sqlite"
    house.run("backup", str(backup))
    assert gone.found_in(backup.read_bytes()) == ["ciphertext"], "the backup holds no key"
    house.run("forget", "bn-7")

    assert "1 faces" in house.run("restore", str(backup)).output

    assert gone.found_in(house.on_disk()) == []
    assert (house.finds(enrolled["bn-7"]), house.finds(enrolled["bn-8"])) == (None, "bn-8")


def test_a_backup_that_was_merely_copied_back_does_not_either(house: House, tmp_path: Path) -> None:
    """Before anybody is served: each process that opens the storage follows the tombstones first."""
    enrolled = house.enrol(PEOPLE)
    gone, backup = house.traces("bn-7", enrolled["bn-7"]), tmp_path / "backup.sqlite"
    house.run("backup", str(backup))
    house.run("forget", "bn-7")
    gc.collect()
    for name in ("kiosk.sqlite-wal", "kiosk.sqlite-shm"):
        (house.data / name).unlink(missing_ok=True)
    shutil.copy(backup, house.data / "kiosk.sqlite")
    assert gone.found_in(house.on_disk()) == ["ciphertext"]

    with bootstrap.open_storage(house.settings).read() as work:
        assert (work.faces.of_patient("bn-7"), work.faces.count()) == (None, PEOPLE - 1)

    assert gone.found_in(house.on_disk()) == []
    assert (house.finds(enrolled["bn-7"]), house.finds(enrolled["bn-8"])) == (None, "bn-8")


def test_a_backup_of_before_the_enrolment_takes_the_face_for_good(house: House, tmp_path: Path) -> None:
    before, after = tmp_path / "backup-before.sqlite", tmp_path / "backup-after.sqlite"
    house.run("backup", str(before))
    features = house.enrol(1)["bn-0"]
    house.run("backup", str(after))
    for backup in (before, after):
        house.run("restore", str(backup))
        assert house.finds(features) is None
