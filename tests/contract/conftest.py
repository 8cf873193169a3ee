"""SQLite in a temporary file, and a real PostgreSQL that starts when the first test asks for it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.queue import Ticket
from kiosk.ports.storage import Work
from kiosk.storage.engine import open_engine
from kiosk.storage.migrations import upgrade
from kiosk.storage.unit_of_work import SqlStorage

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 1, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The folder of its socket."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    as_postgres: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=INT"]
    data, programs = folder / "data", _postgresql_programs()
    subprocess.run(
        [*as_postgres, programs / "initdb", "-D", data, "-U", "kiosk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "max_connections=200")
    options = [word for setting in settings for word in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*as_postgres, programs / "postgres", "-D", data, *options], cwd=folder, stdout=log, stderr=log
        )
    try:
        _wait_until_it_answers(folder)
        yield str(folder)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder)


def _postgresql_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    answer = subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True, text=True)
    return Path(answer.stdout.strip())


def _wait_until_it_answers(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host=str(folder), user="kiosk", dbname="postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kiosk.sqlite'}"
        return
    folder = request.getfixturevalue("postgresql_server")
    name = f"kiosk_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(host=folder, user="kiosk", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield f"postgresql://kiosk@/{name}?host={folder}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def open_database() -> Iterator[Callable[[str], Engine]]:
    """Opens a database, and closes it after the test."""
    opened: list[Engine] = []

    def open_one(url: str) -> Engine:
        opened.append(open_engine(url))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.dispose()


@pytest.fixture
def engine(url: str, open_database: Callable[[str], Engine]) -> Engine:
    """A database at this program's version."""
    engine = open_database(url)
    upgrade(engine)
    return engine


@pytest.fixture
def storage(engine: Engine) -> SqlStorage:
    return SqlStorage(engine)


@pytest.fixture
def day() -> date:
    return DAY


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def begun() -> Callable[..., CheckIn]:
    """A check-in that just began at a station, with any field set otherwise."""

    def begin(check_in_id: str, **fields: object) -> CheckIn:
        check_in = CheckIn(check_in_id, "kiosk-1", Stage.STARTED, 1, NOW, NOW, DAY)
        return replace(check_in, **fields)  # type: ignore[arg-type] # the tests name fields of a check-in

    return begin


@pytest.fixture
def arrive(begun: Callable[..., CheckIn]) -> Callable[..., CheckIn]:
    """Stores a check-in that has a number of a clinic."""

    def arrive(work: Work, check_in_id: str, clinic_id: str = "noi-tiet", **fields: object) -> CheckIn:
        ticket = Ticket(clinic_id, DAY, work.counters.next_number(clinic_id, DAY))
        check_in = begun(check_in_id, **({"stage": Stage.ARRIVED, "arrived_at": NOW, "ticket": ticket} | fields))
        work.check_ins.add(check_in)
        return check_in

    return arrive
