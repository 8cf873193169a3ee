"""The bus within one process: for tests and for a command that runs without Redis."""

import re
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Generic, TypeVar

from kiosk.errors import InputError
from kiosk.model.events import Command, Event, PublishedEvent, StationHealth

EVENTS_KEPT = 10_000
COMMANDS_KEPT = 1_000

_STREAM_ID = re.compile(r"([0-9]{1,19})(?:-([0-9]{1,19}))?")
_Entry = TypeVar("_Entry")


class _Stream(Generic[_Entry]):
    """Entries under ids as Redis gives them: milliseconds since 1970, a hyphen, a number within the millisecond."""

    def __init__(self, kept: int) -> None:
        self._entries: deque[tuple[tuple[int, int], _Entry]] = deque(maxlen=kept)

    def add(self, entry: _Entry) -> None:
        now = time.time_ns() // 1_000_000
        last = self._entries[-1][0] if self._entries else (0, 0)
        self._entries.append(((now, 0) if now > last[0] else (last[0], last[1] + 1), entry))

    def last(self) -> str:
        return _shown(self._entries[-1][0]) if self._entries else "0-0"

    def after(self, stream_id: str) -> list[tuple[str, _Entry]]:
        match = _STREAM_ID.fullmatch(stream_id)
        if not match:
            raise InputError("bad_stream_id", "after", "expected milliseconds, a hyphen and a number")
        from_id = (int(match[1]), int(match[2] or 0))
        return [(_shown(entry_id), entry) for entry_id, entry in self._entries if entry_id > from_id]


def _shown(entry_id: tuple[int, int]) -> str:
    return f"{entry_id[0]}-{entry_id[1]}"


class MemoryBus:
    """Port `Bus` without a server. Safe to share between threads, not between processes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._events: _Stream[Event] = _Stream(EVENTS_KEPT)
        self._commands: dict[str, _Stream[Command]] = {}
        self._beats: dict[str, tuple[float, StationHealth]] = {}
        self._uses: dict[str, tuple[float, int]] = {}

    def publish(self, events: Sequence[Event]) -> None:
        """Append to the event stream."""
        with self._changed:
            for event in events:
                self._events.add(event)
            self._changed.notify_all()

    def last_event(self) -> str:
        """The stream id of the newest event, or ``0-0``."""
        with self._changed:
            return self._events.last()

    def events(self, after: str, wait_ms: int) -> Sequence[PublishedEvent]:
        """Events after that stream id; waits for the first one up to `wait_ms`."""
        return [PublishedEvent(stream_id, event) for stream_id, event in self._wait(self._events, after, wait_ms)]

    def command(self, station_id: str, command: Command) -> None:
        """Send an order to a station."""
        with self._changed:
            self._commands_of(station_id).add(command)
            self._changed.notify_all()

    def last_command(self, station_id: str) -> str:
        """The stream id of the station's newest command, or ``0-0``."""
        with self._changed:
            return self._commands_of(station_id).last()

    def commands(self, station_id: str, after: str, wait_ms: int) -> Sequence[tuple[str, Command]]:
        """Orders after that stream id; waits for the first one up to `wait_ms`."""
        with self._changed:
            stream = self._commands_of(station_id)
        return self._wait(stream, after, wait_ms)

    def beat(self, health: StationHealth, expires: timedelta) -> None:
        """Say that a station lives."""
        with self._changed:
            self._beats[health.station_id] = (time.monotonic() + expires.total_seconds(), health)

    def stations(self) -> Sequence[StationHealth]:
        """Those whose heartbeat has not expired, by id."""
        with self._changed:
            living = [health for ends, health in self._beats.values() if ends > time.monotonic()]
        return sorted(living, key=lambda health: health.station_id)

    def allow(self, key: str, limit: int, window: timedelta) -> bool:
        """Count one use of `key`; False when there were more than `limit` in the window, which starts at the first."""
        now = time.monotonic()
        with self._changed:
            ends, used = self._uses.get(key, (0.0, 0))
            if ends <= now:
                ends, used = now + window.total_seconds(), 0
            self._uses[key] = (ends, used + 1)
        return used < limit

    def close(self) -> None:
        """Nothing to close."""

    def _commands_of(self, station_id: str) -> _Stream[Command]:
        return self._commands.setdefault(station_id, _Stream(COMMANDS_KEPT))

    def _wait(self, stream: _Stream[_Entry], after: str, wait_ms: int) -> list[tuple[str, _Entry]]:
        with self._changed:
            self._changed.wait_for(lambda: stream.after(after), timeout=max(wait_ms, 0) / 1000)
            return stream.after(after)
