"""`kiosk face evaluate-attacks` with the real networks."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.face_attacks import evaluate_attacks
from tests.conftest import SHARED_DATA

WEBCAM = SHARED_DATA / "faces" / "webcam"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(evaluate_attacks, [str(argument) for argument in arguments])


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """Five frames of each session."""
    for kind in ("live", "print"):
        for session in (WEBCAM / kind).glob("*/*"):
            for frame in sorted(session.iterdir())[::8]:
                place = tmp_path / frame.relative_to(WEBCAM)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(frame)
    return tmp_path


@pytest.mark.shared_data
def test_prints_are_kept_out_and_people_are_let_in(part: Path, models: Path) -> None:
    answer: dict[str, Any] = json.loads(run(part, "--models", models, "--json").stdout)
    assert answer["thresholds"] == {"live": 0.8, "doubtful": 0.5}
    assert answer["apcer"]["frames"] | {"upper_95": 0} == {"errors": 0, "of": 55, "rate": 0.0, "upper_95": 0}
    assert (answer["apcer"]["captures"]["of"], answer["bpcer"]["captures"]["of"]) == (11, 9)
    assert answer["bpcer"]["captures"]["errors"] == 0
    assert answer["bpcer"]["persons"] == {"errors": 0, "of": 5, "rate": 0.0, "upper_95": 0.45072}


@pytest.mark.shared_data
def test_thresholds_are_taken_as_given_and_words_hold_the_same_counts(part: Path, models: Path) -> None:
    said = run(part, "--models", models, "--live", "1", "--doubtful", "0.9").stdout
    assert "thresholds live: 1.0" in said
    assert "apcer captures: 0 of 11, at most 23.84%" in said


@pytest.mark.parametrize("as_json", [True, False])
def test_a_folder_without_both_kinds_is_refused(tmp_path: Path, models: Path, *, as_json: bool) -> None:
    (tmp_path / "live").mkdir()
    result = run(tmp_path, "--models", models, *(["--json"] if as_json else []))
    assert result.exit_code == 2
    assert "no_pictures" in result.output if as_json else "holds no JPEG" in result.output


def test_networks_that_are_missing_are_named(tmp_path: Path) -> None:
    result = run(tmp_path, "--models", tmp_path)
    assert "kiosk models install" in str(result.exception)
