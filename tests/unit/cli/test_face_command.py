"""`kiosk face compare` and `check`: what programs rely on."""

import json
from pathlib import Path
from typing import Any

import cv2
import pytest
from click.testing import CliRunner
from skimage.data import astronaut

from kiosk.cli.face import face
from tests.support.face_models import MODELS


def run(*arguments: str | Path, as_json: bool = True) -> tuple[Any, int]:
    """What the command prints, and its exit status."""
    words = [str(argument) for argument in arguments] + ["--models", str(MODELS)] + ["--json"] * as_json
    result = CliRunner().invoke(face, words)
    return json.loads(result.stdout) if as_json else result.stdout, result.exit_code


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    path = tmp_path / "portrait.png"
    cv2.imwrite(str(path), cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture
def darker(tmp_path: Path) -> Path:
    path = tmp_path / "darker.jpg"
    cv2.imwrite(str(path), cv2.cvtColor(astronaut() // 4, cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    path = tmp_path / "nobody.png"
    cv2.imwrite(str(path), cv2.cvtColor(astronaut()[300:], cv2.COLOR_RGB2BGR))
    return path


@pytest.mark.parametrize("recogniser", ["sface", "face-recognition"])
def test_one_person_matches_at_every_stated_rate(portrait: Path, darker: Path, recogniser: str) -> None:
    answer, status = run("compare", portrait, darker, "--recogniser", recogniser)
    assert status == 0
    assert answer["score"] > 0.7
    assert len(answer["decisions"]) >= 3
    assert all(set(one) == {"threshold", "fmr", "fmr_pessimistic", "match"} for one in answer["decisions"])
    assert all(one["match"] for one in answer["decisions"])


def test_quality_stands_beside_the_score_and_does_not_change_it(portrait: Path, darker: Path) -> None:
    answer, _ = run("compare", portrait, darker)
    assert (answer["a"]["problems"], answer["b"]["problems"]) == ([], ["too_dark"])
    assert answer["a"]["quality"]["exposure"] > answer["b"]["quality"]["exposure"]
    same, _ = run("compare", darker, portrait)
    assert same["score"] == pytest.approx(answer["score"], abs=1e-4)


def test_a_comparison_in_words(portrait: Path, darker: Path) -> None:
    said, status = run("compare", portrait, darker, as_json=False)
    assert status == 0
    assert "at threshold 0.500, false match rate 1.3e-06: match" in said
    assert "problems: too_dark" in said


def test_a_picture_without_a_face_cannot_be_compared(portrait: Path, nobody: Path) -> None:
    answer, status = run("compare", portrait, nobody)
    assert status == 2
    assert answer["error"]["kind"] == "no_face"


def test_good_pictures_have_status_0(portrait: Path) -> None:
    answers, status = run("check", portrait, portrait)
    assert status == 0
    assert [answer["problems"] for answer in answers] == [[], []]
    assert set(answers[0]["quality"]) == {
        "face_pixels",
        "face_share",
        "yaw",
        "pitch",
        "roll",
        "sharpness",
        "exposure",
        "covered",
        "faces",
        "cut_off",
    }


def test_a_picture_to_be_bettered_has_status_1(portrait: Path, darker: Path) -> None:
    answers, status = run("check", portrait, darker)
    assert status == 1
    assert answers[1]["problems"] == ["too_dark"]


def test_pictures_that_cannot_be_used_do_not_stop_the_others(portrait: Path, nobody: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    answers, status = run("check", tmp_path / "text.jpg", tmp_path / "absent.jpg", nobody, portrait)
    assert status == 2
    assert [answer["error"]["kind"] for answer in answers[:3]] == ["bad_image", "unreadable", "no_face"]
    assert answers[3]["problems"] == []
