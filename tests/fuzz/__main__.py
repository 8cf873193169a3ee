"""Fuzzes the parsers of a card's bytes: ``python -m tests.fuzz mrz --runs 1000000``."""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from tests.fuzz.lines import reached_lines
from tests.fuzz.target import CORPUS, Target
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
SECONDS_FOR_ONE_INPUT = 5
MEMORY_MB = 1024


@dataclass(frozen=True)
class Found:
    """What a run came to.

    Attributes:
        executions: inputs tried.
        edges: branches of the instrumented code that were reached, as libFuzzer counts them.
        failure: the report of an input that broke the parser, and where it lies; None where all is well.
    """

    executions: int
    seconds: int
    edges: int
    failure: str | None


@click.command()
@click.argument("targets", nargs=-1, type=click.Choice(list(TARGETS)))
@click.option("--runs", default=20_000, show_default=True, help="Executions of each target.")
@click.option("--seed", default=0, help="The same seed tries the same inputs; 0 draws one.")
def main(*, targets: tuple[str, ...], runs: int, seed: int) -> None:
    """Fuzz TARGETS, or all of them; exit 1 when an input broke one.

    Lines are those of the functions that were entered; edges are libFuzzer's count, its own library included.

    Example: python -m tests.fuzz mrz dg13 --runs 1000000
    """
    click.echo("| target | executions | seconds | edges | inputs kept | lines reached | not reached |")
    click.echo("| --- | --- | --- | --- | --- | --- | --- |")
    failures = [failure for name in targets or TARGETS if (failure := _fuzz(name, runs, seed))]
    for failure in failures:
        click.echo(failure, err=True)
    sys.exit(bool(failures))


def _fuzz(name: str, runs: int, seed: int) -> str | None:
    """Run one target, print its line, and return the report of a failure."""
    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix="kiosk-fuzz-") as folder:
        grown = Path(folder)
        found = _run(name, target, grown, [f"-runs={runs}", f"-seed={seed}"])
        kept = [path.read_bytes() for path in [*grown.iterdir(), *(CORPUS / name).iterdir()]]
    reached = reached_lines(target.run, [] if found.failure else kept, target.modules)
    share = f"{len(reached.lines) - len(reached.missed)} of {len(reached.lines)}"
    missed = " ".join(sorted(reached.missed)) or "–"
    row = (name, f"{found.executions:,}", found.seconds, found.edges, len(kept), share, missed)
    click.echo("| " + " | ".join(map(str, row)) + " |")
    return found.failure


def _run(name: str, target: Target, grown: Path, options: list[str]) -> Found:
    artifacts = Path(tempfile.gettempdir()) / f"kiosk-fuzz-{name}-"
    command = [
        *(sys.executable, "-m", "tests.fuzz.worker", name, *options),
        *(f"-max_len={target.longest}", f"-timeout={SECONDS_FOR_ONE_INPUT}", f"-rss_limit_mb={MEMORY_MB}"),
        *("-print_final_stats=1", f"-artifact_prefix={artifacts}", str(grown), str(CORPUS / name)),
    ]
    ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, errors="replace")
    report = ran.stdout + ran.stderr
    return Found(
        executions=_number(r"stat::number_of_executed_units:\s*(\d+)", report),
        seconds=_number(r"Done \d+ runs in (\d+) second", report),
        edges=_number(r"cov: (\d+)", report),
        failure=_failure(ran.stdout, ran.stderr) if ran.returncode else None,
    )


def _failure(out: str, err: str) -> str:
    """Python's traceback is on the standard output; libFuzzer says at the end of its own where the input lies."""
    traceback = out[max(0, out.find("Uncaught Python exception")) :]
    return f"{traceback[:4000]}\n{err[-1000:]}"


def _number(pattern: str, report: str) -> int:
    """The last one, since the fuzzer reports as it goes."""
    return int((re.findall(pattern, report) or ["0"])[-1])


if __name__ == "__main__":
    main(prog_name="python -m tests.fuzz")
