"""A code scanner that poses as a keyboard, by its Linux input device: the only home of evdev."""

import contextlib
import errno
import select
import time

import evdev

from kiosk.errors import DeviceError
from kiosk.hardware.key_lines import KeyLines


class WedgeScanner:
    """Port `CodeScanner`. Takes the device for itself, so that no scan reaches the browser as typing.

    Args:
        path: ``/dev/input/by-id/…-event-kbd``; ``/dev/input/eventN`` changes from start to start.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._device: evdev.InputDevice[str] | None = None
        self._keys = KeyLines()
        self._lines: list[str] = []

    def line(self, wait_ms: int) -> str | None:
        """The next line, or None after that time.

        Raises:
            DeviceError: ``absent``, ``busy`` (another program has grabbed it) or ``fault``.
        """
        ends = time.monotonic() + wait_ms / 1000
        while not self._lines:
            remaining = ends - time.monotonic()
            self._read(max(remaining, 0))
            if remaining <= 0 and not self._lines:
                return None
        return self._lines.pop(0)

    def close(self) -> None:
        """Let go of the device and of half a line."""
        if self._device:
            with contextlib.suppress(OSError):
                self._device.close()
        self._device = None
        self._keys = KeyLines()

    def _read(self, seconds: float) -> None:
        try:
            device = self._device or self._open()
            if not select.select([device.fd], [], [], seconds)[0]:
                return
            for event in device.read():
                line = self._keys.feed(event.type, event.code, event.value, event.timestamp())
                self._lines += [line] if line else []
        except OSError as error:
            self.close()
            raise DeviceError(_kind(error), f"the scanner at {self._path} does not answer") from error

    def _open(self) -> evdev.InputDevice[str]:
        self._device = evdev.InputDevice(self._path)
        self._device.grab()
        return self._device


def _kind(error: OSError) -> str:
    if error.errno == errno.EBUSY:
        return "busy"
    return "fault" if error.errno in (errno.EACCES, errno.EPERM) else "absent"
