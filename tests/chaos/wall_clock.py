"""A wall clock that can be set for some processes alone; the kernel's own is left as it is."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CLOCK_FILE = "CHAOS_CLOCK"
SOURCE = Path(__file__).with_suffix(".c")


@contextmanager
def settable() -> Iterator[Mapping[str, str]]:
    """The environment of processes whose clock goes by a file, which says how many seconds it is ahead."""
    with tempfile.TemporaryDirectory(prefix="kiosk-chaos-clock-") as name:
        library, clock = Path(name, "wall_clock.so"), Path(name, "clock")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True)
        clock.write_text("0")
        yield {"LD_PRELOAD": str(library), CLOCK_FILE: str(clock), **os.environ}
