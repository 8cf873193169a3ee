"""`kiosk face evaluate` with the real networks, on a part of the public sets."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kiosk.cli.face_evaluate import evaluate
from tests.conftest import SHARED_DATA

FACES = SHARED_DATA / "faces"


def part_of(folder: Path, pictures: Sequence[Path], below: Path) -> Path:
    """The same tree with these pictures only."""
    for picture in pictures:
        place = folder / picture.relative_to(below)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(picture)
    return folder


def run(*arguments: str | Path) -> tuple[str, int]:
    result = CliRunner().invoke(evaluate, [str(argument) for argument in arguments])
    return result.stdout, result.exit_code


@pytest.fixture
def public_persons(tmp_path: Path) -> Path:
    """60 persons with two pictures or more."""
    several = [person for person in sorted((FACES / "lfw").iterdir()) if len(list(person.iterdir())) > 1][:60]
    return part_of(tmp_path / "persons", [path for person in several for path in person.iterdir()], FACES / "lfw")


@pytest.fixture
def webcam_sessions(tmp_path: Path) -> Path:
    """Every eighth frame of each session."""
    live = FACES / "webcam" / "live"
    frames = [path for session in live.glob("*/session-*") for path in sorted(session.iterdir())[::8]]
    return part_of(tmp_path / "sessions", frames, live)


@pytest.mark.shared_data
@pytest.mark.parametrize(("recogniser", "least"), [("sface", 0.97), ("face-recognition", 0.5)])
def test_a_recogniser_finds_most_at_one_false_match_in_a_hundred(
    recogniser: str, least: float, public_persons: Path, tmp_path: Path, models: Path
) -> None:
    plot = tmp_path / "curves.svg"
    output, status = run(public_persons, "--recogniser", recogniser, "--models", models, "--plot", plot, "--json")
    answer: dict[str, Any] = json.loads(output)
    assert (status, answer["persons"], answer["failure_to_acquire"]["failures"]) == (0, 60, 0)
    assert answer["pairs"]["genuine_persons"] == 60
    point = answer["tar_at_fmr"]["0.01"]
    low, high = point["interval"]
    assert low <= point["tar"] <= high
    assert point["tar"] > least
    assert answer["tar_at_fmr"]["0.0001"] == {"tar": None, "why": "not measurable here"}
    assert answer["fnir_at_fpir"]["0.01"]["gallery_size"] == 60
    assert plot.read_text(encoding="utf-8").count("<polyline") == 2


@pytest.mark.shared_data
def test_sessions_are_compared_across_and_few_persons_have_no_interval(webcam_sessions: Path, models: Path) -> None:
    output, status = run(webcam_sessions, "--models", models, "--json")
    answer: dict[str, Any] = json.loads(output)
    assert status == 0
    # 5 frames a session: two persons with two sessions, one with three, two with one
    assert answer["pairs"] == {"genuine": 125, "genuine_persons": 3, "impostor": 775, "cross_session": True}
    assert answer["searches"]["gallery_size"] == 3


@pytest.mark.shared_data
def test_in_words_each_figure_has_a_line(webcam_sessions: Path, models: Path) -> None:
    output, _ = run(
        webcam_sessions, "--frames", "5", "--gallery", webcam_sessions / "0001" / "session-01", "--models", models
    )
    lines = output.splitlines()
    assert "recogniser: sface-2021dec" in lines
    assert "tar_at_fmr 0.001: not measurable here" in lines
    assert "failure_to_acquire gallery_pictures: 5" in lines


def test_without_the_networks_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "persons").mkdir()
    result = CliRunner().invoke(evaluate, [str(tmp_path / "persons"), "--models", str(tmp_path)])
    assert "kiosk models install" in str(result.exception)
