"""The level of every combination; the words are in docs/reference/assurance.md."""

from typing import Literal

import pytest

from kiosk.checkin.chip_level import chip_level
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.chip_evidence import Holder
from kiosk.model.identity import Assurance

GENUINE, CONSISTENT, REFUSED = ChipVerdict
NOBODY, MATCH, MISS, STAFF = Holder
CLAIMED, VERIFIED, PROVEN = Assurance

LEVELS = {
    # verdict, known: nobody, match, miss, staff
    (GENUINE, False): (CLAIMED, PROVEN, CLAIMED, PROVEN),
    (GENUINE, True): (CLAIMED, PROVEN, CLAIMED, PROVEN),
    (CONSISTENT, False): (CLAIMED, CLAIMED, CLAIMED, CLAIMED),
    (CONSISTENT, True): (CLAIMED, VERIFIED, CLAIMED, VERIFIED),
    (REFUSED, False): (CLAIMED, CLAIMED, CLAIMED, CLAIMED),
    (REFUSED, True): (CLAIMED, CLAIMED, CLAIMED, CLAIMED),
}


@pytest.mark.parametrize(
    ("verdict", "known", "holder", "level"),
    [
        (verdict, known, holder, level)
        for (verdict, known), row in LEVELS.items()
        for holder, level in zip((NOBODY, MATCH, MISS, STAFF), row, strict=True)
    ],
)
def test_a_verdict_and_a_holder_give_this_level(
    verdict: ChipVerdict, known: Literal[True, False], holder: Holder, level: Assurance
) -> None:
    assert chip_level(verdict, holder, known=known) is level
    assert chip_level(verdict, holder, known=known, lost=True) is CLAIMED


def test_the_table_has_every_verdict() -> None:
    assert {verdict for verdict, _ in LEVELS} == set(ChipVerdict)
