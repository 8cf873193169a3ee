"""Deliveries to the record: four patients at once, one patient's in their order, nothing twice."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.checkin import deliver, queue
from kiosk.checkin.lanes import share_out
from kiosk.checkin.services import Services
from kiosk.checkin.watch import LATE, check_deliveries, owed_for
from kiosk.errors import KioskError, PartDegraded, StorageError
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.identity import PartialDate, Patient, Sex
from kiosk.model.queue import Ticket
from kiosk.ports.outbox import DeliveryKind
from kiosk.ports.record import EncounterStatus, EncounterUpdate
from tests.support.small_hospital import SetClock, SmallRecord, open_small_hospital

STAFF = Actor.staff("somebody")


@dataclass
class Busy(SmallRecord):
    """Notes who is told of at one moment, and in which order."""

    meeting: threading.Barrier | None = None
    told: list[EncounterUpdate] = field(default_factory=list)
    under_way: list[str] = field(default_factory=list)
    together: list[frozenset[str]] = field(default_factory=list)

    def put_encounter(self, update: EncounterUpdate) -> None:
        self.under_way.append(update.patient_id)
        assert len(set(self.under_way)) == len(self.under_way), "two of one patient at once"
        if self.meeting and update.patient_id != "p0":
            self.meeting.wait(10)
        self.told.append(update)
        self.under_way.remove(update.patient_id)
        super().put_encounter(update)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def record() -> Busy:
    return Busy()


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: Busy) -> Services:
    return open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, MemoryBus(), clock)


@pytest.fixture
def arrived(services: Services, clock: SetClock) -> Callable[[str, str], CheckIn]:
    """A check-in of that patient, whose Encounter is owed to the record."""

    def arrive(check_in_id: str, patient_id: str) -> CheckIn:
        now, day = clock.now(), clock.today()
        patient = Patient(patient_id, "Nguyễn Thị Ví Dụ", PartialDate(1990), Sex.FEMALE)
        with services.storage.write() as work:
            ticket = Ticket("noi", day, work.counters.next_number("noi", day))
            begun = CheckIn(check_in_id, "kiosk-1", Stage.ARRIVED, 1, now, now, day, ticket=ticket, patient=patient)
            check_in = replace(begun, arrived_at=now)
            work.check_ins.add(check_in)
            work.outbox.add(DeliveryKind.ENCOUNTER, check_in_id, now)
        return check_in

    return arrive


def waiting(services: Services) -> int:
    with services.storage.read() as work:
        return work.outbox.waiting()


def test_four_patients_are_told_of_at_one_moment(
    services: Services, record: Busy, arrived: Callable[[str, str], CheckIn]
) -> None:
    # each of the four waits until all four are there; the first of a round goes alone
    record.meeting = threading.Barrier(4)
    for number in range(5):
        arrived(f"c{number}", f"p{number}")
    assert deliver.send_due(services) == 5
    assert waiting(services) == 0


def test_one_patients_are_sent_one_after_the_other_in_their_order(
    services: Services, record: Busy, clock: SetClock, arrived: Callable[[str, str], CheckIn]
) -> None:
    for number in range(8):
        arrived(f"c{number}", "p-one" if number % 2 else f"p{number}")
        clock.pass_time(seconds=1)
    assert deliver.send_due(services) == 8
    assert [one.check_in_id for one in record.told if one.patient_id == "p-one"] == ["c1", "c3", "c5", "c7"]


def test_a_record_that_does_not_answer_is_asked_once_a_round(
    services: Services, record: Busy, arrived: Callable[[str, str], CheckIn]
) -> None:
    for number in range(9):
        arrived(f"c{number}", f"p{number}")
    record.off = True
    before = record.asked
    assert deliver.send_due(services) == 0
    assert record.asked == before + 1
    assert waiting(services) == 9


def test_each_is_told_of_as_it_stands_when_its_turn_comes(
    services: Services, clock: SetClock, arrived: Callable[[str, str], CheckIn]
) -> None:
    arrived("c0", "p0")
    arrived("c1", "p1")

    @dataclass
    class CallsMeanwhile(Busy):
        def put_encounter(self, update: EncounterUpdate) -> None:
            if not self.told:
                called = queue.call_next(services, clinic_id="noi", by=STAFF)
                assert called
                queue.finish(services, called.id, version=called.version, by=STAFF)
            super().put_encounter(update)

    meanwhile = CallsMeanwhile()
    assert deliver.send_due(replace(services, record=meanwhile)) == 2
    # finished while its arrival was on its way: the record must hear of it once more
    assert [one.status for one in meanwhile.told] == [EncounterStatus.ARRIVED] * 2
    assert waiting(services) == 1
    clock.pass_time(seconds=10)  # what can be undone is told later
    assert deliver.send_due(replace(services, record=meanwhile)) == 1
    assert meanwhile.encounters["c0"].status is EncounterStatus.FINISHED
    assert waiting(services) == 0


def test_what_was_put_off_meanwhile_is_not_sent_this_time(
    services: Services, record: Busy, clock: SetClock, arrived: Callable[[str, str], CheckIn]
) -> None:
    arrived("c0", "p0")
    arrived("c1", "p1")

    @dataclass
    class PutsOff(Busy):
        def put_encounter(self, update: EncounterUpdate) -> None:
            with services.storage.write() as work:
                work.outbox.add(DeliveryKind.ENCOUNTER, "c1", clock.now() + timedelta(seconds=10))
            super().put_encounter(update)

    putting_off = PutsOff()
    assert deliver.send_due(replace(services, record=putting_off)) == 1
    assert [one.check_in_id for one in putting_off.told] == ["c0"]
    clock.pass_time(seconds=11)
    assert deliver.send_due(services) == 1
    assert record.encounters.keys() == {"c1"}


def test_the_alarm_is_on_how_long_the_record_has_lagged_not_on_how_many_wait(
    services: Services, record: Busy, clock: SetClock, arrived: Callable[[str, str], CheckIn]
) -> None:
    record.off = True
    for number in range(60):
        arrived(f"c{number}", f"p{number}")
    check_deliveries(services)
    for _ in range(20):
        clock.pass_time(minutes=1)
        deliver.send_due(services)
    assert owed_for(services) == timedelta(minutes=20) > LATE
    with pytest.raises(PartDegraded, match="late"):
        check_deliveries(services)
    record.off = False
    for _ in range(20):
        clock.pass_time(minutes=6)
        deliver.send_due(services)
    check_deliveries(services)
    assert owed_for(services) == timedelta()


def test_what_breaks_in_one_lane_is_said_and_begins_nothing_new() -> None:
    done: list[int] = []

    def act(number: int) -> None:
        if number == 3:
            raise StorageError("full")
        done.append(number)

    with pytest.raises(StorageError):
        share_out([[1, 2], [3, 4], [5, 6]], act, at_once=1)
    assert done == [1, 2]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_nobody_foresaw_in_a_lane_is_not_taken_for_an_end() -> None:
    with pytest.raises(KioskError, match="broke off"):
        share_out([[0]], lambda number: print(1 / number), at_once=1)  # noqa: T201 # never comes to it


def test_a_lane_that_hangs_does_not_keep_a_process_from_ending() -> None:
    begun, end = threading.Event(), threading.Event()

    def act(_: int) -> None:
        begun.set()
        end.wait(30)

    runner = threading.Thread(target=share_out, args=([[1]], act, 4), daemon=True)
    runner.start()
    assert begun.wait(10)
    lanes = [thread for thread in threading.enumerate() if thread.name == "lane"]
    assert lanes
    assert all(thread.daemon for thread in lanes)
    end.set()
    runner.join(10)
