"""Patients lift their cards when they please; nothing of that may pile up."""

import pytest

from tests.support.card_endurance import endure
from tests.support.pcscd import Pcscd

pytestmark = pytest.mark.integration


def test_reads_in_a_row_with_cards_pulled_leave_nothing_behind(pcscd: Pcscd) -> None:
    outcome = endure(pcscd, reads=9, seed=7)
    assert outcome.pulled == 3
    assert outcome.ends["genuine"] >= 6
    assert set(outcome.ends) <= {"genuine", "removed", "no_card"}
    assert outcome.after == outcome.before
    assert outcome.is_free
