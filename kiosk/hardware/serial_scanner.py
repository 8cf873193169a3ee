"""A code scanner on a serial line (USB in COM-port mode): the only home of pyserial for scanners."""

import errno
import time
from collections import deque

import serial

from kiosk.errors import DeviceError
from kiosk.hardware.code_scanner import LineCutter

IDLE_SECONDS = 0.15
"""Silence that ends a code of a scanner without a suffix; a scanner sends a code in one go."""
_POLL_SECONDS = 0.05


class SerialScanner:
    """Port `CodeScanner`. Opens its device when asked for a line, and again after it was lost.

    Args:
        path: of the device, best ``/dev/serial/by-id/…``.
        baud: of a real serial line; USB devices ignore it.
    """

    def __init__(self, path: str, baud: int = 9600) -> None:
        self._path = path
        self._baud = baud
        self._port: serial.Serial | None = None
        self._cutter = LineCutter()
        self._lines: deque[str] = deque()
        self._last_byte = 0.0

    def line(self, wait_ms: int) -> str | None:
        """The next line, or None after that time.

        Raises:
            DeviceError: ``absent``, ``busy`` or ``fault``.
        """
        ends = time.monotonic() + wait_ms / 1000
        while not self._lines:
            self._read()
            if not self._lines and time.monotonic() >= ends:
                return None
        return self._lines.popleft()

    def close(self) -> None:
        """Let go of the device and of half a line."""
        if self._port:
            self._port.close()
        self._port = None
        self._cutter = LineCutter()

    def _read(self) -> None:
        try:
            port = self._port or self._open()
            data = port.read(max(1, port.in_waiting))
        except (serial.SerialException, OSError) as error:
            self.close()
            raise DeviceError(_kind(error), f"the scanner at {self._path} does not answer") from error
        now = time.monotonic()
        if data:
            self._last_byte = now
            self._lines += self._cutter.feed(data)
        elif now - self._last_byte >= IDLE_SECONDS:
            self._lines += self._cutter.flush()

    def _open(self) -> serial.Serial:
        # opening empties the input: what was scanned while nobody listened belongs to nobody
        self._port = serial.Serial(self._path, self._baud, timeout=_POLL_SECONDS, exclusive=True)
        return self._port


def _kind(error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code in (errno.EAGAIN, errno.EBUSY):
        return "busy"
    return "fault" if code in (errno.EACCES, errno.EPERM) else "absent"
