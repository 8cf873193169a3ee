import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from kiosk.errors import AlreadyCheckedIn, StaleVersion
from kiosk.model.actor import SYSTEM
from kiosk.model.checkin import CheckIn
from kiosk.storage.audit_chain import verify
from kiosk.storage.tables import tickets
from kiosk.storage.unit_of_work import SqlStorage

Begun = Callable[..., CheckIn]
Arrive = Callable[..., CheckIn]

WRITER = Path(__file__).with_name("storage_writer.py")
THREADS = 12


def at_once(attempt: Callable[[int], str]) -> list[str]:
    """What each of several threads got that began together."""
    start = threading.Barrier(THREADS)

    def run(number: int) -> str:
        start.wait()
        return attempt(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(run, range(THREADS)))


def start_writer(url: str, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, WRITER, url, name, str(count)], stdout=subprocess.PIPE, text=True)


def numbers_given(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return sorted(connection.scalars(select(tickets.c.number)))


def test_numbers_given_at_once_are_unique_and_without_a_gap(
    storage: SqlStorage, engine: Engine, arrive: Arrive, now: datetime
) -> None:
    def five_arrive(thread: int) -> str:
        for number in range(5):
            with storage.write() as work:
                check_in = arrive(work, f"{thread}-{number}")
                work.audit.add(now, SYSTEM, "arrive", f"check-in/{check_in.id}", {})
        return "arrived"

    assert at_once(five_arrive) == ["arrived"] * THREADS
    assert numbers_given(engine) == list(range(1, 5 * THREADS + 1))
    with storage.read() as work:
        result = verify(work.audit.rows())
    assert (result.intact, result.rows) == (True, 5 * THREADS)


def test_a_number_of_a_failed_arrival_goes_to_the_next_one(storage: SqlStorage, engine: Engine, arrive: Arrive) -> None:
    def arrive_or_fail(thread: int) -> str:
        try:
            with storage.write() as work:
                arrived = arrive(work, str(thread))
                if thread % 2:
                    work.check_ins.save(arrived)
        except StaleVersion:
            return "failed"
        return "arrived"

    assert sorted(at_once(arrive_or_fail)) == ["arrived"] * (THREADS // 2) + ["failed"] * (THREADS // 2)
    assert numbers_given(engine) == list(range(1, THREADS // 2 + 1))


def test_of_changes_to_one_version_exactly_one_wins(storage: SqlStorage, begun: Begun) -> None:
    check_in = begun("a")
    with storage.write() as work:
        work.check_ins.add(check_in)

    def change(thread: int) -> str:
        try:
            with storage.write() as work:
                work.check_ins.save(replace(check_in, version=2, misses=thread))
        except StaleVersion:
            return "stale"
        return f"won {thread}"

    outcomes = at_once(change)

    (winner,) = [outcome for outcome in outcomes if outcome != "stale"]
    with storage.read() as work:
        assert winner == f"won {work.check_ins.get('a').misses}"


def test_of_arrivals_for_one_appointment_exactly_one_holds_the_key(
    storage: SqlStorage, engine: Engine, arrive: Arrive
) -> None:
    def confirm(thread: int) -> str:
        try:
            with storage.write() as work:
                return arrive(work, str(thread), active_key="bn-1/hen-1").id
        except AlreadyCheckedIn as refusal:
            return f"already {refusal.check_in_id}"

    outcomes = at_once(confirm)

    (holder,) = [outcome for outcome in outcomes if not outcome.startswith("already")]
    assert outcomes.count(f"already {holder}") == THREADS - 1
    assert numbers_given(engine) == [1]


def test_the_chain_holds_with_several_processes_writing(url: str, storage: SqlStorage, engine: Engine) -> None:
    writers = [start_writer(url, name, 20) for name in ("a", "b", "c")]
    for writer in writers:
        writer.communicate(timeout=60)

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert numbers_given(engine) == list(range(1, 61))
    with storage.read() as work:
        result = verify(work.audit.rows())
    assert (result.intact, result.rows) == (True, 60)


def test_a_process_killed_in_the_middle_of_a_write_leaves_nothing_of_it(
    url: str, storage: SqlStorage, engine: Engine, arrive: Arrive
) -> None:
    writer = start_writer(url, "half", 0)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "written, not committed\n"

    writer.kill()
    writer.communicate()

    with storage.write() as work:
        assert work.check_ins.by_ticket_code("half") is None
        assert work.outbox.waiting() == 0
        assert list(work.audit.rows()) == []
        arrive(work, "next")
    assert numbers_given(engine) == [1]


def test_what_a_killed_process_had_committed_is_whole(url: str, storage: SqlStorage, engine: Engine, day: date) -> None:
    said: list[str] = []
    for name in ("a", "b", "c"):
        writer = start_writer(url, name, 1000)
        assert writer.stdout is not None
        said += [writer.stdout.readline().strip() for _ in range(10)]
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        said += rest.split()

    with storage.read() as work:
        kept = {check_in.id for check_in in work.check_ins.in_clinic("noi-tiet", day)}
        events = {event.check_in_id for event in work.events.unpublished(5000)}
        result = verify(work.audit.rows())
        waiting = work.outbox.waiting()
    assert set(said) <= kept == events
    assert len(kept) <= len(said) + 3
    assert (result.intact, result.rows, waiting) == (True, len(kept), len(kept))
    assert numbers_given(engine) == list(range(1, len(kept) + 1))
