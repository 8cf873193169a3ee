"""A short run of the fuzzer over each parser of a card's bytes; the long one is ``python -m tests.fuzz``."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python"),
]
ROOT = Path(__file__).parents[3]
RUNS = 5_000
LEAST_SHARE = 0.6
"""Of the lines of the functions entered: fewer would mean that the inputs no longer get past the first lines."""


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    """Two targets at a time: each start takes longer than its inputs."""
    with ThreadPoolExecutor(2) as pool:
        yield {target: pool.submit(_run, target) for target in TARGETS}


def _run(target: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz", target, "--runs", str(RUNS)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_breaks_a_parser(runs: dict[str, Future[subprocess.CompletedProcess[str]]], target: str) -> None:
    ran = runs[target].result()
    print(ran.stdout)  # noqa: T201 # the table is what a reader of the log looks for
    assert ran.returncode == 0, ran.stderr
    _, executions, _, _, _, lines, _ = (cell.strip() for cell in ran.stdout.splitlines()[2].strip("|").split("|"))
    reached, all_lines = map(int, lines.split(" of "))
    assert int(executions.replace(",", "")) >= RUNS
    assert reached >= LEAST_SHARE * all_lines
