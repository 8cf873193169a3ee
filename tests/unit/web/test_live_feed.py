"""The feed over a small bus of its own, whose outages and trims the test controls."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from kiosk.errors import BusUnreachable
from kiosk.model.events import Command, Event, EventKind, PublishedEvent, StationHealth
from kiosk.web.live import LiveFeed, Pace
from tests.support.patience import PATIENCE

QUICK = Pace(wait=0.05, retry=0.05, keep_alive=0.1, longest=30)


class SmallBus:
    """Keeps everything in a list; can be switched off and emptied."""

    def __init__(self) -> None:
        self.published: list[PublishedEvent] = []
        self.off = False
        self.readers: set[int] = set()
        self._changed = threading.Condition()

    def _answer(self) -> None:
        if self.off:
            raise BusUnreachable("switched off")

    def publish(self, events: Sequence[Event]) -> None:
        self._answer()
        with self._changed:
            for event in events:
                self.published.append(PublishedEvent(f"{1000 + event.id}-0", event))
            self._changed.notify_all()

    def last_event(self) -> str:
        self._answer()
        return self.published[-1].stream_id if self.published else "0-0"

    def events(self, after: str, wait_ms: int) -> Sequence[PublishedEvent]:
        self._answer()
        with self._changed:
            self.readers.add(threading.get_ident())
            self._changed.wait_for(lambda: self._after(after), wait_ms / 1000)
        self._answer()
        return self._after(after)

    def _after(self, after: str) -> list[PublishedEvent]:
        return [one for one in self.published if _order(one.stream_id) > _order(after)]

    def command(self, station_id: str, command: Command) -> None:
        raise NotImplementedError

    def last_command(self, station_id: str) -> str:
        raise NotImplementedError

    def commands(self, station_id: str, after: str, wait_ms: int) -> Sequence[tuple[str, Command]]:
        raise NotImplementedError

    def beat(self, health: StationHealth, expires: timedelta) -> None:
        raise NotImplementedError

    def stations(self) -> Sequence[StationHealth]:
        return []

    def allow(self, key: str, limit: int, window: timedelta) -> bool:  # noqa: ARG002 # the port's signature
        return True


def _order(stream_id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in stream_id.split("-"))


def event(number: int, clinic: str = "noi") -> Event:
    return Event(number, EventKind.ARRIVED, f"check-in-{number}", clinic, "kiosk-1", datetime.now(UTC))


def everything(_: Event) -> bool:
    return True


@contextmanager
def feed_on(bus: SmallBus, *, keep: int = 100, pace: Pace = QUICK) -> Iterator[LiveFeed]:
    feed = LiveFeed(bus, keep=keep, pace=pace)
    try:
        yield feed
    finally:
        feed.close()


def until(stream: Iterator[str], words: str, within: float = PATIENCE) -> str:
    ends = time.monotonic() + within
    seen = ""
    for frame in stream:
        seen += frame
        if words in frame:
            return seen
        if time.monotonic() > ends:
            break
    pytest.fail(f"no {words!r} in {seen!r}")


@pytest.fixture
def bus() -> SmallBus:
    return SmallBus()


def test_an_event_reaches_a_stream_with_its_ids_only(bus: SmallBus) -> None:
    with feed_on(bus) as feed:
        stream = feed.stream(feed.position(), everything)
        bus.publish([event(1)])
        seen = until(stream, "check-in-1")
    assert "id: 1001-0\nevent: arrived\n" in seen
    assert 'data: {"check_in": "check-in-1", "clinic": "noi", "station": "kiosk-1"}\n\n' in seen


def test_what_happened_after_the_page_was_drawn_is_sent_first(bus: SmallBus) -> None:
    with feed_on(bus) as feed:
        position = feed.position()
        bus.publish([event(1), event(2)])
        seen = until(feed.stream(position, everything), "check-in-2")
    assert "check-in-1" in seen


def test_a_browser_resumes_after_the_id_it_saw_last(bus: SmallBus) -> None:
    with feed_on(bus) as feed:
        feed.position()
        bus.publish([event(1), event(2), event(3)])
        until(feed.stream("0-0", everything), "check-in-3")
        seen = until(feed.stream("1002-0", everything), "check-in-3")
    assert "check-in-2" not in seen
    assert "reload" not in seen


def test_events_of_other_clinics_are_not_sent(bus: SmallBus) -> None:
    with feed_on(bus) as feed:
        stream = feed.stream(feed.position(), lambda one: one.clinic_id == "noi")
        bus.publish([event(1, "ngoai"), event(2)])
        assert "check-in-1" not in until(stream, "check-in-2")


def test_a_quiet_stream_keeps_the_browsers_position_fresh(bus: SmallBus) -> None:
    with feed_on(bus) as feed:
        stream = feed.stream(feed.position(), lambda _: False)
        bus.publish([event(1)])
        until(stream, "id: 1001-0\nevent: alive\ndata: {}\n\n")


def test_a_quiet_stream_says_at_its_pace_that_it_lives_whatever_others_do(bus: SmallBus) -> None:
    with feed_on(bus, pace=Pace(wait=0.02, retry=0.05, keep_alive=0.4)) as feed:
        stream = feed.stream(feed.position(), lambda _: False)
        began = time.monotonic()
        with others_busy(bus):
            until(stream, "event: alive")
            until(stream, "event: alive")
        assert time.monotonic() - began >= 0.8


@contextmanager
def others_busy(bus: SmallBus) -> Iterator[None]:
    """An event after another, without an end: a stream that began to count anew with each would never say anything."""
    over = threading.Event()

    def publish() -> None:
        number = 0
        while not over.wait(0.05):
            number += 1
            bus.publish([event(number)])

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_stream_lives_though_the_bus_is_down(bus: SmallBus) -> None:
    bus.off = True
    with feed_on(bus) as feed:
        stream = feed.stream("", everything)
        until(stream, "event: down")
        until(stream, "event: alive")


@pytest.mark.parametrize("after", ["999999-0", "nonsense", ""])
def test_an_unknown_position_reloads_the_list(bus: SmallBus, after: str) -> None:
    with feed_on(bus) as feed:
        feed.position()
        assert "id: 0-0" in until(feed.stream(after, everything), "event: reload")


def test_a_position_that_was_trimmed_away_reloads_the_list(bus: SmallBus) -> None:
    with feed_on(bus, keep=3) as feed:
        position = feed.position()
        bus.publish([event(number) for number in range(1, 11)])
        until(feed.stream(None, everything), "1010-0")
        until(feed.stream(position, everything), "event: reload")
        assert "reload" not in until(feed.stream("1007-0", everything), "check-in-10")


def test_a_stream_that_falls_behind_the_buffer_reloads(bus: SmallBus) -> None:
    with feed_on(bus, keep=3) as feed:
        slow = feed.stream(feed.position(), everything)
        bus.publish([event(1)])
        until(slow, "check-in-1")
        bus.publish([event(number) for number in range(2, 12)])
        until(feed.stream(None, everything), "1011-0")
        until(slow, "event: reload")


def test_an_outage_is_said_and_ends_with_a_reload(bus: SmallBus) -> None:
    with feed_on(bus) as feed:
        stream = feed.stream(feed.position(), everything)
        bus.off = True
        until(stream, "event: down")
        bus.off = False
        assert "event: reload" in until(stream, "event: up")
        bus.publish([event(1)])
        until(stream, "check-in-1")


def test_a_page_drawn_during_an_outage_has_no_position_and_reloads_afterwards(bus: SmallBus) -> None:
    bus.off = True
    with feed_on(bus) as feed:
        assert feed.position() == ""
        stream = feed.stream("", everything)
        until(stream, "event: down")
        bus.off = False
        until(stream, "event: reload")


def test_a_stream_ends_after_its_longest_time_so_that_the_session_is_looked_at_again(bus: SmallBus) -> None:
    with feed_on(bus, pace=Pace(wait=0.05, retry=0.05, keep_alive=0.05, longest=0.2)) as feed:
        assert len(list(islice(feed.stream(None, everything), 100))) < 100
        assert feed.open_streams == 0


def test_one_reader_serves_two_hundred_streams_and_all_end_at_once(bus: SmallBus) -> None:
    feed = LiveFeed(bus, pace=Pace(wait=0.05, retry=0.05))
    position = feed.position()
    arrived = [threading.Event() for _ in range(200)]

    def listen(place: int) -> None:
        for frame in feed.stream(position, everything):
            if "check-in-1" in frame:
                arrived[place].set()

    threads = [threading.Thread(target=listen, args=(place,)) for place in range(200)]
    for thread in threads:
        thread.start()
    while feed.open_streams < 200:
        time.sleep(0.01)
    bus.publish([event(1)])
    assert all(one.wait(PATIENCE) for one in arrived)
    assert len(bus.readers) == 1
    feed.close()
    for thread in threads:
        thread.join(PATIENCE)
    assert feed.open_streams == 0
