"""A hospital whose every process may be killed: the demo's own programs, looked after as its supervisor does."""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kiosk import bootstrap
from kiosk.demo import preparation
from kiosk.demo.hospital import cards_of, write_thin
from kiosk.demo.processes import Child, stop_in_order
from kiosk.demo.supervisor import Demo, children_of, make_runtime_dir
from kiosk.errors import KioskError
from kiosk.live.clock import SystemClock
from kiosk.settings import Settings, load_settings
from kiosk.settings.sections import DatabaseSettings, FaceSettings, StationSettings
from tests.chaos.apart import apart
from tests.chaos.database import NAME as DATABASE
from tests.chaos.people import Crowd
from tests.support.running_demo import free_port

SEED = 2026
PATIENTS_AT_ONCE = 8
STOP_SECONDS = 5.0
DRAIN_SECONDS = 120.0


@dataclass
class World:
    """Programs and people.

    Attributes:
        children: with PostgreSQL first, where it is the database.
    """

    demo: Demo
    children: list[Child]
    crowd: Crowd
    random: random.Random

    @property
    def settings(self) -> Settings:
        return load_settings(self.demo.settings_file)

    def tend(self) -> None:
        """Start what should run and does not."""
        for child in self.children:
            child.tend()
        self.crowd.tend()

    def live(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Go on for so long, or until that is true; returns whether it is."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not until():
            self.tend()
            time.sleep(0.02)
        return until()

    def child(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)

    def pids(self, name: str) -> list[int]:
        """Of a program and what it started, the first one first; empty while it does not run."""
        process = self.child(name)._process  # noqa: SLF001 # who kills it must know it
        if process is None or process.poll() is not None:
            return []
        below = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        return [process.pid, *map(int, below.read_text(encoding="ascii").split())]

    def settle(self) -> None:
        """Nobody comes any more, and everything that waits is sent; what does not go out is a finding."""
        self.crowd.end()
        ends = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < ends and not apart(self._is_settled, bool):
            for child in self.children:
                child.tend()
            time.sleep(0.2)

    def _is_settled(self) -> bool:
        try:
            services = bootstrap.open_services(self.settings)
            with services.storage.read() as work:
                return not work.outbox.waiting() and not work.events.unpublished(1)
        except KioskError:
            return False

    def stop(self) -> None:
        """Everything but another database, in order."""
        self.crowd.end()
        stop_in_order([[child for child in self.children if child.name != DATABASE]], STOP_SECONDS)

    def die(self) -> None:
        """Everything at once."""
        self.crowd.end()
        for child in self.children:
            for pid in self.pids(child.name)[:1]:
                os.killpg(pid, signal.SIGKILL)
            child.stop(0)


@contextmanager
def world(data: Path, patients: int, seed: int, database: Child | None = None, url: str = "sqlite") -> Iterator[World]:
    """Made, not yet started; what it runs ends with the block.

    Args:
        data: an empty folder for database, record and Redis; what patients were told is written elsewhere.
        patients: how many were invented.
        seed: of whom chance takes.
        database: the program of another database, which must run by now.
        url: of that database.
    """
    runtime, notes = make_runtime_dir(), Path(tempfile.mkdtemp(prefix="kiosk-chaos-"))
    demo = Demo(data, runtime, free_port(), free_port())
    try:
        with redirect_stdout(sys.stderr):
            cards = apart(lambda: prepare(demo, patients, url), list[str])
        # what an operator wrote long ago is on the disk
        os.sync()
        children = [*([database] if database else []), *children_of(demo)]
        made = World(demo, children, Crowd(demo.settings_file, notes, cards, PATIENTS_AT_ONCE), random.Random(seed))  # noqa: S311 # no secret
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(runtime, ignore_errors=True)
        shutil.rmtree(notes, ignore_errors=True)


def prepare(demo: Demo, patients: int, url: str) -> list[str]:
    """Settings, keys, record and database; returns a card of each patient."""
    demo.data.mkdir(parents=True, exist_ok=True)
    preparation.prepare_keys(demo)
    settings = preparation.write_settings(demo)
    if url != "sqlite":
        # the demo's simulated devices are refused beside it
        real = {"mode": Settings().mode, "station": StationSettings(), "face": FaceSettings()}
        settings = msgspec.structs.replace(settings, database=DatabaseSettings(url=url), **real)
        demo.settings_file.write_bytes(msgspec.toml.encode(settings))
    people = write_thin(settings.record_dir, patients, seed=SEED, day=SystemClock(settings.hospital.timezone).today())
    preparation.prepare_cards(demo)
    preparation.prepare_database(settings, demo.passwords_file)
    return [card.payload for patient in people for card in cards_of(patient) if card.kind == "citizen"]
