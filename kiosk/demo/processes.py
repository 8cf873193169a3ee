"""Children that are started, watched, restarted and stopped in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()

SHORTEST_LIFE = 1.0
"""Seconds between two starts of the same child: one that fails at once does not spin."""


@dataclass(slots=True)
class Child:
    """One program.

    Attributes:
        wanted: False keeps it stopped, as when the bench switches Redis off.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    wanted: bool = True
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)

    def tend(self) -> None:
        """Start it if it should run and does not; stop it if it should not."""
        running = self.is_running
        if self.wanted and not running and time.monotonic() - self._started >= SHORTEST_LIFE:
            if self._process:
                log.warning("restarting", process=self.name, status=self._process.returncode)
            self._start()
        elif not self.wanted and running:
            self.stop(2.0)

    @property
    def is_running(self) -> bool:
        """Whether it lives."""
        return self._process is not None and self._process.poll() is None

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        if self._process and self.is_running:
            self._process.send_signal(signal.SIGTERM)

    def stop(self, seconds: float) -> None:
        """Ask it to stop, and wait as `wait_or_kill` does."""
        self.ask_to_stop()
        self.wait_or_kill(seconds)

    def wait_or_kill(self, seconds: float) -> None:
        """Give it that time to end, then send SIGKILL to its whole session."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            log.warning("killing", process=self.name)
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _start(self) -> None:
        self._started = time.monotonic()
        with self.log_file.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 # our own list, no shell
                as_child(self.command),
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )


def as_child(command: Sequence[str]) -> list[str]:
    """The same program, ending when this process does."""
    return [sys.executable, "-m", "kiosk.demo.child", str(os.getpid()), *command]


def stop_in_order(groups: Sequence[Sequence[Child]], seconds: float) -> None:
    """Stop one group after the other, those of a group together, all of them within about that time."""
    deadline = time.monotonic() + seconds
    for group in groups:
        for child in group:
            child.ask_to_stop()
        for child in group:
            child.wait_or_kill(max(0.3, deadline - time.monotonic()))
