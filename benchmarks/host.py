"""One host as a hospital runs it: real Redis on a unix socket, real database, the real programs."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from benchmarks.memory import free_port
from kiosk import bootstrap
from kiosk.checkin.services import Services
from kiosk.demo.hospital import Card, InventedPatient, cards_of, demo_clinics
from kiosk.live.clock import SystemClock
from kiosk.settings import Settings
from kiosk.settings.sections import DatabaseSettings, PathSettings, RecordSettings, RedisSettings, WebSettings
from kiosk.storage.migrations import upgrade

START_SECONDS = 60
SEED = 2026


@dataclass(frozen=True, slots=True)
class Host:
    """Where its settings are, and how its programs are started."""

    folder: Path
    settings: Settings
    running: ExitStack

    @property
    def settings_file(self) -> Path:
        """What its programs read."""
        return self.folder / "kiosk.toml"

    @property
    def staff_address(self) -> str:
        """Of the staff's listener."""
        return f"http://127.0.0.1:{self.settings.web.staff_port}"

    def services(self) -> Services:
        """The same parts in this process."""
        return bootstrap.open_services(self.settings)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Run one of the programs until the host ends."""
        command = [sys.executable, "-m", "kiosk", "--settings", str(self.settings_file), *words]
        return self.running.enter_context(_program(command, self.folder / f"{words[0]}.log", self.settings_file))

    def wait_for_staff(self) -> None:
        """Return once the staff's listener answers."""
        _wait(lambda: _answers(f"{self.staff_address}/readyz"), "the staff's listener")


@contextmanager
def host(record: Path, database_url: str = "sqlite") -> Iterator[Host]:
    """A host over that folder of bundles, with an empty database and nothing running yet but Redis."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as name, ExitStack() as running:
        folder = Path(name)
        settings = Settings(
            clinics=demo_clinics(),
            web=WebSettings(staff_port=free_port(), patient_port=free_port(), metrics_port=0),
            database=DatabaseSettings(url=database_url),
            redis=RedisSettings(url=f"unix://{folder / 'redis.sock'}"),
            record=RecordSettings(folder=str(record)),
            paths=PathSettings(data=str(folder / "data"), runtime=str(folder / "run")),
        )
        one = Host(folder, settings, running)
        one.settings_file.write_bytes(msgspec.toml.encode(settings))
        running.enter_context(_redis(folder))
        engine = bootstrap.open_engine(settings)
        upgrade(engine)
        engine.dispose()
        yield one


def today() -> date:
    """The date at the hospital."""
    return SystemClock(Settings().hospital.timezone).today()


def cards_with_names(patients: Sequence[InventedPatient]) -> list[Card]:
    """The first card of each that states name and birth date, so that no question is asked in between."""
    first = (cards_of(patient)[0] for patient in patients)
    return [card for card in first if card.kind != "hospital_code"]


@contextmanager
def _redis(folder: Path) -> Iterator[None]:
    socket = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    with _program([*command, "--appendonly", "yes", "--save", ""], folder / "redis.log", None):
        _wait(socket.exists, "Redis")
        yield


@contextmanager
def _program(command: Sequence[str], log: Path, settings: Path | None) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **({"KIOSK_SETTINGS": str(settings)} if settings else {})}
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start")
        time.sleep(0.02)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:  # noqa: S310 # our own listener
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
