"""The host's clocks, as the kernel gives them."""

import ctypes
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMEX_BYTES = 512
"""More than `struct timex` has anywhere; all zero asks for nothing to be changed (adjtimex(2))."""
_TIME_ERROR = 5


class KernelTime:
    """Port `HostTime` on Linux.

    Args:
        boot_file: on a file system that a start of the host empties; used where /proc does not tell the start's id.
    """

    def __init__(self, boot_file: Path | None = None) -> None:
        self._boot_id = _boot_id(boot_file)
        self._kernel = ctypes.CDLL(None)

    @property
    def boot_id(self) -> str:
        """See the port."""
        return self._boot_id

    def times(self) -> tuple[datetime, float]:
        """See the port."""
        return datetime.now(UTC), time.clock_gettime(time.CLOCK_BOOTTIME)

    def is_synchronised(self) -> bool:
        """See the port."""
        state: int = self._kernel.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
        # where it may not be asked, nobody vouches; other traces of a time server outlive a clock that is set by hand
        return 0 <= state != _TIME_ERROR

    def monotonic(self) -> float:
        """See the port."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See the port."""
        time.sleep(seconds)


def _boot_id(boot_file: Path | None) -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return _kept_id(boot_file) if boot_file else ""


def _kept_id(boot_file: Path) -> str:
    """One id for all processes of this start: whoever comes first draws it."""
    mine = boot_file.with_name(f"{boot_file.name}.{os.getpid()}")
    try:
        mine.write_text(secrets.token_hex(16), encoding="ascii")
        try:
            os.link(mine, boot_file)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
        return boot_file.read_text(encoding="ascii")
    except OSError:
        return ""
