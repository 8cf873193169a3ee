"""What the databases do for each query of a request or of a round of `deliver`: none reads the history.

The statements are collected while people check in, staff open every page and act, and `deliver` goes round; so a new
query is asked about by itself, as soon as something here leads to it.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext

from kiosk.checkin import deliver, lists, queue
from kiosk.checkin.close_day import close_earlier_days
from kiosk.checkin.leftovers import Leftovers
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.checkin.watch import Heartbeat, owed_for
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.actor import Actor
from kiosk.model.checkin import Stage
from kiosk.model.identity import PartialDate
from kiosk.ports.devices import SignalSource
from kiosk.settings import Settings
from kiosk.web.live import LiveFeed
from kiosk.web.staff_app import StaffParts, create_staff_app
from tests.support.small_hospital import GIA_QR, MAU_QR, STRANGER_QR, SetClock, open_small_hospital
from tests.support.staff_site import AREA_OF, Browser, FullRecord, add_staff

HISTORY = ("check_ins", "tickets", "events")
"""Tables that grow with every patient and are kept for months, filled here."""
FEW = ("ix_check_ins_at_station", "ix_check_ins_left_open", "ix_check_ins_unresolved", "ix_events_unpublished")
"""Indexes of a few rows, however many the table has: reading all of one is no matter."""
EARLIER_ROWS = 5000
MOST = 100
"""Steps of SQLite in fifties, or rows of PostgreSQL; a fifth of the history, which one kiosk has, is 1,000 rows."""
STAFF = Actor.staff("somebody")


@dataclass
class Statements:
    """What was asked of a database, each text once, with values that it was asked with."""

    seen: dict[str, object] = field(default_factory=dict)
    engines: set[Engine] = field(default_factory=set)

    @contextmanager
    def collected(self) -> Iterator[None]:
        def note(
            connection: Connection,
            __: DBAPICursor,
            statement: str,
            parameters: object,
            ___: ExecutionContext,
            many: bool,  # noqa: FBT001 # SQLAlchemy's signature
        ) -> None:
            self.engines.add(connection.engine)
            if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                self.seen.setdefault(statement, parameters[0] if many and isinstance(parameters, list) else parameters)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", note)
            for engine in self.engines:
                engine.dispose()


def arrive(kiosk: LocalCheckIns, payload: str, station: str) -> str:
    view = kiosk.claim(station, payload, SignalSource.CAMERA)
    if view.stage is Stage.IS_THIS_YOU:
        view = kiosk.accept_name(station, view.id, view.version)
        view = kiosk.choose_clinic(station, view.id, view.version, "noi")
    return view.id


def patients(services: Services) -> None:
    """By code, by number, unknown, in need of help; each kiosk looks at its screen, too."""
    kiosk = LocalCheckIns(services)
    for payload, station in ((MAU_QR, "kiosk-1"), (GIA_QR, "kiosk-2"), (STRANGER_QR, "kiosk-3")):
        arrive(kiosk, payload, station)
        kiosk.newest(station)
    view = kiosk.claim("kiosk-4", "001190012345", SignalSource.TYPED)
    for year in (1950, 1990):
        kiosk.answer_birth_date("kiosk-4", view.id, kiosk.view("kiosk-4", view.id).version, PartialDate(year, 3, 5))
    kiosk.help("kiosk-5", None)
    kiosk.current("kiosk-5")
    kiosk.leave("kiosk-5", kiosk.start("kiosk-5", "vi").id)


def doctors(services: Services) -> None:
    """Call, call again, absent, back, done."""
    for _ in range(2):
        called = queue.call_next(services, clinic_id="noi", by=STAFF)
        assert called
        called = queue.call_again(services, called.id, version=called.version, by=STAFF)
        called = queue.mark_absent(services, called.id, version=called.version, by=STAFF)
        called = queue.bring_back(services, called.id, version=called.version, by=STAFF)
        called = queue.call_next(services, clinic_id="noi", by=STAFF)
        assert called
        queue.finish(services, called.id, version=called.version, by=STAFF)
    lists.last_calls(services, clinic_ids=["noi"])


def pages(services: Services) -> None:
    """Every page and fragment of every area, of every check-in of the day, by whoever may open it."""
    feed = LiveFeed(services.bus)
    app = create_staff_app(StaffParts(Settings(mode="demo"), services, feed))
    with services.storage.read() as work:
        ids = [
            one.id
            for clinic in ("noi", "reception")
            for one in work.check_ins.in_clinic(clinic, services.clock.today())
        ]
    for role, area in AREA_OF.items():
        add_staff(services, role.value, role, "noi")
        browser = Browser(app)
        assert browser.sign_in(role, role.value).status_code == 303
        for rule in app.url_map.iter_rules():
            if rule.methods and "GET" in rule.methods and rule.rule.startswith(f"/{area}/") and "live" not in rule.rule:
                for one in ids if rule.arguments == {"check_in_id"} else [""] if not rule.arguments else []:
                    assert browser.get(rule.rule.replace("<check_in_id>", one)).status_code < 500, rule.rule
    Browser(app).get("/readyz")
    feed.close()


def rounds(services: Services, clock: SetClock) -> None:
    """What `deliver` does, with something to do."""
    Leftovers(services).publish()
    services.publish()
    deliver.send_due(services)
    resolve_waiting(services)
    Heartbeat(services).check()
    owed_for(services)
    clock.pass_time(days=1)
    close_earlier_days(services)


COLUMNS = (
    "id, station_id, stage, version, day, started_at, changed_at, unresolved, patient_id, clinic_id, ticket_day, "
    "number, calling_rank, details"
)


def fill(engine: Engine) -> None:
    """Months of patients who went home."""
    day, at = "date('2026-08-01', '+' || (i % 90) || ' days')", "'2026-08-01 00:00:00.000000'"
    if engine.dialect.name == "postgresql":
        day, at = "date '2026-08-01' + (i % 90)", "timestamptz '2026-08-01 00:00:00+00' + i * interval '1 minute'"
    rows = {
        f"check_ins ({COLUMNS})": f"'old-' || i, 'kiosk-' || (1 + i % 5), 'done', 9, {day}, {at}, {at}, false, "
        f"'p-' || (i % 900), 'noi', {day}, i, 9, '{{}}'",
        "tickets (clinic_id, day, number, check_in_id, void)": f"'noi', {day}, i, 'old-' || i, false",
        "events (kind, check_in_id, clinic_id, station_id, at, published_at)": (
            f"'ended', 'old-' || i, 'noi', 'kiosk-1', {at}, {at}"
        ),
    }
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE n (i INTEGER)"))
        connection.execute(text("INSERT INTO n VALUES (:i)"), [{"i": i} for i in range(EARLIER_ROWS)])
        for table, row in rows.items():
            connection.execute(text(f"INSERT INTO {table} SELECT {row} FROM n"))  # noqa: S608 # our own words
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def plan_of(connection: Connection, statement: str, parameters: object) -> list[str]:
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = connection.exec_driver_sql(f"{word} {statement}", parameters)  # type: ignore[arg-type] # as they were given
    return [str(row[-1]).strip().removeprefix("->").strip() for row in rows]


def reads_history(line: str) -> bool:
    """Whether a step of a plan goes through a table from one end to the other, or through all earlier days."""
    if any(index in line for index in FEW):
        return False
    table = rf"({'|'.join(HISTORY)})\b"
    if re.match(rf"(Parallel )?Seq Scan on {table}", line) or re.match(rf"SCAN {table}", line):
        return True
    return bool(re.match(rf"SEARCH {table} .*\((day|started_at|ticket_day|at)<\?\)", line))


def rows_read(connection: Connection, statement: str, parameters: object) -> int:
    """How many rows PostgreSQL touches for the answer, those that it throws away included."""
    explained = "EXPLAIN (ANALYZE, FORMAT JSON) " + statement
    found = connection.exec_driver_sql(explained, parameters).scalar_one()  # type: ignore[arg-type] # as they were given
    nodes, rows = [found[0]["Plan"]], 0
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if "Relation Name" in node:
            removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            rows += (node["Actual Rows"] + removed) * node["Actual Loops"]
    return int(rows)


def steps(connection: Connection, statement: str, parameters: object) -> int:
    """How many steps of its machine SQLite takes for the answer, in fifties."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(count, 50)
    connection.exec_driver_sql(statement, parameters).close()  # type: ignore[arg-type] # as they were given
    driver.set_progress_handler(None, 0)
    return taken


def cost(connection: Connection, statement: str, parameters: object) -> int:
    """More than `MOST` when the history was read, on either database."""
    with connection.begin_nested() as savepoint:
        measure = steps if connection.dialect.name == "sqlite" else rows_read
        found = measure(connection, statement, parameters)
        savepoint.rollback()
    return found


@pytest.fixture
def services(url: str) -> Services:
    return open_small_hospital(url, FullRecord(), MemoryBus(), SetClock())


def test_no_query_of_a_request_or_a_round_reads_the_history(
    url: str, services: Services, open_database: Callable[[str], Engine]
) -> None:
    engine = open_database(url)
    fill(engine)
    statements, clock = Statements(), services.clock
    assert isinstance(clock, SetClock)
    with statements.collected():
        patients(services)
        pages(services)
        doctors(services)
        rounds(services, clock)
    assert len(statements.seen) > 35
    with engine.connect() as connection:
        plans = {one: plan_of(connection, one, values) for one, values in statements.seen.items()}
        costs = {one: cost(connection, one, values) for one, values in statements.seen.items()}
        connection.rollback()
    assert [(one, line) for one, lines in plans.items() for line in lines if reads_history(line)] == []
    assert [(one, found, plans[one]) for one, found in costs.items() if found > MOST] == []
