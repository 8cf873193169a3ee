"""`/readyz` of the real staff's listener, where suddenly nothing can be written any more."""

import json
import os
import resource
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.integration.web.test_staff_listener import answer, serving, settings
from tests.support.running_demo import free_port

pytestmark = pytest.mark.integration

NOTICED_WITHIN = 60
"""Seconds, on a busy host; a write is tried every five."""


def readiness(port: int) -> tuple[int, dict[str, str]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=60) as page:
            return page.status, json.load(page)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def comes(port: int, status: int, state: str) -> bool:
    ends = time.monotonic() + NOTICED_WITHIN
    while time.monotonic() < ends:
        found = readiness(port)
        if (found[0], found[1]["database"]) == (status, state):
            return True
        time.sleep(0.5)
    return False


def worker_of(process: subprocess.Popen[str]) -> int:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return int(listed.split()[0])


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "kiosk-test", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_database_that_takes_no_write_is_not_ready_until_it_does(tmp_path: Path) -> None:
    port = free_port()
    with serving(settings(tmp_path, port, "127.0.0.1")) as process:
        answer(f"http://127.0.0.1:{port}/healthz")
        assert comes(port, 200, "ok")
        worker = worker_of(process)
        _, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        # every file of the process is full; what is there can still be read
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, hard))
        assert comes(port, 503, "down")
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (hard, hard))
        assert comes(port, 200, "ok")


def can_mount(folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    try:
        with small_disk(folder):
            return True
    except subprocess.CalledProcessError:
        return False


def test_a_full_disk_is_not_ready_until_there_is_room(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    if not can_mount(folder):
        # the test above asks the same of a process whose files may not grow
        request.node.warn(pytest.PytestWarning("no file system can be mounted here"))
        return
    port = free_port()
    with small_disk(folder), serving(settings(tmp_path, port, "127.0.0.1")):
        answer(f"http://127.0.0.1:{port}/healthz")
        assert comes(port, 200, "ok")
        assert readiness(port)[1]["space"] == "low"
        fill(folder / "filler")
        assert comes(port, 503, "down")
        (folder / "filler").unlink()
        assert comes(port, 200, "ok")


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as filler:
        for size in (1024 * 1024, 4096, 1):
            with suppress(OSError):
                while filler.write(bytes(size)):
                    pass
