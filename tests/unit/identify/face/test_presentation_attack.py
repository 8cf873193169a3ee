from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ConfigurationError
from kiosk.identify.face.presentation_attack import FRAMES, NetworkAttackDetector, outcome
from kiosk.model.face import AttackOutcome

LIVE, DOUBTFUL = 0.8, 0.5


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([0.8] * 5, AttackOutcome.LIVE),
        ([0.0, 0.0, 0.8, 0.9, 1.0], AttackOutcome.LIVE),
        ([1.0, 1.0, 0.79, 0.0, 0.0], AttackOutcome.DOUBTFUL),
        ([0.5] * 5, AttackOutcome.DOUBTFUL),
        ([1.0, 1.0, 0.49, 0.0, 0.0], AttackOutcome.ATTACK),
        ([0.0] * 5, AttackOutcome.ATTACK),
    ],
)
def test_the_median_of_five_pictures_decides(scores: list[float], said: AttackOutcome) -> None:
    assert outcome(scores, LIVE, DOUBTFUL) is said


@given(
    st.lists(st.floats(0, 1), min_size=FRAMES, max_size=FRAMES).flatmap(
        lambda s: st.tuples(st.just(s), st.permutations(s))
    )
)
def test_their_order_does_not_matter(orders: tuple[list[float], list[float]]) -> None:
    assert outcome(orders[0], LIVE, DOUBTFUL) is outcome(orders[1], LIVE, DOUBTFUL)


def test_fewer_than_five_are_not_judged() -> None:
    with pytest.raises(ValueError, match="judges 5 pictures, not 4"):
        outcome([1.0] * 4, LIVE, DOUBTFUL)


def test_a_file_that_is_no_network_is_named(tmp_path: Path) -> None:
    weights = tmp_path / "fr_liveness.onnx"
    weights.write_bytes(b"no network")
    with pytest.raises(ConfigurationError, match=r"fr_liveness\.onnx"):
        NetworkAttackDetector(weights)
