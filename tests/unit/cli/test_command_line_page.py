"""docs/reference/command-line.md and every `--help` against the commands that there are."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kiosk.cli import main

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "command-line.md"


def commands_below(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Each command by the words that call it."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from commands_below(below, f"{name} {word}")


COMMANDS = dict(commands_below(main, "kiosk"))
THAT_DO_SOMETHING = [name for name, command in COMMANDS.items() if not isinstance(command, click.Group)]


def rows_of_the_page() -> dict[str, list[str]]:
    """The cells after each command's name."""
    rows = [line.strip("|").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return {cells[0].strip(" `"): cells[1:] for cells in rows if cells[0].startswith(" `kiosk ")}


@pytest.mark.parametrize("name", THAT_DO_SOMETHING)
def test_the_page_has_each_command_with_an_example_and_its_exit_status(name: str) -> None:
    _, example, exit_status = rows_of_the_page()[name]
    assert example.startswith(f"`{name}")
    assert exit_status.strip()


def test_the_page_has_no_command_that_is_not_there() -> None:
    assert set(rows_of_the_page()) == set(THAT_DO_SOMETHING)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_help_has_an_example(name: str) -> None:
    command = COMMANDS[name]
    assert "Example: " in command.get_help(click.Context(command, info_name=name))
