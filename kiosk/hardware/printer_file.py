"""A printer behind a device file, with a limit for every call.

python-escpos's own class for files creates a missing one, so that tickets for a printer that is gone would be printed
into an ordinary file; and it waits for ever on a printer that takes nothing.
"""

import os
import select
import time

from escpos.escpos import Escpos


class DeviceFile(Escpos):  # type: ignore[misc] # python-escpos ships no types
    """A character device such as ``/dev/usb/lp0``, or an existing file to which tickets are added."""

    def __init__(self, path: str, write_seconds: float, answer_seconds: float, profile: str) -> None:
        super().__init__(profile=profile)
        self._path = path
        self._write_seconds = write_seconds
        self._answer_seconds = answer_seconds
        self._fd = -1

    def open(self, raise_not_found: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 # python-escpos's signature
        """Open an existing file.

        Raises:
            OSError: it is not there, or not ours.
        """
        self._fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self) -> None:
        """Close it, if it is open."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    def _raw(self, msg: bytes) -> None:
        ends = time.monotonic() + self._write_seconds
        left = memoryview(msg)
        while left:
            if not _ready(self._fd, select.POLLOUT, ends - time.monotonic()):
                raise TimeoutError("the printer takes no data")
            left = left[os.write(self._fd, left) :]

    def _read(self) -> bytes:
        return os.read(self._fd, 16) if _ready(self._fd, select.POLLIN, self._answer_seconds) else b""


def _ready(fd: int, what: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(fd, what)
    return bool(poll.poll(max(0, seconds * 1000)))
