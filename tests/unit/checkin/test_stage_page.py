"""docs/reference/check-in.md against the model."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from kiosk.model.checkin import Reason, Stage
from kiosk.model.correction import Correction
from kiosk.model.events import EventKind

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "check-in.md").read_text(encoding="utf-8")


def first_cells() -> set[str]:
    """What the tables of the page explain, a row each."""
    return set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))


def drawn() -> set[str]:
    """The stages in the diagram."""
    diagram = PAGE.partition("stateDiagram-v2")[2].partition("```")[0]
    return set(re.findall(r"[a-z_]+(?= -->)|(?<=--> )[a-z_]+", diagram))


@pytest.mark.parametrize("kind", [*Stage, *Reason, *EventKind, *Correction])
def test_the_page_explains_each_stage_reason_and_event(kind: StrEnum) -> None:
    assert kind.value in first_cells()


def test_the_page_explains_no_other() -> None:
    assert first_cells() == {kind.value for kind in (*Stage, *Reason, *EventKind, *Correction)}


def test_the_diagram_has_every_stage_and_no_other() -> None:
    assert drawn() == {stage.value for stage in Stage}
