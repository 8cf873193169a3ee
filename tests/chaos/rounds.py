"""What is done to a hospital, a round each, and what was found afterwards."""

import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.chaos import database, disks
from tests.chaos.apart import apart
from tests.chaos.check import Findings, check
from tests.chaos.wall_clock import CLOCK_FILE
from tests.chaos.world import World, world

ROOT_ONLY = "not run: needs root"
PAUSE_SECONDS = 0.25
"""Between two kills, on average."""
MOST_PATIENCE_SECONDS = 1.0
"""Until somebody is told a number between two kills."""
WARM_UP_SECONDS, AFTER_SECONDS = 5.0, 5.0
WEIGHTS: Mapping[str, int] = {
    "patient": 60,
    "doctor": 10,
    "station": 6,
    "deliver": 6,
    "redis": 6,
    "web-patient": 4,
    "web-staff": 4,
    database.NAME: 4,
}
PEOPLE = ("patient", "doctor")
CUTS, FULL = 3, 3
JUMPS = (-7200, 64800, 200 * 86400, -9000 * 86400, 0)
"""Seconds: two hours back, 18 ahead, 200 days ahead, 25 years back, and right again."""


@dataclass
class Outcome:
    """A row of the table."""

    what: str
    done: str = ""
    found: Findings = field(default_factory=Findings)
    seconds: float = 0.0


def kills(count: int, seed: int) -> Outcome:
    """Anything but the database, which is a file."""
    with home() as folder, world(folder, people_for(count), seed) as hospital:
        return _killed("kills, SQLite", hospital, count)


def kills_with_postgresql(count: int, seed: int) -> Outcome:
    """Anything, the database's own processes too."""
    with (
        home() as folder,
        database.postgresql() as (server, url),
        world(folder, people_for(count), seed, server, url) as hospital,
    ):
        return _killed("kills, PostgreSQL", hospital, count)


def cuts(seed: int) -> Outcome:
    """The file system of database and record goes without a flush, and everything that runs with it."""
    outcome = Outcome("file system shut down without a flush")
    if os.geteuid():
        outcome.done = ROOT_ONLY
        return outcome
    with home() as folder, disks.disk(folder) as disk, world(disk.place / "data", people_for(400), seed) as hospital:
        for _ in range(CUTS):
            hospital.live(WARM_UP_SECONDS + hospital.random.uniform(0, 3))
            disk.cut()
            hospital.die()
            disk.unmount()
            disk.mount()
        return _ended(outcome, hospital, f"{CUTS} times")


def jumps(seed: int) -> Outcome:
    """The wall clock of every process is set wrong and right again."""
    outcome = Outcome("clock jumps")
    with home() as folder, world(folder, people_for(400), seed) as hospital:
        clock = Path(os.environ[CLOCK_FILE])
        hospital.live(WARM_UP_SECONDS)
        for shift in JUMPS:
            new = clock.with_suffix(".new")
            new.write_text(str(shift))
            new.replace(clock)
            hospital.live(WARM_UP_SECONDS)
            _kill(hospital, "deliver")
            _kill(hospital, "station")
            hospital.live(WARM_UP_SECONDS)
        return _ended(outcome, hospital, ", ".join(_said(shift) for shift in JUMPS))


def full(seed: int) -> Outcome:
    """The disk of database and record has no room for a while."""
    outcome = Outcome("disk full")
    if os.geteuid():
        outcome.done = ROOT_ONLY
        return outcome
    with home() as folder, disks.small_disk(folder) as place, world(place / "data", people_for(400), seed) as hospital:
        for _ in range(FULL):
            hospital.live(WARM_UP_SECONDS)
            filler = disks.fill(place)
            hospital.live(WARM_UP_SECONDS)
            filler.unlink()
        return _ended(outcome, hospital, f"{FULL} times for {WARM_UP_SECONDS:.0f} s")


def people_for(kills_wanted: int) -> int:
    """Enough that nobody stands idle: about two are told a number for each kill."""
    return 400 + 4 * kills_wanted


@contextmanager
def home() -> Iterator[Path]:
    """An empty folder that goes with the block."""
    with tempfile.TemporaryDirectory(prefix="kiosk-chaos-") as name:
        yield Path(name)


def _killed(what: str, hospital: World, count: int) -> Outcome:
    done: Counter[str] = Counter()
    hospital.live(WARM_UP_SECONDS)
    while done.total() < count:
        noted = hospital.crowd.noted()
        hospital.live(hospital.random.expovariate(1 / PAUSE_SECONDS))
        # on a busy host nobody would live long enough to be told a number
        hospital.live(MOST_PATIENCE_SECONDS, partial(_more, hospital, noted))
        names = [name for name in WEIGHTS if name in PEOPLE or any(child.name == name for child in hospital.children)]
        name = hospital.random.choices(names, [WEIGHTS[name] for name in names])[0]
        done[name] += _kill(hospital, name)
    said = ", ".join(f"{number} {name}" for name, number in done.most_common())
    return _ended(Outcome(what), hospital, f"{count}: {said}")


def _more(hospital: World, noted: int) -> bool:
    return hospital.crowd.noted() > noted


def _kill(hospital: World, name: str) -> int:
    """One process of that name, or the program with all that it started; returns how many kills that was."""
    pids = hospital.crowd.pids(name) if name in PEOPLE else hospital.pids(name)
    if not pids:
        return 0
    chosen, chance = hospital.random.choice(pids), hospital.random.random()
    if name not in PEOPLE and chance < 0.5:  # as often as not
        os.killpg(pids[0], signal.SIGKILL)
    else:
        os.kill(chosen, signal.SIGKILL)
    return 1


def _ended(outcome: Outcome, hospital: World, done: str) -> Outcome:
    hospital.live(AFTER_SECONDS)
    hospital.settle()
    hospital.stop()
    outcome.done = done
    outcome.found = apart(lambda: check(hospital.settings, hospital.crowd.told()), Findings)
    return outcome


def _said(shift: int) -> str:
    hours = shift // 3600
    return f"{hours:+d} h" if abs(hours) < 48 else f"{hours // 24:+d} d"  # two days


def timed(run: Callable[[], Outcome]) -> Outcome:
    """The same, with how long it took."""
    began = time.monotonic()
    outcome = run()
    outcome.seconds = time.monotonic() - began
    return outcome
