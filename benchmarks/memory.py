"""Memory of all processes of the demo at rest: proportional set size (proc(5), smaps_rollup), a line a process."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.tables import print_table

AIM_MB = 400
REST_SECONDS = 30
TOLD = "Ctrl+C stops everything"


def main(rest_seconds: float = REST_SECONDS) -> None:
    """Start the demo, let it rest, and print what it holds."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as folder, demo(Path(folder) / "data") as supervisor:
        time.sleep(rest_seconds)
        sizes = [(_name(pid), _megabytes(pid)) for pid in _family(supervisor.pid)]
    total = sum(size for _, size in sizes)
    rows = [(name, f"{size:.1f}", f"{100 * size / total:.0f} %") for name, size in sizes]
    rows.append(("together", f"{total:.1f}", f"{total / AIM_MB:.2f} of the aim"))
    print_table(
        f"Memory at rest, {rest_seconds:.0f} s after the start (aim: under {AIM_MB} MB together)",
        ("process", "PSS in MB", "share"),
        rows,
    )


def quick() -> None:
    """Without the long rest."""
    main(3)


@contextmanager
def demo(data: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo on free ports, from when it says that it is open."""
    ports = ["--patient-port", str(free_port()), "--staff-port", str(free_port())]
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "demo", "--data", str(data), *ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        said = ""
        while TOLD not in said:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise RuntimeError(f"the demo did not start:\n{said}")
            said += line
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def free_port() -> int:
    """A port of this host that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _family(pid: int) -> list[int]:
    """A process and all that it started, parents first."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    if "kiosk" not in words:
        return Path(words[0].split()[0]).name.rstrip(":")
    told = [word for word in words[words.index("kiosk") + 1 :] if word and not word.startswith("-") and "/" not in word]
    return " ".join(["kiosk", *told[:2]]) if told[0] == "web" else f"kiosk {told[0]}"


if __name__ == "__main__":
    main()
