"""Simulated camera, scanner and printer: they see, read and write what the bench holds."""

import time
from collections import deque

from kiosk.errors import DeviceError
from kiosk.hardware.code_scanner import LineCutter
from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.picture import empty_picture
from kiosk.model.events import DeviceState
from kiosk.ports.devices import TicketText

_POLL_SECONDS = 0.05


class SimulatedCamera:
    """Port `Camera`: shows the bench's picture, or a grey wall."""

    def __init__(self, bench: FileBench) -> None:
        self._bench = bench
        self._empty = empty_picture()

    def frame(self) -> bytes:
        """The newest picture as JPEG.

        Raises:
            DeviceError: ``absent`` while unplugged.
        """
        _demand_plugged(self._bench, "camera")
        return self._bench.picture() or self._empty

    def close(self) -> None:
        """Nothing to let go."""


class SimulatedScanner:
    """Port `CodeScanner`: reads each line of the bench once."""

    def __init__(self, bench: FileBench) -> None:
        self._bench = bench
        self._lines: deque[str] = deque()

    def line(self, wait_ms: int) -> str | None:
        """The next line, or None after that time.

        Raises:
            DeviceError: ``absent`` while unplugged.
        """
        ends = time.monotonic() + wait_ms / 1000
        while True:
            self._read()
            if self._lines:
                return self._lines.popleft()
            if time.monotonic() >= ends:
                return None
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        """Nothing to let go."""

    def _read(self) -> None:
        scanned = self._bench.take_lines()
        _demand_plugged(self._bench, "scanner")
        for line in scanned:
            cutter = LineCutter()
            self._lines += cutter.feed(line) + cutter.flush()


class SimulatedPrinter:
    """Port `TicketPrinter`: its tickets lie on the bench as text."""

    def __init__(self, bench: FileBench) -> None:
        self._bench = bench

    def print(self, ticket: TicketText) -> None:
        """Print and cut.

        Raises:
            DeviceError: ``absent`` while unplugged, ``no_paper``.
        """
        _demand_plugged(self._bench, "printer")
        if self._bench.paper_out():
            raise DeviceError("no_paper", "the simulated printer has no paper")
        code = f"QR {ticket.code}" if ticket.code else ""
        self._bench.keep_ticket("\n".join(filter(None, [ticket.number, *ticket.lines, code])))

    def state(self) -> DeviceState:
        """Its health."""
        if not self._bench.plugged("printer"):
            return DeviceState.ABSENT
        return DeviceState.NO_PAPER if self._bench.paper_out() else DeviceState.WORKING


def _demand_plugged(bench: FileBench, device: str) -> None:
    if not bench.plugged(device):
        raise DeviceError("absent", f"the simulated {device} is unplugged")
