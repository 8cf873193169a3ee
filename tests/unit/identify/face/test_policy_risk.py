"""The risk table of the policy against plain counting, and what it must show."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.identify.face.policy import FaceThresholds, is_match, pick
from kiosk.identify.face.policy_risk import PolicyRisk
from kiosk.identify.face.rare_events import density_of_smallest, mean_of, next_smallest, smallest
from kiosk.identify.face.risk_cases import ATTACKERS, MODELS, WAYS, Attacker, Way, Whom
from kiosk.identify.face.score_tails import KIOSK_LIKE_SCORES, PESSIMISTIC_SCORES, Counts, Curve
from kiosk.model.face import AttackOutcome, Candidate, CandidateList, FacePath

WAY = {way.name: way for way in WAYS}
BY_NAME = {attacker.name: attacker for attacker in ATTACKERS}
STRANGER, AIMING, CODE = BY_NAME["stranger"], BY_NAME["stolen code"], WAY["code, enrolled face"]
LOOSE = FaceThresholds(enrolled=0.30, portrait=0.30, today=0.30, gap_today=0.02, ten_thousand=0.30)
PEOPLE = 20
SMALL_SEARCH = Way("today's few", FacePath.TODAY, size=PEOPLE)
SMALL_ARCHIVE = Way("a small archive", FacePath.RECENT, size=PEOPLE)


def reckoned(thresholds: FaceThresholds | None = None, seed: int = 1, draws: int = 4_000) -> PolicyRisk:
    return PolicyRisk(thresholds or FaceThresholds(), seed=seed, draws=draws)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_stranger_opens_at_most_one_record_in_a_million_attempts_on_every_path(way: Way) -> None:
    risk = reckoned().risk(way, STRANGER, KIOSK_LIKE_SCORES)
    assert 0 < risk.wrong_opens <= risk.upper_bound <= 1


def test_one_and_the_same_seed_gives_the_same_figures_and_another_one_nearly_the_same() -> None:
    way = WAY["10,000, birth date"]
    first, again, other = (reckoned(seed=seed).risk(way, STRANGER, KIOSK_LIKE_SCORES) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert other.wrong_opens == pytest.approx(first.wrong_opens, rel=0.05)


@pytest.mark.parametrize("scores", MODELS, ids=lambda scores: scores.name)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_twin_opens_every_record_until_reception_knows_and_then_none(way: Way, scores: object) -> None:
    model = next(one for one in MODELS if one is scores)
    risk = reckoned(draws=400)
    assert risk.risk(way, BY_NAME["twin"], model).upper_bound == 1e6
    assert risk.risk(way, BY_NAME["twin, flagged"], model).upper_bound == 0
    assert risk.risk(way, BY_NAME["household, flagged"], model).upper_bound == 0


def test_pessimistic_scores_open_more_and_cost_more() -> None:
    risk = reckoned()
    for way in WAYS:
        likely, worse = (risk.risk(way, STRANGER, scores) for scores in MODELS)
        assert worse.wrong_opens > likely.wrong_opens
        assert risk.cost(way, MODELS[1]).sent_elsewhere >= 0.99 * risk.cost(way, MODELS[0]).sent_elsewhere


def test_without_tries_nothing_opens() -> None:
    assert replace(reckoned(draws=400), tries=0).risk(CODE, AIMING, PESSIMISTIC_SCORES).upper_bound == 0


def test_a_print_is_bounded_by_what_was_counted_and_no_better() -> None:
    risk = reckoned().risk(CODE, BY_NAME["stolen code, printed photograph"], KIOSK_LIKE_SCORES)
    assert risk.wrong_opens < 100
    assert 2 * 1e6 * 2 / 1_174 < risk.upper_bound < 2 * 1e6 * 3 / 1_174


# --- against plain counting, where events are frequent enough to count


def counted_matches(draws: int) -> float:
    rng = np.random.default_rng(3)
    scores = (KIOSK_LIKE_SCORES.stranger.score_at(share) for share in rng.uniform(1e-12, 1, draws))
    return sum(is_match(FacePath.ENROLLED, score, AttackOutcome.LIVE, LOOSE) for score in scores) / draws


def counted_picks(way: Way, draws: int, *, aims: bool) -> dict[str, float]:
    """Plainly: everybody of the gallery gets a score, and the policy picks."""
    rng = np.random.default_rng(4)
    picks = dict.fromkeys(Whom, 0)
    for _ in range(draws):
        shares = rng.uniform(1e-12, 1, way.size)
        scored = [
            Candidate(Whom.VICTIM if aims and not place else Whom.OTHER, "", KIOSK_LIKE_SCORES.stranger.score_at(share))
            for place, share in enumerate(shares)
        ]
        two = sorted(scored, key=lambda one: one.score, reverse=True)[:2]
        picked = pick(CandidateList(way.size, tuple(two)), way.path, AttackOutcome.LIVE, LOOSE)
        if picked:
            picks[Whom(picked.patient_id)] += 1
    return {whom: count / draws for whom, count in picks.items()}


def far(share: float, draws: int) -> float:
    """Four standard errors of a counted share."""
    return 4 * math.sqrt(share * (1 - share) / draws)


def test_matches_are_as_often_as_plain_counting_says_and_the_bound_covers_it() -> None:
    counted = counted_matches(20_000)
    one_try = replace(reckoned(LOOSE), tries=1)
    risk = one_try.risk(CODE, STRANGER, KIOSK_LIKE_SCORES)
    assert risk.wrong_opens / 1e6 == pytest.approx(counted, abs=far(counted, 20_000) + 0.01 * counted)
    assert risk.upper_bound / 1e6 > counted - far(counted, 20_000)


@pytest.mark.parametrize("way", [SMALL_SEARCH, SMALL_ARCHIVE], ids=lambda way: way.name)
def test_searches_find_as_often_as_plain_counting_says(way: Way) -> None:
    counted = counted_picks(way, 4_000, aims=True)
    one_try = replace(reckoned(LOOSE), tries=1)
    knows = one_try.opens(way, AIMING, KIOSK_LIKE_SCORES).share
    by_chance = one_try.opens(way, STRANGER, KIOSK_LIKE_SCORES).share
    chance_of_the_date = 1 / 11 / 365.25
    victim, anybody = counted[Whom.VICTIM], sum(counted.values())
    assert knows == pytest.approx(victim, abs=far(victim, 4_000) + chance_of_the_date + 0.02 * victim)
    assert by_chance / chance_of_the_date == pytest.approx(0.92 * anybody, abs=far(anybody, 4_000) + 0.02 * anybody)
    assert one_try.risk(way, AIMING, KIOSK_LIKE_SCORES).upper_bound / 1e6 > victim - far(victim, 4_000)


def test_a_share_of_one_in_a_billion_is_found_without_a_billion_draws() -> None:
    rare = mean_of(lambda share, _, __: share < 1e-9, np.random.default_rng(5), 4_000)
    assert rare.share == pytest.approx(1e-9, rel=0.05)
    assert abs(rare.share - 1e-9) < 5 * rare.error + 1e-11


def test_the_two_smallest_of_many_are_as_in_plain_drawing() -> None:
    rng = np.random.default_rng(6)
    plain = np.sort(rng.random((4_000, 50)), axis=1)[:, :2].mean(axis=0)
    drawn = []
    for first, second in rng.random((4_000, 2)):
        best = smallest(50, first)
        drawn.append((best, next_smallest(50, best, second)))
    assert np.mean(drawn, axis=0) == pytest.approx(plain, rel=0.1)
    assert np.mean([density_of_smallest(50, share) for share in rng.random(20_000)]) == pytest.approx(1, rel=0.1)
    assert smallest(0, 0.3) == 1


# --- thresholds and curves


@settings(max_examples=25, deadline=None)
@given(
    low=st.floats(0.3, 0.7), more=st.floats(0, 0.2), way=st.sampled_from([*WAYS[:4]]), who=st.sampled_from(ATTACKERS)
)
def test_a_higher_threshold_never_opens_more_and_never_costs_less(
    low: float, more: float, way: Way, who: Attacker
) -> None:
    few, many = (reckoned(FaceThresholds(enrolled=at, portrait=at, today=at), draws=100) for at in (low + more, low))
    assert few.opens(way, who, KIOSK_LIKE_SCORES).share <= many.opens(way, who, KIOSK_LIKE_SCORES).share
    assert few.cost(way, KIOSK_LIKE_SCORES).sent_elsewhere >= many.cost(way, KIOSK_LIKE_SCORES).sent_elsewhere


@settings(max_examples=25, deadline=None)
@given(gap=st.floats(0, 0.3), more=st.floats(0, 0.2), who=st.sampled_from(ATTACKERS))
def test_a_wider_gap_never_opens_more(gap: float, more: float, who: Attacker) -> None:
    few, many = (reckoned(FaceThresholds(gap_today=at), draws=100) for at in (gap + more, gap))
    way = WAY["today's 500, birth date"]
    assert few.opens(way, who, KIOSK_LIKE_SCORES).share <= many.opens(way, who, KIOSK_LIKE_SCORES).share


@given(score=st.floats(0.2, 0.8))
def test_a_curve_goes_there_and_back(score: float) -> None:
    for curve in (KIOSK_LIKE_SCORES.stranger, KIOSK_LIKE_SCORES.stranger_bound, PESSIMISTIC_SCORES.stranger):
        if curve.share(score) < 1:
            assert curve.score_at(curve.share(score)) == pytest.approx(score)
    assert KIOSK_LIKE_SCORES.stranger.share(score) <= KIOSK_LIKE_SCORES.stranger_bound.share(score)


def test_a_curve_goes_through_its_points_and_on() -> None:
    curve = Curve([(0.4, 1e-2), (0.5, 1e-4)])
    assert [curve.share(score) for score in (0.2, 0.4, 0.45, 0.5, 0.6)] == pytest.approx([1, 1e-2, 1e-3, 1e-4, 1e-6])
    assert curve.score_at(1e-6) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("events", "trials", "upper"),
    [(0, 100, 1 - 0.05 ** (1 / 100)), (0, 1_174, 0.0025485), (1, 480, 0.009845), (45, 480, 0.11859), (5, 10, 0.7776)],
)
def test_the_bound_of_a_count_is_clopper_and_pearsons(events: int, trials: int, upper: float) -> None:
    assert Counts(events, trials).upper == pytest.approx(upper, rel=2e-3)
