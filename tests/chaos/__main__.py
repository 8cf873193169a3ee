"""``python -m tests.chaos [--kills N] [--seed N] [--only ROUND]``: kills, cuts, sets wrong and fills; prints a table"""

import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from benchmarks import machine
from kiosk.demo.processes import as_child
from kiosk.logs import configure_logs
from tests.chaos import rounds, wall_clock
from tests.chaos.rounds import Outcome

SHARE_OF_POSTGRESQL = 0.25
ROUND_SECONDS = 3600
HEAD = """# What dies, and what is lost

`make chaos`, outside the gate: patients who come back until they have a number, at several kiosks at once, and a doctor
who calls, moves, finishes, cancels and undoes; meanwhile what the table says. Afterwards each number that a patient was
told is there once; no number is missing or there twice; nobody has two at one clinic; the audit chain is intact; every
event is published; the record has one Encounter for each check-in, in its state.
"""
COLUMNS = """| round | done | told | numbers | audit rows | Encounters | faults | seconds |
| --- | --- | --- | --- | --- | --- | --- | --- |"""
MOST_FAULTS = 20

Round = Callable[[int, int], Outcome]
ROUNDS: Mapping[str, Round] = {
    "sqlite": lambda kills, seed: rounds.kills(kills - round(kills * SHARE_OF_POSTGRESQL), seed),
    "postgresql": lambda kills, seed: rounds.kills_with_postgresql(round(kills * SHARE_OF_POSTGRESQL), seed),
    "cuts": lambda _, seed: rounds.cuts(seed),
    "clock": lambda _, seed: rounds.jumps(seed),
    "full": lambda _, seed: rounds.full(seed),
}


@click.command()
@click.option("--kills", default=2000, show_default=True, help="With SIGKILL; a quarter of them on PostgreSQL.")
@click.option("--seed", default=1, show_default=True, help="Of what is killed, and when.")
@click.option("--only", type=click.Choice(list(ROUNDS)), multiple=True, help="These rounds; may be given again.")
@click.option("--within", type=click.Choice(list(ROUNDS)), hidden=True, help="This process is that round.")
def main(*, kills: int, seed: int, only: tuple[str, ...], within: str | None) -> None:
    """Kill the hospital's processes again and again, and print what became of the patients; exit 1 if anything is lost.

    Everything runs on this host's loopback in temporary folders and stops by itself. The rounds with file systems of
    their own need root, and are left out otherwise. 2000 kills take about ten minutes on two cores.

    Example: python -m tests.chaos --kills 100 --seed 7 --only sqlite
    """
    configure_logs("critical")
    # what runs and what is mounted goes with a process that is asked to end
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if within:
        outcome = rounds.timed(lambda: ROUNDS[within](kills, seed))
        sys.stdout.buffer.write(msgspec.json.encode(outcome))
        return
    outcomes = [_apart(name, kills, seed) for name in only or ROUNDS]
    click.echo(f"{HEAD}\n{datetime.now(UTC).date()}, seed {seed}. {machine.describe()}\n\n{COLUMNS}")
    for outcome in outcomes:
        click.echo(_row(outcome))
    faults = [f"{one.what}: {fault}" for one in outcomes for fault in one.found.faults]
    for fault in faults[:MOST_FAULTS]:
        click.echo(fault, err=True)
    sys.exit(bool(faults))


def _apart(name: str, kills: int, seed: int) -> Outcome:
    """In a process of its own, whose clock can be set."""
    click.echo(f"{name} …", err=True)
    command = [sys.executable, "-m", "tests.chaos", "--kills", str(kills), "--seed", str(seed), "--within", name]
    with ExitStack() as needed:
        environment = needed.enter_context(wall_clock.settable()) if name == "clock" else None
        done = subprocess.run(
            as_child(command), env=environment, stdout=subprocess.PIPE, check=True, timeout=ROUND_SECONDS, cwd=_root()
        )
    return msgspec.json.decode(done.stdout, type=Outcome)


def _root() -> Path:
    return Path(__file__).parents[2]


def _row(one: Outcome) -> str:
    found = one.found
    if one.done == rounds.ROOT_ONLY:
        return f"| {one.what} | {one.done} | | | | | | |"
    counts = (found.told, found.numbers, found.audit_rows, found.encounters, len(found.faults), round(one.seconds))
    return f"| {one.what} | {one.done} | {' | '.join(map(str, counts))} |"


if __name__ == "__main__":
    main(prog_name="python -m tests.chaos")
