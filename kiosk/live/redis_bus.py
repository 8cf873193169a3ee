"""The bus on Redis: the only module that knows redis-py."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.typing import EncodableT, FieldT

from kiosk.errors import BusUnreachable, ConfigurationError, InputError
from kiosk.live.codec import (
    command_from_fields,
    command_to_fields,
    event_from_fields,
    event_to_fields,
    health_from_fields,
    health_to_fields,
)
from kiosk.model.events import Command, Event, PublishedEvent, StationHealth

EVENTS = "kiosk:events"
COMMANDS = "kiosk:commands:"
STATION = "kiosk:station:"
LIMIT = "kiosk:limit:"

EVENTS_KEPT = 10_000
COMMANDS_KEPT = 1_000
READ_AT_ONCE = 500
LONGEST_WAIT_MS = 10_000
ANSWER_SECONDS = 1.0
"""How long a screen or a use case may be held up by a Redis that hangs."""

_STREAM_ID = re.compile(r"[0-9]{1,19}(-[0-9]{1,19})?")

_log = structlog.get_logger(__name__)
_Message = TypeVar("_Message")
_Fields = dict[bytes, bytes]


class RedisBus:
    """Port `Bus` on a Redis server, 7.0 or newer (https://redis.io/docs/latest/commands/xadd/).

    Safe to share between threads. A connection lost is opened anew by the next call; no call is repeated by itself.

    Args:
        url: ``unix:///path/to.sock`` or ``redis://host:port/0``.
        password: kept out of the URL, so that it stands in no settings file.
    """

    def __init__(self, url: str, password: str | None = None) -> None:
        # a blocking read may be silent for its whole wait, everything else must answer quickly
        self._redis = _connect(url, password, ANSWER_SECONDS)
        self._reading = _connect(url, password, LONGEST_WAIT_MS / 1000 + ANSWER_SECONDS)

    def publish(self, events: Sequence[Event]) -> None:
        """Append to the event stream, all in one step."""
        with _mapped(), self._redis.pipeline(transaction=True) as pipeline:
            for event in events:
                pipeline.xadd(EVENTS, _entry(event_to_fields(event)), maxlen=EVENTS_KEPT, approximate=True)
            pipeline.execute()

    def last_event(self) -> str:
        """The stream id of the newest event, or ``0-0``."""
        return self._last(EVENTS)

    def events(self, after: str, wait_ms: int) -> Sequence[PublishedEvent]:
        """Events after that stream id; waits for the first one up to `wait_ms`, at most 10 s.

        Raises:
            InputError: kind ``bad_stream_id``.
        """
        found = self._read(EVENTS, after, wait_ms, event_from_fields)
        return [PublishedEvent(stream_id, event) for stream_id, event in found]

    def command(self, station_id: str, command: Command) -> None:
        """Send an order to a station."""
        with _mapped():
            fields = _entry(command_to_fields(command))
            self._redis.xadd(COMMANDS + station_id, fields, maxlen=COMMANDS_KEPT, approximate=True)

    def last_command(self, station_id: str) -> str:
        """The stream id of the station's newest command, or ``0-0``."""
        return self._last(COMMANDS + station_id)

    def commands(self, station_id: str, after: str, wait_ms: int) -> Sequence[tuple[str, Command]]:
        """Orders after that stream id; waits for the first one up to `wait_ms`, at most 10 s.

        Raises:
            InputError: kind ``bad_stream_id``.
        """
        return self._read(COMMANDS + station_id, after, wait_ms, command_from_fields)

    def beat(self, health: StationHealth, expires: timedelta) -> None:
        """Say that a station lives."""
        with _mapped():
            self._redis.set(STATION + health.station_id, json.dumps(health_to_fields(health)), px=expires)

    def stations(self) -> Sequence[StationHealth]:
        """Those whose heartbeat has not expired, by id."""
        with _mapped():
            keys = sorted(set(self._redis.scan_iter(match=STATION + "*", count=1000)))
            beats: Any = self._redis.mget(keys) if keys else []
        found = [_health(beat) for beat in beats if beat is not None]
        return sorted((health for health in found if health), key=lambda health: health.station_id)

    def allow(self, key: str, limit: int, window: timedelta) -> bool:
        """Count one use of `key`; False when there were more than `limit` in the window, which starts at the first."""
        # what is limited may be a person's sign-in name or address: Redis holds its hash only
        name = LIMIT + hashlib.sha256(key.encode()).hexdigest()
        with _mapped(), self._redis.pipeline(transaction=True) as pipeline:
            pipeline.set(name, 0, px=window, nx=True)
            pipeline.incr(name)
            used = int(pipeline.execute()[1])
        return used <= limit

    def close(self) -> None:
        """Close every connection."""
        self._redis.close()
        self._reading.close()

    def _last(self, stream: str) -> str:
        with _mapped():
            newest: Any = self._redis.xrevrange(stream, count=1)
        return newest[0][0].decode() if newest else "0-0"

    def _read(
        self, stream: str, after: str, wait_ms: int, read: Callable[[Mapping[str, str]], _Message]
    ) -> list[tuple[str, _Message]]:
        if not _STREAM_ID.fullmatch(after):
            raise InputError("bad_stream_id", "after", "expected milliseconds, a hyphen and a number")
        ends = time.monotonic() + min(wait_ms, LONGEST_WAIT_MS) / 1000
        while True:
            entries = self._entries(stream, after, int((ends - time.monotonic()) * 1000))
            found = list(_decoded(entries, read))
            if found or not entries:
                return found
            # only entries that nobody can read: wait behind them, or the caller would spin
            after = entries[-1][0].decode()

    def _entries(self, stream: str, after: str, wait_ms: int) -> list[tuple[bytes, _Fields]]:
        # BLOCK 0 would wait for ever
        block = wait_ms if wait_ms > 0 else None
        with _mapped():
            answer: Any = self._reading.xread({stream: after}, count=READ_AT_ONCE, block=block)
        return [entry for _, entries in answer or [] for entry in entries]


def _connect(url: str, password: str | None, seconds: float) -> Redis:
    try:
        return Redis.from_url(
            url,
            password=password,
            socket_timeout=seconds,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # one shape of answers, from Redis and Valkey alike
        )
    except ValueError as error:
        raise ConfigurationError(f"redis.url: {error}") from error


def _entry(fields: Mapping[str, str]) -> dict[FieldT, EncodableT]:
    return {key: value for key, value in fields.items()}  # noqa: C416 # a dict of str is no dict of redis-py's key type


@contextmanager
def _mapped() -> Iterator[None]:
    """redis-py's errors as ours; a refused command (a full disk, a read-only replica) is an unusable bus, too."""
    try:
        yield
    except RedisError as error:
        raise BusUnreachable(type(error).__name__) from error


def _decoded(
    entries: Sequence[tuple[bytes, _Fields]], read: Callable[[Mapping[str, str]], _Message]
) -> Iterator[tuple[str, _Message]]:
    """What can be read; an entry that somebody else wrote is passed over."""
    for stream_id, fields in entries:
        try:
            message = read({key.decode(): value.decode() for key, value in fields.items()})
        except (InputError, UnicodeDecodeError):
            _log.warning("unreadable entry on the bus", kind="bad_message")
        else:
            yield stream_id.decode(), message


def _health(beat: bytes) -> StationHealth | None:
    try:
        fields = json.loads(beat)
        if isinstance(fields, dict):
            return health_from_fields(fields)
    except (InputError, ValueError):
        pass
    _log.warning("unreadable heartbeat on the bus", kind="bad_message")
    return None
