"""Codes on their way from the devices to the use cases: one bounded queue, one thread that empties it."""

import queue
import threading
from dataclasses import dataclass

import structlog

from kiosk.errors import InputError, KioskError, StorageError
from kiosk.model.events import DeviceState
from kiosk.ports import CheckIns, Clock, SignalSource
from kiosk.station.health import Health

WAITING = 16
FRESH_SECONDS = 5.0
"""A code that waited longer may belong to somebody who is gone: it must not be claimed for the next patient."""
TRIES = 3
RETRY_SECONDS = 0.5
CHECK_INS = "check_ins"
"""The name in the heartbeat under which the keeping of check-ins is reported, like a device."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Signal:
    """What a device read.

    Attributes:
        at: the monotonic clock's seconds.
    """

    payload: str
    source: SignalSource
    at: float


class Signals:
    """The queue, and what empties it into `CheckIns.claim`."""

    def __init__(self, station_id: str, check_ins: CheckIns, clock: Clock, health: Health) -> None:
        self._station_id = station_id
        self._check_ins = check_ins
        self._clock = clock
        self._health = health
        self._queue: queue.Queue[Signal] = queue.Queue(WAITING)

    def offer(self, payload: str, source: SignalSource) -> None:
        """Hand over a code; dropped when so many wait that it would be old before its turn."""
        try:
            self._queue.put_nowait(Signal(payload, source, self._clock.monotonic()))
        except queue.Full:
            _log.warning("a code was dropped", reason="queue full", device=source.value)

    def run(self, stop: threading.Event) -> None:
        """Claim what comes, until stopped."""
        while not stop.is_set():
            try:
                signal = self._queue.get(timeout=0.2)
            except queue.Empty:
                continue
            self._claim(signal, stop)

    def _claim(self, signal: Signal, stop: threading.Event) -> None:
        for attempt in range(1, TRIES + 1):
            if self._clock.monotonic() - signal.at > FRESH_SECONDS:
                _log.warning("a code was dropped", reason="too old", device=signal.source.value, attempts=attempt)
                return
            try:
                view = self._check_ins.claim(self._station_id, signal.payload, signal.source)
            except InputError as error:
                _log.info("a code cannot be used", kind=error.kind, device=signal.source.value)
                return
            except StorageError:
                self._health.note(CHECK_INS, DeviceState.FAULT)
                _log.warning("a code cannot be kept", attempts=attempt, device=signal.source.value)
                stop.wait(RETRY_SECONDS)
            except KioskError as error:
                _log.warning("a code was not taken", exception_type=type(error).__name__, device=signal.source.value)
                return
            else:
                self._health.note(CHECK_INS, DeviceState.WORKING)
                _log.info("a code was taken", check_in=view.id, stage=view.stage.value, device=signal.source.value)
                return
