"""Codes and chips on their way from the devices to the use cases: one bounded queue, one thread that empties it."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from kiosk.errors import InputError, KioskError, StorageError
from kiosk.model.check_in_view import CheckInView
from kiosk.model.chip_card import ChipReading
from kiosk.model.events import DeviceState
from kiosk.ports.check_ins import CheckIns
from kiosk.ports.devices import SignalSource
from kiosk.ports.time import Clock
from kiosk.station.health import Health
from kiosk.station.scanned_card import ScannedCard

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


@dataclass(frozen=True, slots=True)
class ChipSignal:
    """What a chip card said, for the check-in before which it was laid on the reader."""

    check_in_id: str
    reading: ChipReading


class Signals:
    """The queue, and what empties it into `CheckIns`.

    Attributes:
        scanned: the citizen's code that may open the chip of its card.
    """

    def __init__(self, station_id: str, check_ins: CheckIns, clock: Clock, health: Health) -> None:
        self._station_id = station_id
        self._check_ins = check_ins
        self._clock = clock
        self._health = health
        self.scanned = ScannedCard()
        self._queue: queue.Queue[Signal | ChipSignal] = queue.Queue(WAITING)

    def offer(self, payload: str, source: SignalSource) -> None:
        """Hand over a code; dropped when so many wait that it would be old before its turn."""
        try:
            self._queue.put_nowait(Signal(payload, source, self._clock.monotonic()))
        except queue.Full:
            _log.warning("a code was dropped", reason="queue full", device=source.value)

    def offer_chip(self, check_in_id: str, reading: ChipReading) -> None:
        """Hand over what a chip said; dropped like a code when the queue is full."""
        try:
            self._queue.put_nowait(ChipSignal(check_in_id, reading))
        except queue.Full:
            _log.warning("a chip was dropped", reason="queue full", check_in=check_in_id)

    def run(self, stop: threading.Event) -> None:
        """Claim what comes, until stopped."""
        while not stop.is_set():
            try:
                signal = self._queue.get(timeout=0.2)
            except queue.Empty:
                continue
            self._claim(signal, stop)

    def _claim(self, signal: Signal | ChipSignal, stop: threading.Event) -> None:
        if isinstance(signal, ChipSignal):
            # it names its check-in, so that it cannot be taken for the next patient's however long it waited
            self._take(lambda: self._claim_chip(signal), "card_reader", self._clock.monotonic(), stop)
        else:
            self._take(lambda: self._claim_code(signal), signal.source.value, signal.at, stop)

    def _claim_code(self, signal: Signal) -> CheckInView:
        self.scanned.show(signal.payload)
        claimed_for: str | None = None
        try:
            view = self._check_ins.claim(self._station_id, signal.payload, signal.source)
            claimed_for = view.id
        finally:
            self.scanned.hold(claimed_for)
        return view

    def _claim_chip(self, signal: ChipSignal) -> CheckInView:
        return self._check_ins.claim_chip(self._station_id, signal.check_in_id, signal.reading)

    def _take(self, claim: Callable[[], CheckInView], device: str, at: float, stop: threading.Event) -> None:
        for attempt in range(1, TRIES + 1):
            if self._clock.monotonic() - at > FRESH_SECONDS:
                _log.warning("a code was dropped", reason="too old", device=device, attempts=attempt)
                return
            try:
                view = claim()
            except InputError as error:
                _log.info("a code cannot be used", kind=error.kind, device=device)
                return
            except StorageError:
                self._health.note(CHECK_INS, DeviceState.FAULT)
                _log.warning("a code cannot be kept", attempts=attempt, device=device)
                stop.wait(RETRY_SECONDS)
            except KioskError as error:
                _log.warning("a code was not taken", exception_type=type(error).__name__, device=device)
                return
            else:
                self._health.note(CHECK_INS, DeviceState.WORKING)
                _log.info("a code was taken", check_in=view.id, stage=view.stage.value, device=device)
                return
