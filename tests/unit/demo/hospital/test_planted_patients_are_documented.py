from pathlib import Path

import pytest

from kiosk.demo.hospital import PLANTED

PAGE = Path(__file__).parents[4] / "docs/reference/invented-hospital.md"


@pytest.mark.parametrize("key", PLANTED)
def test_the_reference_page_lists_every_planted_patient(key: str) -> None:
    row = PLANTED[key]
    line = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{key}` |"))
    for told in (row.id, row.name, row.born or str(row.born_days), row.hospital_code, row.situation):
        assert told in line
    assert all(f"{one.at:%H:%M} {one.clinic}" in line for one in row.appointments)


def test_the_reference_page_lists_nobody_else() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(lines) == len(PLANTED)
