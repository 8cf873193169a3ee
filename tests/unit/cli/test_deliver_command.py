"""The deliver process: what it publishes does not wait behind the hospital's record."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.checkin.waits import Waits
from kiosk.cli.deliver import run
from kiosk.errors import BusUnreachable, KioskError, RecordUnreachable
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.checkin import Stage
from kiosk.model.events import Event
from kiosk.model.identity import Identifier, Patient
from kiosk.ports.devices import SignalSource
from tests.support.patience import PATIENCE
from tests.support.small_hospital import GIA_QR, MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"
KEEP = timedelta(days=90)


class Absent(MemoryBus):
    def publish(self, events: Sequence[Event]) -> None:
        raise BusUnreachable(str(len(events)))


@dataclass
class Hanging(SmallRecord):
    """Answers nothing until it is let go."""

    asked_once: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        if not self.off:
            self.asked_once.set()
            self.let_go.wait(2 * PATIENCE)
        super().check()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def record() -> Hanging:
    return Hanging(off=True)


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: Hanging, bus: MemoryBus) -> Services:
    return open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)


def arrive(services: Services, payload: str, station: str = HERE) -> str:
    kiosk = LocalCheckIns(services)
    view = kiosk.claim(station, payload, SignalSource.CAMERA)
    view = kiosk.accept_name(station, view.id, view.version)
    view = kiosk.choose_clinic(station, view.id, view.version, "noi")
    assert view.stage is Stage.ARRIVED
    return view.id


@contextmanager
def running(services: Services) -> Iterator[None]:
    stop = threading.Event()
    process = threading.Thread(target=run, args=(services, KEEP, stop))
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join(PATIENCE)
        assert not process.is_alive()


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if happened():
            return True
        time.sleep(0.02)
    return happened()


def test_an_event_is_published_while_the_record_hangs(services: Services, record: Hanging, bus: MemoryBus) -> None:
    arrive(services, MAU_QR)
    record.off = False
    with running(services):
        assert record.asked_once.wait(PATIENCE)
        record.off = True
        missed = arrive(replace(services, bus=Absent()), GIA_QR)
        published = within(10, lambda: missed in {item.event.check_in_id for item in bus.events("0-0", wait_ms=0)})
        record.let_go.set()
    assert published


def test_it_ends_soon_though_the_record_hangs(services: Services, record: Hanging) -> None:
    arrive(services, MAU_QR)
    record.off = False
    stop = threading.Event()
    process = threading.Thread(target=run, args=(services, KEEP, stop))
    process.start()
    assert record.asked_once.wait(PATIENCE)
    stop.set()
    process.join(PATIENCE)
    ended = not process.is_alive()
    record.let_go.set()
    process.join(PATIENCE)
    assert ended


class Foul(MemoryBus):
    """Fails in a way that nobody foresaw."""

    def publish(self, events: Sequence[Event]) -> None:
        raise ZeroDivisionError(len(events))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_when_one_of_its_threads_ends_it_ends_to_be_started_anew(services: Services) -> None:
    arrive(replace(services, bus=Absent()), MAU_QR)
    with pytest.raises(KioskError, match="publish"):
        run(replace(services, bus=Foul()), KEEP, threading.Event())


def test_a_record_that_does_not_answer_is_asked_less_and_less(
    services: Services, record: Hanging, clock: SetClock
) -> None:
    for payload, station in ((MAU_QR, HERE), (GIA_QR, "kiosk-2")):
        arrive(services, payload, station)
    waits, before, rounds = Waits(), record.asked, 600
    for _ in range(rounds):
        assert resolve_waiting(services, waits=waits) == 0
        clock.pass_time(seconds=1)
    # each of the two after 2, 4, … 256 and 300 s
    assert record.asked - before <= 20


def test_a_patient_for_whom_it_never_answers_keeps_nobody_else_waiting(services: Services, clock: SetClock) -> None:
    first = arrive(services, MAU_QR)
    clock.pass_time(seconds=1)
    second = arrive(services, GIA_QR, "kiosk-2")

    class DeafForOne(SmallRecord):
        def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
            if identifier.value == "001190012345":
                raise RecordUnreachable("half an answer")
            return super().find_patients(identifier)

    answering, waits = replace(services, record=DeafForOne()), Waits()
    assert resolve_waiting(answering, limit=1, waits=waits) == 0
    assert resolve_waiting(answering, limit=1, waits=waits) == 1
    with services.storage.read() as work:
        assert [work.check_ins.get(one).unresolved for one in (first, second)] == [True, False]
    clock.pass_time(seconds=10)
    mended = replace(services, record=SmallRecord())
    assert resolve_waiting(mended, limit=1, waits=waits) == 1


@pytest.mark.parametrize(("limit", "settled"), [(1, 1), (20, 2)])
def test_when_it_answers_again_all_are_settled(services: Services, *, limit: int, settled: int) -> None:
    for payload, station in ((MAU_QR, HERE), (GIA_QR, "kiosk-2")):
        arrive(services, payload, station)
    answering = replace(services, record=SmallRecord())
    assert resolve_waiting(answering, limit=limit, waits=Waits()) == settled
