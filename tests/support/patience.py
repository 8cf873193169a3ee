"""Waiting for what other threads and processes do, on a host that may be busy."""

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds. Only what fails waits for so long."""


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return as soon as it is true.

    Raises:
        AssertionError: it did not become true.
    """
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)
