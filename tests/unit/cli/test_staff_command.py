"""`kiosk staff`: accounts at the host's shell."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.bootstrap import open_engine
from kiosk.cli import main
from kiosk.settings import load_settings
from kiosk.storage.migrations import upgrade

PASSWORD = "một câu đủ dài\n"


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
    return CliRunner().invoke(main, ["--settings", str(settings), "staff", *arguments], input=stdin)


def add(settings: Path, *more: str) -> Result:
    return run(settings, "add", "bs.lan", "--role", "doctor", "--password-stdin", *more, stdin=PASSWORD)


def test_an_account_is_added_and_listed(settings: Path) -> None:
    added = add(settings, "--clinic", "noi")
    assert (added.exit_code, added.output) == (0, "bs.lan may sign in at /doctor/\n")
    assert run(settings, "list").output == "bs.lan\tdoctor\tnoi\tactive\n"


def test_the_password_is_asked_for_twice_without_being_shown(settings: Path) -> None:
    asked = run(settings, "add", "tiepdon", "--role", "reception", stdin=PASSWORD * 2)
    assert asked.exit_code == 0
    assert PASSWORD.strip() not in asked.output


@pytest.mark.parametrize(
    ("more", "words"),
    [((), "needs at least one clinic"), (("--clinic", "mat"), "no clinic mat; there are: noi")],
)
def test_what_cannot_be_is_said_in_one_line(settings: Path, more: tuple[str, ...], words: str) -> None:
    refused = add(settings, *more)
    assert refused.exit_code == 1
    assert words in refused.output
    assert "Traceback" not in refused.output


def test_a_short_password_and_a_taken_name_are_refused(settings: Path) -> None:
    short = run(settings, "add", "x", "--role", "reception", "--password-stdin", stdin="ngắn\n")
    assert "at least 10 characters" in short.output
    add(settings, "--clinic", "noi")
    assert add(settings, "--clinic", "noi").exit_code == 1


def test_an_account_is_disabled_and_let_in_again(settings: Path) -> None:
    add(settings, "--clinic", "noi")
    run(settings, "disable", "bs.lan")
    assert run(settings, "list").output.endswith("disabled\n")
    run(settings, "unlock", "BS.LAN")
    assert run(settings, "list").output.endswith("active\n")


def test_an_unknown_account_is_said(settings: Path) -> None:
    unknown = run(settings, "disable", "nobody")
    assert (unknown.exit_code, unknown.output) == (1, "Error: no account signs in as nobody\n")


def test_a_new_password_replaces_the_old(settings: Path) -> None:
    add(settings, "--clinic", "noi")
    changed = run(settings, "password", "bs.lan", "--password-stdin", stdin="một câu khác hẳn\n")
    assert changed.output == "bs.lan has a new password\n"


@pytest.mark.parametrize("command", ["add", "list", "unlock", "disable", "password"])
def test_every_command_has_an_example(settings: Path, command: str) -> None:
    assert "Example: kiosk staff" in run(settings, command, "--help").output
