"""Error rates against cases counted by hand, and what must hold for any scores."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.identify.face.evaluation import (
    Comparisons,
    OperatingPoint,
    enrol_first,
    errors_at,
    identification,
    is_measurable,
    operating_points,
    trade_off,
    verification,
)

BY_HAND = pytest.approx


def indexes(*numbers: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.array(numbers, dtype=np.int32)


def directions(*degrees: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Unit vectors in a plane: their scores are cosines of the angles between them."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def searches_of(mated: list[float], non_mated: list[float], persons: int = 20) -> Comparisons:
    """Searches that take turns through the persons."""
    whose = np.arange(len(non_mated), dtype=np.int32) % persons
    return Comparisons(
        np.array(mated, dtype=np.float32),
        np.arange(len(mated), dtype=np.int32) % persons,
        np.array(non_mated, dtype=np.float32),
        whose[None, :],
        np.bincount(whose, minlength=persons).astype(np.int32),
    )


def only_point(comparisons: Comparisons, rate: float, seed: int = 0) -> OperatingPoint:
    (point,) = operating_points(comparisons, [rate], seed=seed, replicates=200)
    assert point is not None
    return point


def a_population(seed: int, *, persons: int, samples: int, spread: float) -> Comparisons:
    """Persons are random directions, and their samples lie around them."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(persons, 1, 16))
    vectors = (centres + spread * random.normal(size=(persons, samples, 16))).reshape(-1, 16)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return verification(vectors.astype(np.float32), np.arange(persons, dtype=np.int32).repeat(samples))


def test_each_two_samples_are_compared_once() -> None:
    pairs = verification(directions(0, 60, 90), indexes(0, 0, 1))
    assert pairs.mated == BY_HAND([0.5])
    assert pairs.mated_persons.tolist() == [0]
    assert sorted(pairs.non_mated.tolist()) == BY_HAND([0, np.sqrt(0.75)], abs=1e-6)
    assert pairs.non_mated_persons.tolist() == [[0, 0], [1, 1]]


def test_with_sessions_a_person_is_compared_across_them_only() -> None:
    pairs = verification(directions(0, 10, 60, 90), indexes(0, 0, 0, 1), indexes(0, 0, 1, 0))
    assert sorted(pairs.mated.tolist()) == BY_HAND([0.5, np.cos(np.radians(50))], abs=1e-6)
    assert len(pairs.non_mated) == 3


@given(st.lists(st.integers(0, 6), min_size=1, max_size=600))
@settings(max_examples=30, deadline=None)
def test_no_pair_is_lost_and_the_weights_count_them(persons: list[int]) -> None:
    pairs = verification(directions(*range(len(persons))), indexes(*persons))
    genuine = sum(first == second for first, second in combinations(persons, 2))
    assert len(pairs.mated) == genuine
    assert len(pairs.non_mated) == len(persons) * (len(persons) - 1) // 2 - genuine
    assert pairs.non_mated_weight(np.ones(len(pairs.samples))) == len(pairs.non_mated)


def test_who_comes_first_is_found_and_searches_once_more_without_a_reference() -> None:
    gallery, enrolled = directions(0, 40, 100), indexes(0, 1, -1)
    searches = identification(directions(10, 25, 95), indexes(0, 1, 2), gallery, enrolled)
    assert searches.mated == BY_HAND([np.cos(np.radians(10)), np.cos(np.radians(15))])
    assert searches.mated_persons.tolist() == [0, 1]
    assert searches.non_mated == BY_HAND(np.cos(np.radians([30, 25, 5])))


def test_who_comes_second_is_not_found() -> None:
    searches = identification(directions(30), indexes(0), directions(0, 40), indexes(0, -1))
    assert searches.mated.tolist() == [-np.inf]


def test_the_first_sample_is_the_reference_of_who_has_several() -> None:
    references, probes = enrol_first(indexes(0, 0, 0, 1, 2, 2))
    assert references.tolist() == [0, 4]
    assert probes.tolist() == [1, 2, 3, 5]


def test_with_sessions_no_probe_is_of_the_session_of_its_reference() -> None:
    references, probes = enrol_first(indexes(0, 0, 0, 1, 1), indexes(1, 1, 2, 1, 1))
    assert references.tolist() == [0]
    assert probes.tolist() == [2, 3, 4]


