from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kiosk.live.memory_bus import MemoryBus
from kiosk.live.redis_bus import RedisBus
from kiosk.ports import Bus
from tests.contract.live.redis_server import RedisServer


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    # a short path: a unix socket's may have 107 bytes
    with TemporaryDirectory(prefix="kiosk-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def redis_bus(redis_server: RedisServer) -> Iterator[RedisBus]:
    with closing(RedisBus(redis_server.url)) as bus:
        yield bus


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def bus(request: pytest.FixtureRequest) -> Bus:
    if request.param == "memory":
        return MemoryBus()
    found: RedisBus = request.getfixturevalue("redis_bus")
    return found
