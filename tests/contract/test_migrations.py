import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from kiosk.errors import StorageError
from kiosk.model.actor import SYSTEM
from kiosk.model.checkin import CheckIn
from kiosk.model.queue import PrintState
from kiosk.storage.audit_chain import verify
from kiosk.storage.migrations import current, is_current, upgrade
from kiosk.storage.tables import check_ins, metadata
from kiosk.storage.unit_of_work import SqlStorage

Open = Callable[[str], Engine]

FIRST_VERSION = {
    "id": "old",
    "station_id": "kiosk-1",
    "stage": "arrived",
    "version": 3,
    "unresolved": False,
    "patient_id": "bn-1",
    "calling_rank": 2,
    "details": json.dumps(
        {
            "language": "vi",
            "claim": None,
            "patient": {
                "id": "bn-1",
                "name": "Nguyễn Thị Ánh",
                "birth_date": {"year": 1950, "month": None, "day": None},
                "sex": "female",
                "identifiers": [],
                "active": True,
                "deceased": False,
            },
            "assurance": "claimed",
        }
    ),
}
"""A row as the first version wrote it, without what it left at its default."""

UPGRADE = """
import sys
from kiosk.storage.engine import open_engine
from kiosk.storage.migrations import upgrade
upgrade(open_engine(sys.argv[1]))
"""


def test_an_empty_database_is_not_current_until_it_is_upgraded(url: str, open_database: Open) -> None:
    engine = open_database(url)
    assert current(engine) is None
    assert not is_current(engine)

    revision = upgrade(engine)

    assert current(engine) == revision
    assert is_current(engine)


def test_upgrading_again_changes_nothing(
    engine: Engine, storage: SqlStorage, arrive: Callable[..., CheckIn], now: datetime
) -> None:
    with storage.write() as work:
        arrived = arrive(work, "a", active_key="k")
        work.audit.add(now, SYSTEM, "arrive", "check-in/a", {})

    upgrade(engine)

    with storage.read() as work:
        assert work.check_ins.get("a") == arrived
        assert verify(work.audit.rows()).rows == 1


def test_a_check_in_of_the_first_version_is_read_by_this_one(url: str, open_database: Open, now: datetime) -> None:
    """Written before chip cards: its details name no chip."""
    engine = open_database(url)
    upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            check_ins.insert(), FIRST_VERSION | {"started_at": now, "changed_at": now, "day": now.date()}
        )
    assert not is_current(engine)

    upgrade(engine)

    with SqlStorage(engine).read() as work:
        found = work.check_ins.get("old")
        assert (found.shown_name, found.chip) == ("Nguyễn Thị Ánh", None)
        assert work.known_chips.of_patient("bn-1") == []


def test_a_number_of_the_version_before_is_on_no_screen_of_this_one(
    url: str, open_database: Open, now: datetime
) -> None:
    engine = open_database(url)
    upgrade(engine, "0004")
    with engine.begin() as connection:
        connection.execute(
            check_ins.insert(), FIRST_VERSION | {"started_at": now, "changed_at": now, "day": now.date()}
        )

    upgrade(engine)

    with SqlStorage(engine).read() as work:
        assert work.check_ins.newest_at("kiosk-1") is None
        assert (work.check_ins.get("old").off_screen_at, work.papers.get("old")) == (now, PrintState.NOT_ASKED)


def test_the_migrations_make_the_tables_that_the_queries_expect(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_processes_that_start_at_once_upgrade_one_after_another(url: str, open_database: Open) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, url], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    errors = [start.communicate(timeout=60)[1] for start in starts]

    assert errors == [""] * 4
    assert is_current(open_database(url))


def test_a_database_of_a_newer_version_is_refused_and_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))

    assert not is_current(engine)
    with pytest.raises(StorageError, match="newer version"):
        upgrade(engine)
    assert current(engine) == "from-the-future"


def test_a_failing_migration_leaves_the_database_as_it_was(url: str, open_database: Open) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        # the last table of the first migration is in its way
        connection.execute(text("CREATE TABLE sessions (id INTEGER)"))

    with pytest.raises(StorageError):
        upgrade(engine)

    assert inspect(engine).get_table_names() == ["sessions"]
    assert current(engine) is None
