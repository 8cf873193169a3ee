"""What must hold after whatever happened: nothing that was told is lost, and nothing is there twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import Engine, select

from kiosk import bootstrap
from kiosk.checkin.deliver import ENCOUNTER_STATUS
from kiosk.checkin.services import Services
from kiosk.model.checkin import CheckIn, Stage
from kiosk.record.writing import CHECK_IN_SYSTEM
from kiosk.settings import Settings
from kiosk.storage import tables
from kiosk.storage.audit_chain import verify
from tests.chaos.people import Told


@dataclass
class Findings:
    """Counts of what was looked at, and every fault in words."""

    told: int = 0
    numbers: int = 0
    audit_rows: int = 0
    encounters: int = 0
    faults: list[str] = field(default_factory=list)

    def must(self, right: bool, fault: str) -> None:  # noqa: FBT001 # reads as a sentence
        if not right:
            self.faults.append(fault)


@dataclass(frozen=True)
class Given:
    """A row of the tickets."""

    clinic_id: str
    number: int
    check_in_id: str


def check(settings: Settings, told: Sequence[Told]) -> Findings:
    """Look at everything, on a database that nobody writes any more."""
    services, found = bootstrap.open_services(settings), Findings(told=len(told))
    engine = bootstrap.open_engine(settings)
    given, ids = tickets(engine), check_in_ids(engine)
    with services.storage.read() as work:
        kept = {one: work.check_ins.get(one) for one in ids}
    _numbers(found, told, given, engine)
    _whose(found, told, kept)
    _one_place_each(found, kept.values())
    _books(found, services)
    _record(found, settings.record_dir, kept)
    engine.dispose()
    return found


def tickets(engine: Engine) -> list[Given]:
    rows = select(tables.tickets.c.clinic_id, tables.tickets.c.number, tables.tickets.c.check_in_id)
    with engine.connect() as connection:
        return [Given(*row) for row in connection.execute(rows)]


def check_in_ids(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(tables.check_ins.c.id)).scalars())


def _numbers(found: Findings, told: Iterable[Told], given: Sequence[Given], engine: Engine) -> None:
    there = Counter((one.clinic_id, one.number, one.check_in_id) for one in given)
    for one in told:
        count = there[one.clinic_id, one.number, one.check_in_id]
        found.must(count == 1, f"{one.clinic_id} {one.number} was told, and is there {count} times")
    with engine.connect() as connection:
        last = {row.clinic_id: row.last for row in connection.execute(select(tables.counters))}
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in given:
        numbers[row.clinic_id].append(row.number)
    for clinic, those in numbers.items():
        found.must(sorted(those) == list(range(1, last[clinic] + 1)), f"{clinic}: a number is missing or there twice")
    found.numbers = len(given)


def _whose(found: Findings, told: Iterable[Told], kept: dict[str, CheckIn]) -> None:
    for one in told:
        claim = kept[one.check_in_id].claim if one.check_in_id in kept else None
        theirs = claim is not None and claim.identifier.value == one.payload.partition("|")[0]
        found.must(theirs, f"{one.clinic_id} {one.number} is not of whom it was told")


def _one_place_each(found: Findings, kept: Iterable[CheckIn]) -> None:
    places: dict[tuple[str, str], list[CheckIn]] = defaultdict(list)
    for one in kept:
        if one.patient and one.clinic_id and one.stage in {Stage.ARRIVED, Stage.CALLED, Stage.ABSENT, Stage.DONE}:
            places[one.patient.id, one.clinic_id].append(one)
    for (_, clinic), those in places.items():
        waiting = [one for one in those if one.stage is not Stage.DONE]
        found.must(len(waiting) <= 1, f"{clinic}: somebody has {len(waiting)} numbers at once")


def _books(found: Findings, services: Services) -> None:
    with services.storage.read() as work:
        chain = verify(work.audit.rows())
        found.must(not work.events.unpublished(1), "an event was not published")
        found.must(not work.outbox.waiting(), f"{work.outbox.waiting()} deliveries wait")
        found.must(not work.outbox.refusals(), "a delivery was refused")
    found.audit_rows = chain.rows
    found.must(chain.intact, f"the audit chain breaks at {chain.broken_at}")


def _record(found: Findings, record: Path, kept: dict[str, CheckIn]) -> None:
    told: dict[str, list[str]] = defaultdict(list)
    for file in record.rglob("*.json"):
        for entry in msgspec.json.decode(file.read_bytes()).get("entry", ()):
            resource = entry["resource"]
            for identifier in resource.get("identifier", ()) if resource["resourceType"] == "Encounter" else ():
                if identifier.get("system") == CHECK_IN_SYSTEM:
                    told[identifier["value"]].append(resource["status"])
    for one in kept.values():
        status = ENCOUNTER_STATUS.get(one.stage)
        if status and one.patient and one.ticket and one.arrived_at:
            found.must(told[one.id] == [status], f"{one.stage}: the record says {told[one.id]}, not {status}")
    found.must(not told.keys() - kept.keys(), "the record has an Encounter of nobody")
    found.encounters = sum(map(len, told.values()))
