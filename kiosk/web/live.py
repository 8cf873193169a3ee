"""The live feed: one reader of the event stream per process wakes every open screen.

A screen's page holds the feed's `position`, read before its rows were read from SQL, so nothing that happens between
is missed; what comes twice is harmless, because an event only names a row. A screen whose position the feed no longer
knows, and every screen after an outage of the bus, is told to `reload` its list from SQL.
"""

import hashlib
import json
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import Response, request
from structlog import get_logger

from kiosk.errors import BusUnreachable
from kiosk.model.events import Event, PublishedEvent
from kiosk.ports.live import Bus
from kiosk.web.places import USUAL, Limits, Places
from kiosk.web.security import session_value

RETRY_FRAME = "retry: 2000\n\n"
"""Milliseconds after which a browser connects again."""
ALIVE_FRAME = "event: alive\ndata: {}\n\n"
RETRY_AFTER = 5
"""Seconds after which a screen that found no place tries again; meanwhile it asks as often."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How the feed keeps time, in seconds.

    Attributes:
        wait: of one read of the bus; the reader ends within it.
        retry: before the bus is asked again after a failure.
        keep_alive: between signs of life to a quiet screen.
        longest: a stream ends after that, so that the screen connects anew and its session is looked at again.
    """

    wait: float = 0.25
    retry: float = 0.5
    keep_alive: float = 10.0
    longest: float = 120.0


@dataclass(frozen=True, slots=True)
class _Item:
    stream_id: str
    event: Event
    frame: str


