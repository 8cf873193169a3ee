"""From a card that is shown to the row on a doctor's screen, with one and with 200 screens open.

Live is what kiosk does; asking for the list again and again is what one would build instead, and what kiosk falls back
to while Redis is away.
"""

import multiprocessing
import os
import random
import secrets
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.crowd import Crowd as Screens
from benchmarks.crowd import crowd
from benchmarks.host import SEED, Host, cards_with_names, host, today
from benchmarks.patients import Crowd, Passage, one_after_the_other
from benchmarks.screens import Watched, Way, watched_screen
from benchmarks.tables import median, percentile, print_table
from kiosk.bootstrap import open_record
from kiosk.checkin import accounts
from kiosk.checkin.accounts import SessionLimits
from kiosk.demo.hospital import InventedPatient, build_hospital, write_thin
from kiosk.model.actor import Actor
from kiosk.model.staff import Role

AIM_MS = 150
PATIENTS, WARM_UP = 80, 5
PAUSE_SECONDS = 0.3
FULL, THIN = 300, 100_000
LIVE = (Way(1), Way(200))
OTHERS = (Way(200, own_clinic=True), Way(1, poll_seconds=1), Way(200, poll_seconds=5))
LIMITS = SessionLimits(timedelta(hours=1), timedelta(hours=1), 5, timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Found:
    """What one way showed; durations in milliseconds from the moment the card was shown."""

    record: str
    way: Way
    resolved: list[float]
    committed: list[float]
    told: list[float]
    shown: list[float]
    last_told: list[float]
    missed: int
    refused: int
    server_share: float


def main(patients: int = PATIENTS, thin: int = THIN) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-record-") as folder:
        full, many = Path(folder) / "full", Path(folder) / "thin"
        hospital = build_hospital(full, seed=SEED, day=today(), patients=FULL)
        found = _measure(f"{FULL} full", full, hospital.patients, LIVE + OTHERS, patients)
        people = write_thin(many, thin, seed=SEED, day=today())
        found += _measure(f"{thin:,} thin", many, people, LIVE, patients)
    _print(found, patients)


def quick() -> None:
    """Few patients in a small hospital."""
    main(12, 1000)


def _measure(
    name: str, record: Path, people: Sequence[InventedPatient], ways: Sequence[Way], patients: int
) -> list[Found]:
    payloads = [card.payload for card in cards_with_names(people)]
    random.Random(SEED).shuffle(payloads)
    found = []
    for way in ways:
        # a host of its own for each: the lists are as long, and everybody can check in again
        with host(record) as one:
            open_record(one.settings).check()
            found.append(_measure_way(name, one, way, payloads[: patients + WARM_UP]))
            print(".", end="", flush=True)
    return found


def _measure_way(name: str, one: Host, way: Way, payloads: Sequence[str]) -> Found:
    clinics = [clinic.id for clinic in one.settings.clinics]
    token = _sign_in(one, "bacsi", clinics)
    tokens = [_sign_in(one, clinic, [clinic]) for clinic in clinics] if way.own_clinic else [token]
    staff = one.start("web", "staff")
    one.start("deliver")
    one.wait_for_staff()
    others = crowd(one.staff_address, tokens, way) if way.screens > 1 else nullcontext()
    with others as beside, watched_screen(one.staff_address, token, way) as watched:
        before = _cpu_seconds(staff.pid)
        checked_in = _patients(one, payloads)
        share = (_cpu_seconds(staff.pid) - before) / (checked_in.ended - checked_in.began)
        passages = checked_in.passages[WARM_UP:]
        watched.wait_for([passage.check_in_id for passage in passages])
    return _found(name, way, passages, watched, beside, share)


def _patients(one: Host, payloads: Sequence[str]) -> Crowd:
    """In a process of their own, as the station is one."""
    clinic_id = one.settings.clinics[0].id
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(one_after_the_other, one.settings_file, payloads, clinic_id, PAUSE_SECONDS).result()


def _sign_in(one: Host, name: str, clinics: Sequence[str]) -> str:
    services, password = one.services(), secrets.token_hex()
    accounts.add_account(
        services,
        sign_in_name=name,
        shown_name="BS. Mẫu",
        role=Role.DOCTOR,
        clinics=clinics,
        password=password,
        by=Actor.command_line("benchmark"),
    )
    return accounts.sign_in(services, name=name, password=password, role=Role.DOCTOR, limits=LIMITS)[0]


def _found(
    name: str, way: Way, passages: Sequence[Passage], watched: Watched, beside: Screens | None, share: float
) -> Found:
    def since(times: dict[str, float]) -> list[float]:
        return [1000 * (times[one.check_in_id] - one.shown) for one in passages if one.check_in_id in times]

    told = beside.told if beside else {}
    last = {check_in_id: max(times) for check_in_id, times in told.items()}
    return Found(
        record=name,
        way=way,
        resolved=since({one.check_in_id: one.resolved for one in passages}),
        committed=since({one.check_in_id: one.committed for one in passages}),
        told=since(watched.told),
        shown=since(watched.shown),
        last_told=since(last),
        missed=len(passages) - len(since(watched.shown)),
        refused=(beside.refused if beside else 0) + watched.refused,
        server_share=share,
    )


def _print(found: Sequence[Found], patients: int) -> None:
    base = median(found[1].shown)
    print()
    print_table(
        f"Milliseconds from the card to the doctor's screen, median / 95th percentile of {patients} patients "
        f"(aim: p95 under {AIM_MS} with 200 screens)",
        (
            "patients in the record",
            "screens",
            "resolved",
            "ticket",
            "told",
            "row shown",
            "last told",
            "missed",
            "refused",
            "CPU",
            "x live",
        ),
        [_row(one, base) for one in found],
    )
    print(
        "\nresolved: the record gave exactly one patient; ticket: committed, published and answered to the kiosk; told:"
        "\nthe event is on the watched screen; row shown: it fetched the row; last told: the last of the other screens;"
        "\nCPU: of the staff's web process, in cores; x live: median of `row shown`, 200 live screens = 1."
    )


def _row(one: Found, base: float) -> tuple[str, ...]:
    return (
        one.record,
        str(one.way),
        _pair(one.resolved),
        _pair(one.committed),
        _pair(one.told),
        _pair(one.shown),
        _pair(one.last_told),
        str(one.missed),
        str(one.refused),
        f"{one.server_share:.2f}",
        f"{median(one.shown) / base:.1f}",
    )


def _pair(values: Sequence[float]) -> str:
    return f"{median(values):.0f} / {percentile(values, 95):.0f}" if values else "–"


def _cpu_seconds(pid: int) -> float:
    """Of a process and its children, as far as they live (proc(5))."""
    ticks = 0
    for one in _with_children(pid):
        fields = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _with_children(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *map(int, children)]


if __name__ == "__main__":
    main()
