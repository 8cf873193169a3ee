"""Restores beside real processes, and restores that are killed: there is always one whole database."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest

from kiosk.storage.in_use import DatabaseLock
from tests.contract.live.redis_server import RedisServer
from tests.support.one_clinic import ONE_CLINIC
from tests.support.running_demo import free_port

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
STARTS_SECONDS = 40.0
SERVICES = (("web", "patient"), ("web", "staff"), ("station",), ("deliver",))


class Host:
    """A host with its settings and an empty database."""

    def __init__(self, folder: Path, redis: str) -> None:
        self.settings, self.data, self.backup = folder / "kiosk.toml", folder / "data", folder / "backup.sqlite"
        self.settings.write_text(
            f"[web]\npatient_port = {free_port()}\nstaff_port = {free_port()}\nmetrics_port = 0\n"
            f"[redis]\nurl = '{redis}'\n[paths]\ndata = '{self.data}'\nruntime = '{folder}'\n{ONE_CLINIC}",
            encoding="utf-8",
        )
        (self.data / "record").mkdir(parents=True)
        self.run("db", "upgrade")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "kiosk", "--settings", str(self.settings), *words]

    def run(self, *words: str, status: int = 0) -> str:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def service(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        log = (self.data.parent / "log").open("ab")
        with log, subprocess.Popen(self.command(*words), stdout=log, stderr=log, cwd=ROOT) as process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(20)

    @property
    def live(self) -> Path:
        return self.data / "kiosk.sqlite"

    def is_held(self) -> bool:
        return subprocess.run(["flock", "-xn", f"{self.live}.lock", "true"], check=False).returncode != 0

    def wait_until_held(self) -> None:
        ends = time.monotonic() + STARTS_SECONDS
        while not self.is_held():
            assert time.monotonic() < ends, (self.data.parent / "log").read_text(encoding="utf-8")
            time.sleep(0.1)


@pytest.fixture
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(Path(tmp_path_factory.mktemp("r", numbered=True)))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def host(tmp_path: Path, redis_server: RedisServer) -> Host:
    host = Host(tmp_path, redis_server.url)
    host.run("db", "backup", str(host.backup))
    return host


@pytest.mark.parametrize("service", SERVICES, ids=" ".join)
def test_it_is_refused_beside_each_service(host: Host, service: tuple[str, ...]) -> None:
    with host.service(*service):
        host.wait_until_held()
        said = host.run("db", "restore", str(host.backup), status=1)
        assert "the database is in use: stop the services first, `systemctl stop kiosk.target`" in said
        assert list(host.data.glob("*.replaced-*")) == []
    assert "restored" in host.run("db", "restore", str(host.backup))


def test_it_is_refused_while_a_worker_is_started_anew(host: Host) -> None:
    with host.service("web", "patient") as master:
        host.wait_until_held()
        for _ in range(3):
            for child in children(master.pid):
                os.kill(child, signal.SIGKILL)
            assert host.is_held()
            time.sleep(0.2)


def test_a_service_that_starts_meanwhile_waits_and_is_then_told(host: Host) -> None:
    with DatabaseLock(host.live, alone=True):
        began = time.monotonic()
        said = host.run("deliver", "--once", status=1)
        assert "the database is being restored: start again when `kiosk db restore` has ended" in said
        assert time.monotonic() - began > 4, "it waited"
    host.run("deliver", "--once")


def test_a_service_that_starts_near_the_end_of_a_restore_goes_on(host: Host) -> None:
    lock = DatabaseLock(host.live, alone=True)
    with subprocess.Popen(host.command("deliver", "--once"), cwd=ROOT) as starting:
        time.sleep(3)
        lock.close()
        assert starting.wait(20) == 0


def test_a_restore_that_is_killed_anywhere_leaves_the_old_or_the_new_database(host: Host) -> None:
    mark(host.live, "old")
    mark(host.backup, "new")
    kills = {"old": 0, "new": 0}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.restore.restoring", str(host.live), str(host.backup)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdin
        assert process.stdout
        for n in count(1):
            mark(host.live, "old")
            process.stdin.write(f"{n}\n")
            process.stdin.flush()
            answer = process.stdout.readline().strip()
            now = marked(host.live)
            assert now in kills
            assert not host.is_held()
            if answer != "killed":
                break
            kills[now] += 1
            if now == "new":
                assert any(marked(path) == "old" for path in host.data.glob("*.replaced-*Z")), "the old one is kept"
        process.stdin.close()
    assert (answer.startswith("finished"), now) == (True, "new")
    assert kills["old"] > 10
    assert kills["new"] > 0
    assert list(host.data.glob("*.restoring*")) == [], "the next restore clears what the killed ones left"
    print(f"\nrestore: killed at {n - 1} touches; left old, new: {kills}")  # noqa: T201 # asked for


def test_a_backup_on_a_full_disk_leaves_nothing_behind(host: Host) -> None:
    target = host.data.parent / "full" / "copy.sqlite"
    target.parent.mkdir()
    limited = f"ulimit -f 64; exec {' '.join(host.command('db', 'backup', str(target)))}"
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, "the copy failed" in done.stderr) == (1, True), done.stderr
    assert list(target.parent.iterdir()) == []

    host.run("db", "backup", str(target))

    assert [path.name for path in target.parent.iterdir()] == ["copy.sqlite"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert "overwrites nothing" in host.run("db", "backup", str(target), status=1)


def test_a_backup_that_is_killed_is_no_backup(host: Host) -> None:
    """The name comes last: an hourly job never counts half a copy."""
    target = host.data.parent / "killed.sqlite"
    for delay in (0.6, 0.8, 1.0, 1.2, 1.4):
        with subprocess.Popen(host.command("db", "backup", str(target)), cwd=ROOT) as process:
            time.sleep(delay)
            process.kill()
        if target.exists():
            assert marked(target) is None
            target.unlink()


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def mark(path: Path, word: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS mark (word TEXT)")
        connection.execute("DELETE FROM mark")
        connection.execute("INSERT INTO mark VALUES (?)", [word])


def marked(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        found = connection.execute("SELECT name FROM sqlite_master WHERE name = 'mark'").fetchone()
        return str(connection.execute("SELECT word FROM mark").fetchone()[0]) if found else None
