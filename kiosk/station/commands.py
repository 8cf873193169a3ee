"""Orders from the screens to this station's devices: print a ticket or a receipt."""

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from kiosk.errors import BusUnreachable, DeviceError, KioskError, StorageError
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.model.events import Command, CommandKind, DeviceState
from kiosk.model.queue import PrintState
from kiosk.ports.check_ins import CheckIns
from kiosk.ports.devices import TicketPrinter, TicketText
from kiosk.ports.live import Bus
from kiosk.ports.time import Clock
from kiosk.station.health import Health
from kiosk.station.ticket import TicketWords

WAIT_MS = 500
AGAIN_SECONDS = 1.0
LOOK_AT_PRINTER_SECONDS = 5.0
LATE_MS = 60_000
"""A ticket asked for while the station started anew is still printed; one asked for earlier has lost its patient."""
TRIES = 3

_log = structlog.get_logger(__name__)
_Answer = TypeVar("_Answer")


class Commands:
    """The printer's thread: reads orders, prints, and says what became of each."""

    def __init__(  # each is a part of its own
        self,
        station_id: str,
        check_ins: CheckIns,
        bus: Bus,
        printer: TicketPrinter | None,
        words: TicketWords,
        clock: Clock,
        health: Health,
    ) -> None:
        self._station_id = station_id
        self._check_ins = check_ins
        self._bus = bus
        self._printer = printer
        self._words = words
        self._clock = clock
        self._health = health
        self._looked_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Obey, until stopped."""
        before = after = ""
        while not stop.is_set():
            self._look_at_printer()
            try:
                if not before:
                    before = self._bus.last_command(self._station_id)
                    after = f"{max(0, _milliseconds(before) - LATE_MS)}-0"
                orders = self._bus.commands(self._station_id, after, WAIT_MS)
            except BusUnreachable:
                stop.wait(AGAIN_SECONDS)
                continue
            for after, command in orders:
                if stop.is_set():
                    return
                late = _place(after) <= _place(before)
                if not late or self._may_still_wait(after):
                    self._obey(command, late=late, stop=stop)

    def _may_still_wait(self, order_id: str) -> bool:
        """By the host's own clock, as the bus has it; where that was set back, what was printed tells."""
        now_ms = int(self._clock.host().wall.timestamp() * 1000)
        return now_ms - _milliseconds(order_id) <= LATE_MS

    def _obey(self, command: Command, *, late: bool, stop: threading.Event) -> None:
        try:
            view = _kept_trying(lambda: self._check_ins.view(self._station_id, command.check_in_id), stop)
            if command.kind is CommandKind.PRINT_RECEIPT:
                self._print(view.id, self._words.receipt(view.language, self._clock))
                return
            if not _is_due(view, late=late):
                return
            state = self._print(view.id, self._words.ticket(view, self._clock))
            # a number shown again is the ticket of an earlier check-in: that one tells reception
            code = view.ticket.code if view.ticket else view.id
            _kept_trying(lambda: self._check_ins.printed(code, state), stop)
        except KioskError as error:
            _log.warning("an order failed", check_in=command.check_in_id, exception_type=type(error).__name__)

    def _print(self, check_in_id: str, text: TicketText) -> PrintState:
        if self._printer is None:
            _log.warning("a ticket was not printed", check_in=check_in_id, kind="absent")
            return PrintState.FAILED
        try:
            self._printer.print(text)
        except DeviceError as error:
            self._health.note_error("printer", error)
            _log.warning("a ticket was not printed", check_in=check_in_id, kind=error.kind)
            return PrintState.FAILED
        self._health.note("printer", DeviceState.WORKING)
        return PrintState.PRINTED

    def _look_at_printer(self) -> None:
        now = self._clock.monotonic()
        if self._printer and now - self._looked_at >= LOOK_AT_PRINTER_SECONDS:
            self._looked_at = now
            self._health.note("printer", self._printer.state())


def _place(order_id: str) -> tuple[int, int]:
    """Ids of the bus go on in order, whatever its clock does."""
    milliseconds, _, number = order_id.partition("-")
    return int(milliseconds), int(number or 0)


def _milliseconds(order_id: str) -> int:
    return _place(order_id)[0]


def _is_due(view: CheckInView, *, late: bool) -> bool:
    """A ticket once; a receipt, which tells nobody's name, rather twice than not at all."""
    if view.ticket is None:
        return view.stage is Stage.FORGOTTEN
    return not (late and view.ticket.print_state in {PrintState.PRINTED, PrintState.FAILED})


def _kept_trying(call: Callable[[], _Answer], stop: threading.Event) -> _Answer:
    """Call; while the database cannot be used, up to three times."""
    for _ in range(TRIES - 1):
        try:
            return call()
        except StorageError:
            stop.wait(AGAIN_SECONDS)
    return call()
