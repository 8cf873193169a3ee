"""The demo's Redis comes up on whatever a power cut left in its folder."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis, RedisError

from kiosk.demo.supervisor import Demo, redis_command

pytestmark = pytest.mark.integration

TORN = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n" + bytes(512)
"""An order, and the NULs that a file system leaves where it had made room and written nothing."""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    # a short path: a unix socket's may have 107 bytes
    with tempfile.TemporaryDirectory(prefix="kiosk-") as runtime:
        yield Demo(tmp_path, Path(runtime), 0, 0)


def leave(folder: Path) -> None:
    """What earlier settings wrote, torn."""
    journal = folder / "appendonlydir"
    journal.mkdir(parents=True)
    (journal / "appendonly.aof.manifest").write_text("file appendonly.aof.1.incr.aof seq 1 type i\n", encoding="ascii")
    (journal / "appendonly.aof.1.incr.aof").write_bytes(TORN)
    (folder / "dump.rdb").write_bytes(b"REDIS0011" + bytes(64))


def answers(socket: Path, within: float = 15) -> bool:
    ends = time.monotonic() + within
    with closing(Redis(unix_socket_path=str(socket))) as client:
        while time.monotonic() < ends:
            try:
                return bool(client.ping())
            except RedisError:
                time.sleep(0.05)
    return False


def test_it_starts_on_torn_files_and_leaves_none_behind(demo: Demo) -> None:
    folder = demo.data / "redis"
    leave(folder)
    server = subprocess.Popen(redis_command(demo), stdout=subprocess.DEVNULL)
    socket = demo.runtime / "redis.sock"
    try:
        assert answers(socket)
        with closing(Redis(unix_socket_path=str(socket))) as client:
            client.xadd("events", {"kind": "arrived"})
    finally:
        server.terminate()
        server.wait(10)
    assert list(folder.iterdir()) == []
