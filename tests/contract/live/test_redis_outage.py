"""Redis stopped, hanging, restarted or full of strangers' entries."""

import json
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.errors import BusUnreachable, ConfigurationError
from kiosk.live.redis_bus import COMMANDS, EVENTS, LIMIT, STATION, RedisBus
from kiosk.model.events import Command, CommandKind, DeviceState, Event, EventKind, StationHealth
from tests.contract.live.redis_server import RedisServer

pytestmark = pytest.mark.integration

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
ARRIVED = Event(7, EventKind.ARRIVED, "c-7", "noi-tiet", "kiosk-1", NOON)
PRINT = Command(CommandKind.PRINT, "c-7")
HEALTH = StationHealth("kiosk-1", NOON, {"camera": DeviceState.WORKING})


def fails(call: Callable[[], object]) -> None:
    """However long Redis is away."""
    with pytest.raises(BusUnreachable):
        call()


def calls(bus: RedisBus) -> list[Callable[[], object]]:
    return [
        lambda: bus.publish([ARRIVED]),
        bus.last_event,
        lambda: bus.events("0-0", 200),
        lambda: bus.command("kiosk-1", PRINT),
        lambda: bus.last_command("kiosk-1"),
        lambda: bus.commands("kiosk-1", "0-0", 200),
        lambda: bus.beat(HEALTH, timedelta(seconds=6)),
        bus.stations,
        lambda: bus.allow("key", 1, timedelta(seconds=6)),
    ]


def test_a_killed_redis_is_reported_at_once_by_every_call_and_used_again_after_its_restart(
    redis_server: RedisServer, redis_bus: RedisBus
) -> None:
    for call in calls(redis_bus):
        call()
    redis_server.kill()
    for call in calls(redis_bus):
        fails(call)
    redis_server.start()
    for call in calls(redis_bus):
        call()


def test_after_a_crash_nothing_is_there_and_what_comes_then_is_read_from_where_one_was(
    redis_server: RedisServer, redis_bus: RedisBus
) -> None:
    redis_bus.publish([ARRIVED])
    seen = redis_bus.last_event()
    redis_server.kill()
    redis_server.start()
    assert redis_bus.last_event() == "0-0"
    redis_bus.publish([ARRIVED])
    assert len(redis_bus.events(seen, 0)) == 1


def test_a_reader_that_waits_is_told_when_redis_dies(redis_server: RedisServer, redis_bus: RedisBus) -> None:
    killer = threading.Timer(0.3, redis_server.kill)
    killer.start()
    fails(lambda: redis_bus.events("0-0", 5000))
    killer.join()


def test_a_redis_that_hangs_holds_nobody_up_for_long(redis_server: RedisServer, redis_bus: RedisBus) -> None:
    redis_bus.publish([ARRIVED])
    redis_server.signal(signal.SIGSTOP)
    fails(lambda: redis_bus.publish([ARRIVED]))
    redis_server.signal(signal.SIGCONT)
    redis_bus.publish([ARRIVED])


def test_a_redis_that_was_never_there_is_unreachable_not_a_crash(tmp_path: Path) -> None:
    with closing(RedisBus(f"unix://{tmp_path}/none.sock")) as bus:
        for call in calls(bus):
            fails(call)


def test_an_address_of_another_kind_is_a_fault_of_the_settings() -> None:
    with pytest.raises(ConfigurationError, match="redis"):
        RedisBus("http://127.0.0.1")


def test_a_refusing_redis_is_an_unusable_bus(redis_server: RedisServer, redis_bus: RedisBus) -> None:
    with closing(redis_server.client()) as client:
        client.set(EVENTS, "not a stream")
    with pytest.raises(BusUnreachable):
        redis_bus.publish([ARRIVED])


def test_entries_that_nobody_can_read_are_passed_over(redis_server: RedisServer, redis_bus: RedisBus) -> None:
    with closing(redis_server.client()) as client:
        client.xadd(EVENTS, {"kind": "arrived"})
        client.xadd(EVENTS, {b"\xff": b"\xfe"})
        client.xadd(COMMANDS + "kiosk-1", {"kind": "open_the_door", "check_in_id": "c-1"})
        client.set(STATION + "kiosk-8", "{")
        client.set(STATION + "kiosk-9", b"\xff")
        client.set(STATION + "kiosk-7", json.dumps(["station_id"]))
    redis_bus.beat(HEALTH, timedelta(seconds=6))
    redis_bus.publish([ARRIVED])
    assert [found.event for found in redis_bus.events("0-0", 0)] == [ARRIVED]
    assert redis_bus.stations() == [HEALTH]
    started = time.monotonic()
    assert redis_bus.commands("kiosk-1", "0-0", 300) == []
    assert time.monotonic() - started > 0.2, "waits behind what it cannot read instead of spinning"


def test_redis_holds_no_name_that_was_limited(redis_server: RedisServer, redis_bus: RedisBus) -> None:
    redis_bus.allow("sign-in:nguyen.thi.lan", 3, timedelta(seconds=60))
    with closing(redis_server.client()) as client:
        keys = list(client.scan_iter())
        assert len(keys) == 1
        assert keys[0].startswith(LIMIT.encode())
        assert b"lan" not in keys[0]
        assert 0 < client.ttl(keys[0]) <= 60


def test_a_password_is_given_apart_from_the_address(redis_server: RedisServer) -> None:
    with closing(redis_server.client()) as client:
        client.config_set("requirepass", "invented")
    with closing(RedisBus(redis_server.url)) as without, pytest.raises(BusUnreachable):
        without.last_event()
    with closing(RedisBus(redis_server.url, "invented")) as bus:
        assert bus.last_event() == "0-0"
