"""An event is on the stream once: its writer publishes it, and `deliver` what a writer could not."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.checkin.leftovers import GRACE, Leftovers
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import BusUnreachable
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.events import Event
from tests.support.small_hospital import SetClock, SmallRecord, open_small_hospital

WRITERS = 8
EACH = 12


class Killed(BaseException):
    """What becomes of a process between its commit and its telling."""


class Deadly(MemoryBus):
    def publish(self, events: Sequence[Event]) -> None:
        raise Killed(len(events))


class Absent(MemoryBus):
    def publish(self, events: Sequence[Event]) -> None:
        raise BusUnreachable(str(len(events)))


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def services(tmp_path: Path, bus: MemoryBus) -> Services:
    return open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", SmallRecord(), bus, SetClock())


def on_stream(bus: MemoryBus) -> Counter[int]:
    return Counter(published.event.id for published in bus.events("0-0", wait_ms=0))


def work(services: Services, station: str) -> None:
    kiosk = LocalCheckIns(services)
    for _ in range(EACH):
        view = kiosk.start(station, "vi")
        kiosk.leave(station, view.id)


def test_eight_writers_and_deliver_beside_them_publish_each_event_once(services: Services, bus: MemoryBus) -> None:
    writers = [threading.Thread(target=work, args=(services, f"kiosk-{number}")) for number in range(WRITERS)]
    leftovers = Leftovers(services)
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        leftovers.publish()
    assert set(on_stream(bus).values()) == {1}
    assert len(on_stream(bus)) == WRITERS * EACH * 2
    with services.storage.read() as unit:
        assert unit.events.unpublished(10) == []


def test_the_event_of_a_writer_that_was_killed_is_published_after_a_moment(services: Services, bus: MemoryBus) -> None:
    now = 100.0
    leftovers = Leftovers(services, lambda: now)
    with pytest.raises(Killed):
        LocalCheckIns(replace(services, bus=Deadly())).start("kiosk-1", "vi")
    assert leftovers.publish() == 0
    now += GRACE - 0.1
    assert leftovers.publish() == 0
    now += 0.2
    assert leftovers.publish() == 1
    assert list(on_stream(bus).values()) == [1]


def test_what_another_could_not_publish_is_left_alone_by_the_next_writer(services: Services, bus: MemoryBus) -> None:
    LocalCheckIns(replace(services, bus=Absent())).start("kiosk-1", "vi")
    LocalCheckIns(services).start("kiosk-2", "vi")
    assert [one.event.station_id for one in bus.events("0-0", wait_ms=0)] == ["kiosk-2"]


def test_after_an_outage_of_the_bus_all_are_published_at_once_but_for_the_newest(
    services: Services, bus: MemoryBus
) -> None:
    now = 100.0
    leftovers = Leftovers(services, lambda: now)
    away = LocalCheckIns(replace(services, bus=Absent()))
    for number in range(3):
        away.start(f"kiosk-{number}", "vi")
    leftovers.publish()
    now += GRACE
    away.start("kiosk-9", "vi")
    assert leftovers.publish() == 3
    now += GRACE
    assert leftovers.publish() == 1
    assert set(on_stream(bus).values()) == {1}
