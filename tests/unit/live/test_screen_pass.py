import stat
from pathlib import Path

import pytest

from kiosk.errors import ConfigurationError
from kiosk.live.screen_pass import HOLDER_FILE, TOKEN_FILE, FileScreenPass


def token(folder: Path) -> str:
    return (folder / TOKEN_FILE).read_text(encoding="ascii")


def test_a_token_is_exchanged_once_for_a_pass(tmp_path: Path) -> None:
    given = FileScreenPass(tmp_path)
    shown = token(tmp_path)
    value = given.redeem(shown)
    assert value
    assert given.is_held(value)
    assert given.redeem(shown) is None
    assert given.is_held(value)


def test_the_browser_that_comes_last_holds_the_pass_alone(tmp_path: Path) -> None:
    given = FileScreenPass(tmp_path)
    first = given.redeem(token(tmp_path))
    second = given.redeem(token(tmp_path))
    assert first
    assert second
    assert (given.is_held(first), given.is_held(second)) == (False, True)


def test_the_pass_outlives_a_restart_of_the_screens_process_and_the_token_does_not(tmp_path: Path) -> None:
    before = FileScreenPass(tmp_path)
    value = before.redeem(token(tmp_path))
    old = token(tmp_path)
    after = FileScreenPass(tmp_path)
    assert value
    assert after.is_held(value)
    assert token(tmp_path) != old


@pytest.mark.parametrize("wrong", ["", "guess", "ghế", "a" * 10_000])
def test_another_token_is_worth_nothing(tmp_path: Path, wrong: str) -> None:
    given = FileScreenPass(tmp_path)
    assert given.redeem(wrong) is None
    assert not given.is_held(wrong)
    assert not (tmp_path / HOLDER_FILE).exists()


def test_the_files_are_this_users_and_the_pass_itself_is_in_none(tmp_path: Path) -> None:
    value = FileScreenPass(tmp_path).redeem(token(tmp_path))
    assert value
    assert {file.name for file in tmp_path.iterdir()} == {TOKEN_FILE, HOLDER_FILE}
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert value not in file.read_text(encoding="ascii")


def test_a_folder_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="screen-token"):
        FileScreenPass(tmp_path / "none")
