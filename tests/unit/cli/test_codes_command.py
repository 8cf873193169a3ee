"""`kiosk codes`: what programs rely on."""

import json
from pathlib import Path
from typing import Any

import cv2
import pytest
from click.testing import CliRunner

from benchmarks.photographs import in_scene, render_bars, render_qr
from kiosk.cli.codes import codes
from tests.unit.identify.codes.vectors import CITIZEN_2021, INSURANCE_NEW, INSURANCE_OLD


def run(*arguments: str, stdin: bytes = b"") -> tuple[Any, int]:
    """What the command prints as JSON, and its exit status."""
    result = CliRunner().invoke(codes, [*arguments, "--json"], input=stdin)
    return json.loads(result.stdout_bytes.decode()), result.exit_code


def test_a_citizen_card_as_json() -> None:
    assert run("parse", "-", stdin=f"{CITIZEN_2021}\r\n".encode()) == (
        {
            "kind": "citizen",
            "fields": {
                "citizen_id": "001190012345",
                "old_id": "012345678",
                "name": "Nguyễn Thị Mẫu",
                "birth_date": "1990-03-05",
                "sex": "female",
                "address": "Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội",
                "issue_date": "2021-04-15",
            },
            "warnings": [],
        },
        0,
    )


def test_an_insurance_card_as_json() -> None:
    assert run("parse", INSURANCE_NEW) == (
        {
            "kind": "insurance",
            "fields": {
                "number": "0100123456",
                "name": "Nguyễn Thị Mẫu",
                "birth_date": "1990-03-05",
                "sex": "female",
                "address": None,
                "facility": "01001",
                "valid_from": "2025-01-01",
                "valid_to": None,
                "issue_date": "2025-01-02",
                "five_years_from": "2029-06-01",
                "area": None,
                "benefit_level": "4",
                "issuing_place": "Quận Thử, Thành phố Hà Nội",
            },
            "warnings": [],
        },
        0,
    )


def test_an_old_insurance_card_has_the_same_fields() -> None:
    (old, _), (new, _) = run("parse", INSURANCE_OLD), run("parse", INSURANCE_NEW)
    assert list(old["fields"]) == list(new["fields"])
    assert (old["fields"]["benefit_level"], old["fields"]["valid_to"]) == (None, "2019-12-31")


@pytest.mark.parametrize(
    ("number", "kind", "field"),
    [
        ("001190012345", "citizen", "citizen_id"),
        ("0100123456", "insurance", "number"),
        ("BN000123", "hospital", "code"),
    ],
)
def test_a_bare_number_has_its_kind_and_no_other_field(number: str, kind: str, field: str) -> None:
    answer, status = run("parse", number)
    assert (answer["kind"], answer["warnings"], status) == (kind, [], 0)
    assert {name: value for name, value in answer["fields"].items() if value is not None} == {field: number}


def test_warnings_are_codes() -> None:
    answer, status = run("parse", CITIZEN_2021.replace("|Nữ|", "|Nam|"))
    assert (answer["warnings"], status) == (["sex_disagrees"], 0)


@pytest.mark.parametrize(
    ("stdin", "kind", "field"),
    [
        (b"hello", "unknown_code", None),
        (b"", "empty", None),
        (b"\xff\xfe", "not_utf8", None),
        (b"1" * 5000, "too_long", None),
        (CITIZEN_2021.replace("05031990", "31021990").encode(), "bad_date", "birth_date"),
        (INSURANCE_NEW.replace("4e6775", "4e677", 1).encode(), "bad_hex", "name"),
    ],
)
def test_an_unusable_code_is_an_error_with_status_2(stdin: bytes, kind: str, field: str | None) -> None:
    answer, status = run("parse", "-", stdin=stdin)
    assert status == 2
    assert list(answer) == ["error"]
    assert set(answer["error"]) == {"kind", "field", "message"}
    assert (answer["error"]["kind"], answer["error"]["field"]) == (kind, field)


def test_the_hospital_says_what_its_codes_look_like() -> None:
    assert run("parse", "HS-77", "--hospital-pattern", "HS-[0-9]+")[0]["fields"] == {"code": "HS-77"}


@pytest.mark.parametrize("pattern", ["(", "[0-9]{12}", "[0-9]+"])
def test_a_pattern_that_is_broken_or_overlaps_is_refused(pattern: str) -> None:
    answer, status = run("parse", "HS-77", "--hospital-pattern", pattern)
    assert (answer["error"]["kind"], status) == ("bad_pattern", 2)


def test_without_json_it_prints_lines_to_read() -> None:
    result = CliRunner().invoke(codes, ["parse", "-"], input=CITIZEN_2021.encode())
    assert result.stdout.splitlines()[:4] == [
        "kind: citizen",
        "citizen_id: 001190012345",
        "old_id: 012345678",
        "name: Nguyễn Thị Mẫu",
    ]


def test_without_json_an_error_goes_to_standard_error() -> None:
    result = CliRunner().invoke(codes, ["parse", "hello"])
    assert (result.stdout, result.exit_code) == ("", 2)
    assert "unknown_code" in result.stderr


def test_a_picture_gives_a_list_with_corners(tmp_path: Path) -> None:
    picture = tmp_path / "card.png"
    cv2.imwrite(str(picture), in_scene(render_qr(INSURANCE_NEW), width=400))
    answers, status = run("scan", str(picture))
    assert status == 0
    assert [answer["kind"] for answer in answers] == ["insurance"]
    assert answers[0]["fields"]["name"] == "Nguyễn Thị Mẫu"
    assert len(answers[0]["corners"]) == 4
    assert all(440 <= x <= 840 and 160 <= y <= 560 for x, y in answers[0]["corners"])


def test_an_unknown_code_in_a_picture_is_an_entry_with_an_error(tmp_path: Path) -> None:
    picture = tmp_path / "poster.png"
    cv2.imwrite(str(picture), in_scene(render_qr("https://example.org"), width=300))
    answers, status = run("scan", str(picture))
    assert (answers[0]["error"]["kind"], len(answers[0]["corners"]), status) == ("unknown_code", 4, 0)


def test_a_picture_without_a_code_gives_an_empty_list(tmp_path: Path) -> None:
    picture = tmp_path / "wall.png"
    cv2.imwrite(str(picture), in_scene(render_qr("x"), width=1))
    assert run("scan", str(picture)) == ([], 0)


def test_a_picture_may_come_from_standard_input() -> None:
    _, data = cv2.imencode(".png", in_scene(render_bars("BN000123"), width=400))
    answers, _ = run("scan", "-", stdin=data.tobytes())
    assert answers[0]["fields"] == {"code": "BN000123"}


@pytest.mark.parametrize("content", [None, b"", b"not a picture", b"\x89PNG\r\n\x1a\n"])
def test_an_unusable_picture_is_an_error_with_status_2(tmp_path: Path, content: bytes | None) -> None:
    picture = tmp_path / "picture.png"
    if content is not None:
        picture.write_bytes(content)
    answer, status = run("scan", str(picture))
    assert (answer["error"]["kind"], answer["error"]["field"], status) == (
        "unreadable" if content is None else "bad_image",
        "image",
        2,
    )


@pytest.mark.parametrize("command", ["parse", "scan"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: kiosk codes {command}" in CliRunner().invoke(codes, [command, "--help"]).stdout
