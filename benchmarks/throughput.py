"""Check-ins a second that one host sustains, with SQLite and with PostgreSQL; one to 32 patients at a time."""

import multiprocessing
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.host import SEED, Host, cards_with_names, host, today
from benchmarks.patients import Crowd, all_at_once
from benchmarks.postgresql import postgresql
from benchmarks.tables import median, percentile, print_table
from kiosk.bootstrap import open_record
from kiosk.demo.hospital import write_thin

AIM = 50
PATIENTS = 4000


@dataclass(frozen=True, slots=True)
class Load:
    """So many processes, each with so many patients at once."""

    processes: int
    threads: int

    def __str__(self) -> str:
        word = "process" if self.processes == 1 else "processes"
        return f"{self.processes} {word} x {self.threads}"


LOADS = (Load(1, 1), Load(1, 8), Load(1, 32), Load(2, 8), Load(4, 8))


def main(patients: int = PATIENTS, seconds: float = 10, loads: Sequence[Load] = LOADS) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-record-") as folder, postgresql() as server:
        record = Path(folder) / "record"
        payloads = [card.payload for card in cards_with_names(write_thin(record, patients, seed=SEED, day=today()))]
        rows = []
        for load in loads:
            of_sqlite = _measure(record, lambda: "sqlite", payloads, load, seconds)
            of_postgresql = _measure(record, server.new_database, payloads, load, seconds)
            rows += _rows(load, of_sqlite, of_postgresql)
    print_table(
        f"Check-ins a second: a card shown, the name accepted, a number given (aim: {AIM}); {seconds:.0f} s each",
        (
            "patients at once",
            "database",
            "a second",
            "x the aim",
            "x SQLite",
            "median ms",
            "p95 ms",
            "refused",
            "CPU ms each",
        ),
        rows,
    )


def quick() -> None:
    """Two loads, two seconds each."""
    main(600, 2, (Load(1, 8), Load(2, 4)))


def _measure(
    record: Path, database: Callable[[], str], payloads: Sequence[str], load: Load, seconds: float
) -> list[Crowd]:
    with host(record, database()) as one:
        open_record(one.settings).check()
        spawning = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(load.processes, mp_context=spawning) as pool:
            running = [
                pool.submit(all_at_once, *_share(one, payloads, load, number), seconds)
                for number in range(load.processes)
            ]
            return [crowd.result() for crowd in running]


def _share(
    one: Host, payloads: Sequence[str], load: Load, number: int
) -> tuple[Path, Sequence[str], Sequence[str], Sequence[str]]:
    stations = [f"kiosk-{number}-{thread}" for thread in range(load.threads)]
    clinics = [clinic.id for clinic in one.settings.clinics]
    return one.settings_file, payloads[number :: load.processes], clinics, stations


def _rows(load: Load, of_sqlite: Sequence[Crowd], of_postgresql: Sequence[Crowd]) -> list[tuple[str, ...]]:
    base = _rate(of_sqlite)
    return [
        _row(str(load), "SQLite", of_sqlite, base),
        _row("", "PostgreSQL", of_postgresql, base),
    ]


def _row(name: str, database: str, crowds: Sequence[Crowd], base: float) -> tuple[str, ...]:
    rate = _rate(crowds)
    durations = [1000 * (one.committed - one.shown) for crowd in crowds for one in crowd.passages]
    return (
        name,
        database,
        f"{rate:.0f}",
        f"{rate / AIM:.1f}",
        f"{rate / base:.2f}",
        f"{median(durations):.0f}",
        f"{percentile(durations, 95):.0f}",
        str(sum(crowd.lost for crowd in crowds)),
        f"{1000 * sum(crowd.cpu_seconds for crowd in crowds) / max(1, len(durations)):.0f}",
    )


def _rate(crowds: Sequence[Crowd]) -> float:
    """The processes begin within a fraction of a second of each other."""
    began, ended = min(crowd.began for crowd in crowds), max(crowd.ended for crowd in crowds)
    return sum(len(crowd.passages) for crowd in crowds) / (ended - began)


if __name__ == "__main__":
    main()
