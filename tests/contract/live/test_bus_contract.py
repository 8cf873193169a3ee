"""What every bus does: in process and on a real Redis."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.errors import InputError
from kiosk.model.events import Command, CommandKind, DeviceState, Event, EventKind, StationHealth
from kiosk.ports.live import Bus

NOON = datetime(2026, 11, 23, 5, 0, 0, 123456, tzinfo=UTC)


def event(number: int, clinic_id: str | None = "noi-tiet") -> Event:
    return Event(number, EventKind.ARRIVED, f"c-{number}", clinic_id, "kiosk-1", NOON)


def health(station_id: str, camera: DeviceState = DeviceState.WORKING) -> StationHealth:
    return StationHealth(station_id, NOON, {"camera": camera, "printer": DeviceState.NO_PAPER})


def test_events_come_back_as_they_were_published_in_order(bus: Bus) -> None:
    bus.publish([event(1), event(2, clinic_id=None)])
    bus.publish([event(3)])
    assert [found.event for found in bus.events("0-0", 0)] == [event(1), event(2, clinic_id=None), event(3)]


def test_a_reader_resumes_after_the_event_it_saw_last(bus: Bus) -> None:
    bus.publish([event(1), event(2), event(3)])
    second = bus.events("0-0", 0)[1].stream_id
    assert [found.event.id for found in bus.events(second, 0)] == [3]


def test_the_newest_id_is_where_a_new_reader_starts(bus: Bus) -> None:
    assert bus.last_event() == "0-0"
    bus.publish([event(1), event(2)])
    assert bus.last_event() == bus.events("0-0", 0)[-1].stream_id
    assert bus.events(bus.last_event(), 0) == []


def test_publishing_nothing_changes_nothing(bus: Bus) -> None:
    bus.publish([])
    assert bus.last_event() == "0-0"


def test_a_waiting_reader_is_woken_by_the_first_event(bus: Bus) -> None:
    waker = threading.Timer(0.2, bus.publish, [[event(1)]])
    started = time.monotonic()
    waker.start()
    found = bus.events("0-0", 5000)
    waker.join()
    assert [one.event for one in found] == [event(1)]
    assert 0.1 < time.monotonic() - started < 5


@pytest.mark.parametrize("wait_ms", [0, 200])
def test_a_wait_ends_when_nothing_comes(bus: Bus, wait_ms: int) -> None:
    started = time.monotonic()
    assert bus.events("0-0", wait_ms) == []
    assert time.monotonic() - started >= wait_ms / 1000 - 0.02


@pytest.mark.parametrize("made_up", ["", "newest", "1-2-3", "-1", "$", "9" * 400])
def test_a_made_up_stream_id_is_refused_as_input(bus: Bus, made_up: str) -> None:
    with pytest.raises(InputError):
        bus.events(made_up, 0)
    with pytest.raises(InputError):
        bus.commands("kiosk-1", made_up, 0)


def test_an_id_of_long_ago_gives_everything_that_is_kept(bus: Bus) -> None:
    bus.publish([event(1), event(2)])
    assert len(bus.events("1-1", 0)) == 2


def test_the_event_stream_is_trimmed(bus: Bus) -> None:
    for start in range(0, 12_000, 1000):
        bus.publish([event(number) for number in range(start, start + 1000)])
    found, after = 0, "0-0"
    while page := bus.events(after, 0):
        found, after = found + len(page), page[-1].stream_id
    assert 10_000 <= found <= 10_500
    assert page == []


def test_each_station_gets_its_own_commands(bus: Bus) -> None:
    bus.command("kiosk-1", Command(CommandKind.PRINT, "c-1"))
    bus.command("kiosk-2", Command(CommandKind.PRINT, "c-2"))
    assert [command.check_in_id for _, command in bus.commands("kiosk-2", "0-0", 0)] == ["c-2"]
    assert bus.last_command("kiosk-1") == bus.commands("kiosk-1", "0-0", 0)[-1][0]
    assert bus.last_command("kiosk-3") == "0-0"


def test_a_station_waits_for_its_next_command(bus: Bus) -> None:
    bus.command("kiosk-1", Command(CommandKind.PRINT, "c-1"))
    seen = bus.last_command("kiosk-1")
    waker = threading.Timer(0.2, bus.command, ["kiosk-1", Command(CommandKind.PRINT, "c-2")])
    waker.start()
    found = bus.commands("kiosk-1", seen, 5000)
    waker.join()
    assert [command.check_in_id for _, command in found] == ["c-2"]


def test_ids_tell_when_an_entry_was_written(bus: Bus) -> None:
    before = int(time.time() * 1000)
    bus.command("kiosk-1", Command(CommandKind.PRINT, "c-1"))
    written = int(bus.last_command("kiosk-1").split("-")[0])
    assert before - 1000 <= written <= int(time.time() * 1000) + 1000


def test_living_stations_are_listed_by_id_with_their_devices(bus: Bus) -> None:
    bus.beat(health("kiosk-2"), timedelta(seconds=6))
    bus.beat(health("kiosk-1", DeviceState.ABSENT), timedelta(seconds=6))
    assert bus.stations() == [health("kiosk-1", DeviceState.ABSENT), health("kiosk-2")]


def test_a_newer_heartbeat_replaces_the_older(bus: Bus) -> None:
    bus.beat(health("kiosk-1"), timedelta(seconds=6))
    bus.beat(StationHealth("kiosk-1", NOON, {}), timedelta(seconds=6))
    assert bus.stations() == [StationHealth("kiosk-1", NOON, {})]


def test_a_station_has_the_name_that_reception_calls_it(bus: Bus) -> None:
    bus.beat(StationHealth("kiosk-1", NOON, {}, "Kiosk cổng A"), timedelta(seconds=6))
    assert [one.name for one in bus.stations()] == ["Kiosk cổng A"]


def test_a_heartbeat_expires(bus: Bus) -> None:
    bus.beat(health("kiosk-1"), timedelta(milliseconds=150))
    assert len(bus.stations()) == 1
    time.sleep(0.25)
    assert bus.stations() == []


def test_more_than_the_limit_is_refused_until_the_window_ends(bus: Bus) -> None:
    window = timedelta(milliseconds=400)
    assert [bus.allow("sign-in:lan", 3, window) for _ in range(5)] == [True, True, True, False, False]
    assert bus.allow("sign-in:minh", 3, window)
    time.sleep(0.5)
    assert bus.allow("sign-in:lan", 3, window)


def test_many_threads_lose_no_event_and_pass_no_limit(bus: Bus) -> None:
    allowed: list[bool] = []

    def work(thread: int) -> None:
        for number in range(25):
            bus.publish([event(thread * 100 + number)])
            allowed.append(bus.allow("busy", 60, timedelta(seconds=30)))

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({found.event.id for found in bus.events("0-0", 0)}) == 200
    assert sum(allowed) == 60