def test_the_threshold_lets_as_many_false_matches_through_as_allowed() -> None:
    searches = searches_of([0.95, 0.985, 0.5, 0.999], [number / 1000 for number in range(1000)])
    point = only_point(searches, 0.01)
    assert point.threshold == BY_HAND(0.989)
    assert errors_at(searches, point.threshold)[0] == 10
    assert point.hits == 0.25


def test_equal_scores_are_let_through_together_or_not_at_all() -> None:
    point = only_point(searches_of([0.6, 0.7], [0.6] * 50 + [0.1] * 950), 0.01)
    assert 0.6 < point.threshold < 0.7
    assert point.hits == 0.5


def test_fewer_than_ten_expected_errors_are_no_figure() -> None:
    searches = searches_of([0.9], [0.1] * 999)
    assert operating_points(searches, [0.01, 0.1]) == [None, only_point(searches, 0.1)]
    assert is_measurable(searches_of([0.9], [0.1] * 1000), 0.01)


def test_nothing_mated_is_no_figure() -> None:
    searches = searches_of([], [0.1] * 1000)
    assert operating_points(searches, [0.5]) == [None]
    assert len(trade_off(searches)) == 0


def test_no_miss_among_twenty_persons_still_leaves_an_interval() -> None:
    point = only_point(searches_of([0.9] * 400, [0.1] * 1000), 0.01)
    assert point.hits == 1
    assert point.interval is not None
    assert list(point.interval) == BY_HAND([0.8316, 1], abs=1e-4)


def test_few_persons_have_no_interval_however_many_pictures() -> None:
    searches = searches_of([0.9, 0.2] * 500, [0.3] * 1000, persons=9)
    assert only_point(searches, 0.01).interval is None


def test_the_same_seed_gives_the_same_interval() -> None:
    pairs = a_population(1, persons=40, samples=4, spread=0.6)
    assert only_point(pairs, 0.01, seed=3) == only_point(pairs, 0.01, seed=3)
    assert only_point(pairs, 0.01, seed=3) != only_point(pairs, 0.01, seed=4)


def test_the_interval_is_wider_where_the_same_pairs_come_from_fewer_persons() -> None:
    """One person in ten is missed every time: more pictures of each tell nothing new."""
    few = searches_of([0.9] * 18 + [0.1] * 2, [0.5] * 1000, persons=20)
    repeated = searches_of(([0.9] * 18 + [0.1] * 2) * 50, [0.5] * 1000, persons=20)
    many = searches_of(([0.9] * 18 + [0.1] * 2) * 50, [0.5] * 1000, persons=1000)
    widths = [high - low for low, high in (only_point(set_, 0.05).interval or (0, 0) for set_ in (few, repeated, many))]
    assert widths[0] == BY_HAND(widths[1])
    assert widths[2] < widths[0] / 3


def test_the_interval_holds_what_larger_populations_show() -> None:
    truth = only_point(a_population(0, persons=300, samples=4, spread=0.6), 0.01).hits
    covered = 0
    for seed in range(1, 21):
        low, high = only_point(a_population(seed, persons=50, samples=4, spread=0.6), 0.01).interval or (1, 0)
        covered += low <= truth <= high
    assert covered >= 16


SCORES = st.lists(st.floats(-1, 1, width=32), min_size=10, max_size=300)


@given(SCORES, SCORES)
@settings(deadline=None)
def test_no_more_false_matches_than_allowed_and_no_threshold_that_is_needlessly_high(
    mated: list[float], non_mated: list[float]
) -> None:
    searches = searches_of(mated, non_mated)
    rate = 10 / len(non_mated)
    point = only_point(searches, rate)
    allowed = 10
    assert errors_at(searches, point.threshold)[0] <= allowed
    lower = [score for score in non_mated if score < point.threshold]
    assert not lower or errors_at(searches, max(lower))[0] > allowed
    assert point.hits == BY_HAND(1 - errors_at(searches, point.threshold)[1] / len(mated))


@given(SCORES, SCORES)
@settings(deadline=None)
def test_along_the_curve_fewer_false_matches_cost_more_misses(mated: list[float], non_mated: list[float]) -> None:
    curve = trade_off(searches_of(mated, non_mated))
    assert curve[0, 0] == BY_HAND(10 / len(non_mated))
    assert (np.diff(curve[:, 0]) >= 0).all()
    assert (np.diff(curve[:, 1]) <= 0).all()
    assert ((curve >= 0) & (curve <= 1)).all()