class LiveFeed:
    """Hands the bus's events to any number of streams.

    The reader thread starts with the first use, so that a feed made before a server forks works in each worker.

    Args:
        bus: where events come from.
        keep: how many recent events a screen may be behind.
        pace: see `Pace`.
        limits: how many streams `event_stream` opens.
    """

    def __init__(self, bus: Bus, *, keep: int = 1000, pace: Pace = Pace(), limits: Limits = USUAL) -> None:
        self._bus = bus
        self._pace = pace
        self._changed = threading.Condition()
        self._items: deque[_Item] = deque(maxlen=keep)
        self._next = 0  # how many were ever added: the place after the newest item
        self._before_first: str | None = None  # stream id just before the oldest item; None while the bus is unknown
        self._position: str | None = None
        self._down = False
        self._closed = False
        self._open = 0
        self._read_count = 0
        self._reader: threading.Thread | None = None
        self.places = Places(limits, self._wake)

    @property
    def open_streams(self) -> int:
        """How many screens listen."""
        return self._open

    @property
    def events_read(self) -> int:
        """How many events came from the bus since the start."""
        return self._read_count

    @property
    def is_down(self) -> bool:
        """Whether the bus did not answer when last asked."""
        return self._down

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def position(self) -> str:
        """The stream id to embed in a page; read it before the rows. Empty while the bus is unknown."""
        self._start()
        with self._changed:
            self._changed.wait_for(lambda: self._position is not None or self._down or self._closed, self._pace.wait)
            return self._position or ""

    def stream(
        self, after: str | None, wanted: Callable[[Event], bool], ended: Callable[[], bool] = lambda: False
    ) -> Iterator[str]:
        """Server-sent events (WHATWG HTML, 9.2) from a screen's position on.

        Args:
            after: the position in the page or the browser's Last-Event-ID; None for from now on.
            wanted: which events this screen may see.
            ended: whether nobody listens any more.

        Yields:
            Frames: ``reload``, ``down`` and ``up``, or the kind of an event with its ids as JSON; in between, ``alive``
            at the pace of `keep_alive`: a comment would keep the connection, but no script of the page hears one, and a
            connection that is open at one end only looks like a quiet one.
        """
        self._start()
        with self._changed:
            self._open += 1
        try:
            yield RETRY_FRAME
            yield from self._frames(after, wanted, ended)
        finally:
            with self._changed:
                self._open -= 1

    def close(self) -> None:
        """End all streams at once, and the reader soon after."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            reader = self._reader
        if reader:
            reader.join(self._pace.wait + self._pace.retry)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _frames(self, after: str | None, wanted: Callable[[Event], bool], ended: Callable[[], bool]) -> Iterator[str]:
        began = said = time.monotonic()
        place, down = self._place_of(after), False
        while not self._closed and not ended() and (now := time.monotonic()) < began + self._pace.longest:
            if place is None:
                place, position = self._newest()
                yield f"id: {position}\nevent: reload\ndata: {{}}\n\n"
            if self._down != down:
                down = self._down
                yield f"event: {'down' if down else 'up'}\ndata: {{}}\n\n"
            items, place, position = self._wait_for(place, said + self._pace.keep_alive - now, ended, down=down)
            frames = [item.frame for item in items if wanted(item.event)]
            if not frames and place is not None and time.monotonic() >= said + self._pace.keep_alive:
                frames = [f"id: {position}\n{ALIVE_FRAME}" if position else ALIVE_FRAME]
            if frames:
                said = time.monotonic()
                yield "".join(frames)

    def _place_of(self, after: str | None) -> int | None:
        """Where a stream begins; None when what came after that id is no longer known."""
        with self._changed:
            if after is None or (after == self._position):
                return self._next
            first = self._next - len(self._items)
            if after == self._before_first:
                return first
            return next((first + at + 1 for at, item in enumerate(self._items) if item.stream_id == after), None)

    def _newest(self) -> tuple[int, str]:
        with self._changed:
            return self._next, self._position or ""

    def _wait_for(
        self, place: int, seconds: float, ended: Callable[[], bool], *, down: bool
    ) -> tuple[list[_Item], int | None, str]:
        """The items from `place` on, as soon as there are some or something else is to be said."""

        def something() -> bool:
            return self._next > place or self._down != down or self._closed or ended()

        with self._changed:
            self._changed.wait_for(something, max(0.0, seconds))
            first = self._next - len(self._items)
            if place < first:
                return [], None, ""
            items = [self._items[at] for at in range(place - first, len(self._items))]
            return items, self._next, self._position or ""

    def _start(self) -> None:
        with self._changed:
            if self._reader is None and not self._closed:
                self._reader = threading.Thread(target=self._read, name="live-feed", daemon=True)
                self._reader.start()

    def _read(self) -> None:
        while not self._closed:
            try:
                self._read_once()
            except BusUnreachable:
                self._set_down()
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, self._pace.retry)

    def _read_once(self) -> None:
        if self._position is None or self._down:
            self._begin_at(self._bus.last_event())
        published = self._bus.events(self._position or "0-0", int(self._pace.wait * 1000))
        if published:
            self._append(published)

    def _begin_at(self, position: str) -> None:
        """Start, or start again after an outage: what happened meanwhile is in SQL."""
        with self._changed:
            if self._down:
                log.info("bus answers again")
            self._items.clear()
            self._next += 1
            self._before_first = self._position = position
            self._down = False
            self._changed.notify_all()

    def _set_down(self) -> None:
        with self._changed:
            if not self._down and not self._closed:
                log.warning("bus does not answer")
                self._down = True
                self._changed.notify_all()

    def _append(self, published: Sequence[PublishedEvent]) -> None:
        items = [_Item(one.stream_id, one.event, _frame(one)) for one in published]
        with self._changed:
            for item in items:
                if len(self._items) == self._items.maxlen:
                    self._before_first = self._items[0].stream_id
                self._items.append(item)
            self._next += len(items)
            self._read_count += len(items)
            self._position = items[-1].stream_id
            self._changed.notify_all()


def event_stream(feed: LiveFeed, wanted: Callable[[Event], bool]) -> Response:
    """The answer to a browser's EventSource: from the id it saw last, or the position in its page.

    Where too many are open already it is 503: the screen asks every few seconds and tries again.
    """
    place = feed.places.take(_session_key(), _has_left(request.environ.get("gunicorn.socket")))
    if place is None:
        return Response(status=503, headers={"Retry-After": str(RETRY_AFTER)})
    after = request.headers.get("Last-Event-ID") or request.args.get("after")
    frames = feed.stream(after, wanted, place.ended.is_set)
    response = Response(frames, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    # not in the stream itself: one that nobody began to read has no end
    response.call_on_close(lambda: feed.places.leave(place))
    return response


def _session_key() -> str:
    """Whose stream it is, without the cookie that proves it."""
    return hashlib.sha256((session_value() or request.remote_addr or "").encode()).hexdigest()


def _has_left(connection: socket.socket | None) -> Callable[[], bool]:
    """Whether a browser closed the connection of its stream, on which it never sends: anything to read is its end."""
    if connection is None:
        return lambda: False
    number = connection.fileno()
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return lambda: connection.fileno() != number or bool(poll.poll(0))


def _frame(published: PublishedEvent) -> str:
    event = published.event
    data = {"check_in": event.check_in_id, "clinic": event.clinic_id, "station": event.station_id}
    return f"id: {published.stream_id}\nevent: {event.kind.value}\ndata: {json.dumps(data)}\n\n"
