"""docs/how-to/read-a-card-from-python.md does what it says."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.hardware.simulated.citizen_card.image import CardImage

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "how-to" / "read-a-card-from-python.md"
OVER_PCSC, IN_PROCESS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr == ""
    return done.stdout.strip()


def test_ten_lines_read_a_card_over_pcsc(
    lay: Callable[[CardImage], None], genuine: CardImage, trust: Path, tmp_path: Path
) -> None:
    """Other than on the page are the reader's name and the folder, where a demonstration's anchor would be refused."""
    lay(genuine)
    program = OVER_PCSC.replace('"ACS ACR1252"', '"Virtual PCD 00 00", allow_virtual=True')
    assert len([line for line in OVER_PCSC.splitlines() if line]) == 10
    assert run(program.replace("config/trust", str(tmp_path))) == "consistent Nguyễn Thị Mẫu"
    program = program.replace('Path("config/trust")', f"Path({str(trust)!r}), allow_demo=True")
    assert run(program) == "genuine Nguyễn Thị Mẫu"


def test_any_object_with_one_method_will_do() -> None:
    assert run(IN_PROCESS) == "consistent issuer-unknown"
