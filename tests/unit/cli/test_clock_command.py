"""`kiosk clock`: whether the host's clock is trusted."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.bootstrap import open_engine, open_services
from kiosk.cli import main
from kiosk.settings import load_settings
from kiosk.storage.migrations import upgrade


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(
        f"""
        [paths]
        data = "{tmp_path / "data"}"
        runtime = "{tmp_path / "run"}"
        [[clinics]]
        id = "noi"
        name = "Nội tổng quát"
        name_en = "Medicine"
        room = "Phòng 101"
        reference = "Location/noi"
        """,
        encoding="utf-8",
    )
    (tmp_path / "data" / "record").mkdir(parents=True)
    engine = open_engine(load_settings(path))
    upgrade(engine)
    engine.dispose()
    return path


def run(settings: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--settings", str(settings), "clock", *arguments], input=stdin)


def have_seen_the_future(settings: Path) -> None:
    storage = open_services(load_settings(settings)).storage
    with storage.write() as work:
        kept = work.time.get(for_change=True)
        assert kept
        days = timedelta(days=200)
        work.time.put(replace(kept, latest=kept.latest + days, service_day=kept.service_day + days))


def test_a_clock_that_fits_is_trusted(settings: Path) -> None:
    shown = run(settings, "show")
    assert (shown.exit_code, shown.output.splitlines()[0]) == (0, "clock\ttrusted")


def test_a_database_from_the_future_is_doubt_until_a_person_accepts_the_clock(settings: Path) -> None:
    have_seen_the_future(settings)
    shown = run(settings, "show")
    assert shown.exit_code == 1
    assert "behind a moment that the database holds" in shown.output
    refused = run(settings, "accept", stdin="n\n")
    assert (refused.exit_code, run(settings, "show").exit_code) == (1, 1)
    accepted = run(settings, "accept", stdin="y\n")
    assert accepted.exit_code == 0
    assert "the clock is trusted" in accepted.output
    assert run(settings, "show").exit_code == 0
    with open_services(load_settings(settings)).storage.read() as work:
        rows = [row.actor for row in work.audit.rows() if row.action == "accept_clock"]
    assert len(rows) == 1
    assert rows[0].startswith("cli:")
