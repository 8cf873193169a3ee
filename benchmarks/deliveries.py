"""How many arrivals a second the record is told of, when each request to it takes 200 ms."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from benchmarks.tables import print_table
from kiosk.checkin.deliver import BATCH, send_due
from kiosk.checkin.services import Policy, Services
from kiosk.errors import RecordUnreachable
from kiosk.live.clock import SystemClock
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.identity import Identifier, PartialDate, Patient, Sex
from kiosk.model.queue import Ticket
from kiosk.model.summary import RecordSummary
from kiosk.ports.outbox import DeliveryKind
from kiosk.ports.record import EncounterUpdate, KnownEncounter
from kiosk.storage.engine import open_engine
from kiosk.storage.migrations import upgrade
from kiosk.storage.unit_of_work import SqlStorage

PATIENTS, FEW = 120, 24
REQUEST_SECONDS = 0.2
EARLIER_BATCH, EARLIER_PAUSE = 20, 1.0


@dataclass
class SlowRecord:
    """Takes its time for each request, and knows nobody."""

    requests: int

    def put_encounter(self, update: EncounterUpdate) -> None:
        """So many requests, one after the other."""
        del update
        time.sleep(self.requests * REQUEST_SECONDS)

    def withdraw_encounter(self, check_in_id: str, patient_id: str) -> None:
        """Nobody was the wrong one."""
        raise NotImplementedError

    def encounters_of(self, day: date) -> Sequence[KnownEncounter]:
        """Nothing is compared."""
        raise NotImplementedError

    def set_appointment_status(self, appointment_id: str, status: str) -> None:
        """Nobody has an appointment."""
        raise NotImplementedError

    def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
        """Nobody is looked for."""
        raise NotImplementedError

    def patient(self, patient_id: str) -> Patient:
        """Nobody is looked for."""
        raise NotImplementedError

    def appointments(self, patient_id: str, day: date) -> Sequence[Appointment]:
        """Nobody is looked for."""
        raise NotImplementedError

    def expected(self, day: date) -> frozenset[str]:
        """Nobody is looked for."""
        raise NotImplementedError

    def summary(self, patient_id: str) -> RecordSummary:
        """Nobody is looked for."""
        raise NotImplementedError

    def check(self) -> None:
        """Nobody asks."""
        raise RecordUnreachable("a stand-in")


def main(patients: int = PATIENTS) -> None:
    """Print the table."""
    earlier = _per_second(patients, 3, _one_by_one)
    ways: Sequence[tuple[str, int, Callable[[Services], None]]] = (
        ("one by one, two requests for each", 2, _one_by_one),
        ("four patients at once, two requests for each", 2, _four_at_once),
    )
    rows = [("one by one, 20 a round and a pause, three requests for each", f"{earlier:.1f}", "1.0")]
    for name, requests, deliver in ways:
        found = _per_second(patients, requests, deliver)
        rows.append((name, f"{found:.1f}", f"{found / earlier:.1f}"))
    print_table(f"Arrivals of {patients} patients, 200 ms a request", ("way", "a second", "x the first"), rows)


def quick() -> None:
    """Few patients."""
    main(FEW)


def _one_by_one(services: Services) -> None:
    while send_due(services, EARLIER_BATCH, at_once=1):
        time.sleep(EARLIER_PAUSE)


def _four_at_once(services: Services) -> None:
    while send_due(services, BATCH):
        pass


def _per_second(patients: int, requests: int, deliver: Callable[[Services], None]) -> float:
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as folder:
        services = _services(Path(folder), SlowRecord(requests))
        for number in range(patients):
            _arrive(services, number)
        began = time.perf_counter()
        deliver(services)
        return patients / (time.perf_counter() - began)


def _services(folder: Path, record: SlowRecord) -> Services:
    engine = open_engine(f"sqlite:///{folder / 'kiosk.sqlite'}")
    upgrade(engine)
    clock = SystemClock("Asia/Ho_Chi_Minh")
    policy = Policy(**dict.fromkeys(Policy.__slots__, 0))  # type: ignore[arg-type] # none of it is asked for
    return Services(SqlStorage(engine), record, MemoryBus(), clock, {}, policy, "BN[0-9]{6}")


def _arrive(services: Services, number: int) -> None:
    now, day = services.clock.now(), services.clock.today()
    patient = Patient(f"patient-{number}", "Nguyễn Văn Ví Dụ", PartialDate(1990), Sex.MALE)
    with services.storage.write() as work:
        ticket = Ticket("noi", day, number + 1)
        begun = CheckIn(f"check-in-{number}", "kiosk-1", Stage.ARRIVED, 1, now, now, day, ticket=ticket)
        work.check_ins.add(replace(begun, patient=patient, arrived_at=now))
        work.outbox.add(DeliveryKind.ENCOUNTER, begun.id, now)
