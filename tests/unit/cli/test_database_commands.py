import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from kiosk.cli.audit import audit
from kiosk.cli.db import db
from kiosk.live.clock import SystemClock
from kiosk.model.actor import SYSTEM
from kiosk.settings import Settings
from kiosk.settings.sections import PathSettings
from kiosk.storage.engine import open_engine, writing
from kiosk.storage.unit_of_work import SqlStorage


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(paths=PathSettings(data=str(tmp_path)))


def run(group: click.Group, settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(group, arguments, obj=settings)


@pytest.fixture
def chained(settings: Settings) -> Settings:
    """A database with three audit rows."""
    run(db, settings, "upgrade")
    engine = open_engine(settings.database_url)
    with SqlStorage(engine).write() as work:
        for number in range(3):
            work.audit.add(SystemClock("UTC").now(), SYSTEM, "arrive", f"check-in/{number}", {})
    engine.dispose()
    return settings


def change(settings: Settings, *statements: str) -> None:
    engine = open_engine(settings.database_url)
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_new_database_is_made_and_then_current(settings: Settings) -> None:
    assert run(db, settings, "status").exit_code == 1

    first, second = run(db, settings, "upgrade"), run(db, settings, "upgrade")

    assert first.output.startswith("upgraded from empty to ")
    assert second.output.startswith("already at ")
    assert run(db, settings, "status").exit_code == 0
    assert Path(settings.paths.data, "kiosk.sqlite").stat().st_mode & 0o077 == 0


def test_an_intact_chain_is_confirmed_with_its_head(chained: Settings) -> None:
    result = run(audit, chained, "verify", "--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (answer["intact"], answer["rows"], answer["broken"]) == (True, 3, None)
    assert f"3:{answer['head']['hash']}" in run(audit, chained, "verify").output


def test_an_altered_row_is_named(chained: Settings) -> None:
    change(chained, "DROP TRIGGER audit_no_update", "UPDATE audit SET actor = 'nobody' WHERE sequence = 2")

    result = run(audit, chained, "verify", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["broken"] == {"sequence": 2, "how": "altered"}
    assert "row 2 does not fit: altered" in run(audit, chained, "verify").output


def test_a_cut_tail_is_found_by_the_anchor_only(chained: Settings) -> None:
    head = json.loads(run(audit, chained, "verify", "--json").stdout)["head"]
    anchor = f"{head['sequence']}:{head['hash']}"
    assert run(audit, chained, "verify", "--anchor", anchor).exit_code == 0

    change(chained, "DROP TRIGGER audit_no_delete", "DELETE FROM audit WHERE sequence = 3")

    assert run(audit, chained, "verify").exit_code == 0
    assert run(audit, chained, "verify", "--anchor", anchor).exit_code == 1


def test_an_anchor_that_is_none_is_refused(chained: Settings) -> None:
    assert run(audit, chained, "verify", "--anchor", "3").exit_code == 2
