import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.face_policy import policy_risk
from kiosk.identify.face.risk_cases import ATTACKERS, MODELS, WAYS
from tests.support.one_clinic import ONE_CLINIC


def reckon(tmp_path: Path, *arguments: str, face: str = "") -> Result:
    settings = tmp_path / "kiosk.toml"
    settings.write_text(f"[face]\n{face}\n{ONE_CLINIC}")
    return CliRunner(env={"KIOSK_SETTINGS": str(settings)}).invoke(policy_risk, ["--draws", "100", *arguments])


def test_json_has_every_path_attacker_and_model_of_scores(tmp_path: Path) -> None:
    result = reckon(tmp_path, "--json", "--seed", "3", "--draws", "1000")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (answer["seed"], answer["per"], answer["confidence"], answer["tries"]) == (3, 1_000_000, 0.95, 2)
    assert answer["thresholds"]["enrolled"] == 0.52
    assert answer["too_many_for_a_stranger"] == []
    assert {(row["way"], row["attacker"], row["scores"]) for row in answer["risks"]} == {
        (way.name, attacker.name, scores.name) for way in WAYS for attacker in ATTACKERS for scores in MODELS
    }
    assert all(0 <= row["sent_elsewhere"] <= 1 for row in answer["costs"])
    assert len(answer["costs"]) == len(WAYS) * len(MODELS)


def test_the_same_seed_prints_the_same(tmp_path: Path) -> None:
    first, second = (reckon(tmp_path, "--json", "--seed", "5").stdout for _ in range(2))
    assert first == second


def test_the_table_names_the_attackers_below_each_path_and_the_cost(tmp_path: Path) -> None:
    lines = reckon(tmp_path).stdout.splitlines()
    start = lines.index("code, enrolled face")
    block = [line[2:34].strip() for line in lines[start + 1 : start + len(ATTACKERS) + 2]]
    assert block == [*(attacker.name for attacker in ATTACKERS), "patients sent elsewhere"]


def test_loose_thresholds_are_reckoned_with_and_end_in_another_exit_status(tmp_path: Path) -> None:
    result = reckon(tmp_path, "--json", face="threshold_portrait = 0.45")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["too_many_for_a_stranger"] == [
        "genuine chip, portrait",
        "known chip, portrait",
    ]
    assert "more than 1 in a million for a stranger: genuine chip, portrait" in result.stderr


def test_a_recogniser_whose_scores_nobody_measured_so_is_refused(tmp_path: Path) -> None:
    names = ("enrolled", "portrait", "today", "ten_thousand", "hundred_thousand")
    strict = [f"threshold_{name} = 0.97" for name in names]
    result = reckon(tmp_path, face="\n".join(['recogniser = "face-recognition"', *strict]))
    assert result.exit_code == 1
    assert "only sface's" in str(result.exception)


@pytest.mark.parametrize("arguments", [("--draws", "1"), ("--seed", "-1")])
def test_senseless_numbers_are_refused(tmp_path: Path, arguments: tuple[str, str]) -> None:
    assert reckon(tmp_path, *arguments).exit_code == 2
