"""What follows from a face, case by case; the words are in docs/reference/assurance.md."""

import math
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.identify.face.policy import (
    FaceThresholds,
    SecondFactor,
    face_level,
    is_adult,
    is_match,
    last_four,
    may_try,
    pick,
    second_factor,
)
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.face import AttackOutcome, Candidate, CandidateList, FacePath
from kiosk.model.identity import Assurance, PartialDate
from kiosk.settings.sections import FaceSettings

ENROLLED, PORTRAIT, TODAY, RECENT = FacePath
LIVE, DOUBTFUL, ATTACK = AttackOutcome
CONFIRMED, LAST_FOUR, STAFF, MISSED = SecondFactor
GENUINE, CONSISTENT, REFUSED = ChipVerdict
CLAIMED, VERIFIED, PROVEN = Assurance
NO = None

LEVELS = [
    # path, second factor, chip, known chip: level of a live face that matches and stayed in view
    # --- against the enrolled reference
    (ENROLLED, NO, NO, False, VERIFIED),  # after a code
    (ENROLLED, NO, NO, True, VERIFIED),
    (ENROLLED, NO, CONSISTENT, False, VERIFIED),
    (ENROLLED, NO, CONSISTENT, True, VERIFIED),
    (ENROLLED, NO, GENUINE, False, VERIFIED),  # nobody compared the portrait
    (ENROLLED, NO, GENUINE, True, VERIFIED),
    (ENROLLED, NO, REFUSED, False, CLAIMED),
    (ENROLLED, NO, REFUSED, True, CLAIMED),
    (ENROLLED, CONFIRMED, NO, False, VERIFIED),  # a bare number and the birth date
    (ENROLLED, LAST_FOUR, NO, False, CLAIMED),
    (ENROLLED, STAFF, NO, False, CLAIMED),
    (ENROLLED, MISSED, NO, False, CLAIMED),
    # --- against the chip's portrait
    (PORTRAIT, NO, NO, False, CLAIMED),
    (PORTRAIT, NO, NO, True, CLAIMED),
    (PORTRAIT, NO, CONSISTENT, False, CLAIMED),  # anybody can write a consistent chip
    (PORTRAIT, NO, CONSISTENT, True, VERIFIED),
    (PORTRAIT, NO, GENUINE, False, PROVEN),
    (PORTRAIT, NO, GENUINE, True, PROVEN),
    (PORTRAIT, NO, REFUSED, False, CLAIMED),
    (PORTRAIT, NO, REFUSED, True, CLAIMED),
    (PORTRAIT, CONFIRMED, GENUINE, False, PROVEN),
    (PORTRAIT, CONFIRMED, CONSISTENT, True, VERIFIED),
    (PORTRAIT, CONFIRMED, CONSISTENT, False, CLAIMED),
    (PORTRAIT, MISSED, GENUINE, False, CLAIMED),
    (PORTRAIT, STAFF, GENUINE, False, CLAIMED),
    (PORTRAIT, LAST_FOUR, GENUINE, False, CLAIMED),
    # --- found among today's
    (TODAY, NO, NO, False, CLAIMED),  # a face alone says nothing
    (TODAY, CONFIRMED, NO, False, VERIFIED),
    (TODAY, LAST_FOUR, NO, False, CLAIMED),
    (TODAY, STAFF, NO, False, CLAIMED),
    (TODAY, MISSED, NO, False, CLAIMED),
    (TODAY, NO, CONSISTENT, False, CLAIMED),
    (TODAY, NO, GENUINE, False, CLAIMED),
    (TODAY, NO, CONSISTENT, True, CLAIMED),
    (TODAY, CONFIRMED, CONSISTENT, False, VERIFIED),
    (TODAY, CONFIRMED, GENUINE, False, VERIFIED),
    (TODAY, CONFIRMED, REFUSED, False, CLAIMED),
    # --- found among those of the last twelve months
    (RECENT, NO, NO, False, CLAIMED),
    (RECENT, CONFIRMED, NO, False, VERIFIED),
    (RECENT, LAST_FOUR, NO, False, CLAIMED),
    (RECENT, STAFF, NO, False, CLAIMED),
    (RECENT, MISSED, NO, False, CLAIMED),
    (RECENT, NO, CONSISTENT, False, CLAIMED),
    (RECENT, NO, GENUINE, False, CLAIMED),
    (RECENT, NO, CONSISTENT, True, CLAIMED),
    (RECENT, CONFIRMED, CONSISTENT, False, VERIFIED),
    (RECENT, CONFIRMED, GENUINE, False, VERIFIED),
    (RECENT, CONFIRMED, REFUSED, False, CLAIMED),
]
SPOILT = [
    # matches, attack detection, in view throughout, lost card, look-alike known
    (False, LIVE, True, False, False),
    (True, DOUBTFUL, True, False, False),
    (True, ATTACK, True, False, False),
    (True, None, True, False, False),
    (True, LIVE, False, False, False),
    (True, LIVE, True, True, False),
    (True, LIVE, True, False, True),
]


@pytest.mark.parametrize(("path", "factor", "chip", "known", "level"), LEVELS)
def test_a_live_face_that_matches_and_stays_gives_this_level(
    *, path: FacePath, factor: SecondFactor | None, chip: ChipVerdict | None, known: bool, level: Assurance
) -> None:
    given_level = face_level(
        path,
        matches=True,
        attack=LIVE,
        present=True,
        second_factor=factor,
        chip=chip,
        known_chip=known,
        lost=False,
        look_alike=False,
    )
    assert given_level is level


@pytest.mark.parametrize(("matches", "attack", "present", "lost", "look_alike"), SPOILT)
def test_no_face_raises_a_level_when_anything_spoils_it(
    *, matches: bool, attack: AttackOutcome | None, present: bool, lost: bool, look_alike: bool
) -> None:
    for path, factor, chip, known in product(FacePath, [*SecondFactor, None], [*ChipVerdict, None], [False, True]):
        level = face_level(
            path,
            matches=matches,
            attack=attack,
            present=present,
            second_factor=factor,
            chip=chip,
            known_chip=known,
            lost=lost,
            look_alike=look_alike,
        )
        assert level is CLAIMED


def test_only_the_portrait_of_a_genuine_chip_proves() -> None:
    proven = {(path, chip) for path, _, chip, _, level in LEVELS if level is PROVEN}
    assert proven == {(PORTRAIT, GENUINE)}


THRESHOLDS = FaceThresholds(
    enrolled=0.50, portrait=0.45, today=0.50, gap_today=0.10, largest_today=500, ten_thousand=0.55, hundred_thousand=0.6
)


@pytest.mark.parametrize(
    ("path", "score", "attack", "matches"),
    [
        (ENROLLED, 0.50, LIVE, True),
        (ENROLLED, 0.499, LIVE, False),
        (PORTRAIT, 0.45, LIVE, True),
        (PORTRAIT, 0.449, LIVE, False),
        (ENROLLED, 0.9, DOUBTFUL, False),
        (ENROLLED, 0.9, ATTACK, False),
        (ENROLLED, 0.9, None, False),
        (PORTRAIT, 0.9, DOUBTFUL, False),
        (ENROLLED, math.nan, LIVE, False),
    ],
)
def test_one_to_one_matches_from_the_threshold_of_its_path_and_only_a_live_face(
    *, path: FacePath, score: float, attack: AttackOutcome | None, matches: bool
) -> None:
    assert is_match(path, score, attack, THRESHOLDS) is matches


def found(size: int, *scores: float) -> CandidateList:
    return CandidateList(size, tuple(Candidate(f"p{place}", f"r{place}", score) for place, score in enumerate(scores)))


@pytest.mark.parametrize(
    ("path", "candidates", "picked"),
    [
        (TODAY, found(500, 0.50, 0.39), "p0"),
        (TODAY, found(500, 0.49, 0.10), None),
        (TODAY, found(500, 0.60, 0.51), None),  # within the gap
        (TODAY, found(500, 0.70, 0.55), "p0"),
        (TODAY, found(501, 0.54, 0.10), None),  # searched as ten thousand
        (TODAY, found(501, 0.55, 0.10), "p0"),
        (TODAY, found(501, 0.60, 0.54), None),
        (TODAY, found(1, 0.50), "p0"),
        (TODAY, found(2, 0.90), None),  # the second cannot be seen
        (TODAY, found(500, 0.30, 0.60), "p1"),  # in whatever order
        (TODAY, found(0), None),
        (TODAY, found(500), None),
        (TODAY, found(500, math.nan, 0.2), None),
        (TODAY, found(500, 0.9, math.nan), None),
        (RECENT, found(400, 0.54, 0.1), None),
        (RECENT, found(10_000, 0.55, 0.54), "p0"),
        (RECENT, found(10_000, 0.549, 0.1), None),
        (RECENT, found(10_000, 0.70, 0.55), None),  # two
        (RECENT, found(10_001, 0.59, 0.1), None),
        (RECENT, found(100_000, 0.60, 0.59), "p0"),
        (RECENT, found(100_000, 0.80, 0.60), None),
        (RECENT, found(100_001, 0.99, 0.1), None),  # never
        (TODAY, found(100_001, 0.99, 0.1), None),
    ],
)
def test_a_search_picks_one_who_stands_out_or_nobody(
    path: FacePath, candidates: CandidateList, picked: str | None
) -> None:
    candidate = pick(candidates, path, LIVE, THRESHOLDS)
    assert (candidate.patient_id if candidate else None) == picked
    assert all(pick(candidates, path, attack, THRESHOLDS) is None for attack in (DOUBTFUL, ATTACK, None))


def test_verification_and_identification_are_not_mistaken_for_each_other() -> None:
    with pytest.raises(ValueError, match="no verification"):
        is_match(TODAY, 0.9, LIVE, THRESHOLDS)
    with pytest.raises(ValueError, match="no identification"):
        pick(found(1, 0.9), ENROLLED, LIVE, THRESHOLDS)


@pytest.mark.parametrize(
    ("record", "answer", "factor"),
    [
        ("1962-05-12", "1962-05-12", CONFIRMED),
        ("1962-05-12", "1962-05-13", MISSED),
        ("1962-05-12", "1962-12-05", MISSED),
        ("1962-05-12", "1962-05", MISSED),
        ("1962-05-12", "1962", MISSED),
        ("1962-01-01", "1962-01-01", LAST_FOUR),
        ("1962-01-01", "1962", LAST_FOUR),
        ("1962-01-01", "1962-05-12", MISSED),
        ("1962-01-01", "1963-01-01", MISSED),
        ("1962", "1962", LAST_FOUR),
        ("1962", "1962-05-12", LAST_FOUR),
        ("1962", "1963", MISSED),
        ("1962-05", "1962-05", LAST_FOUR),
        ("1962-05", "1962-05-12", LAST_FOUR),
        ("1962-05", "1962", LAST_FOUR),
        ("1962-05", "1962-06-12", MISSED),
        (None, "1962-05-12", MISSED),
    ],
)
def test_the_birth_date_confirms_misses_or_asks_for_more(record: str | None, answer: str, factor: SecondFactor) -> None:
    known = PartialDate.from_iso(record) if record else None
    said = PartialDate.from_iso(answer)
    assert second_factor(known, said, look_alike=False) is factor
    assert second_factor(known, said, look_alike=True) is (LAST_FOUR if factor is CONFIRMED else factor)


@pytest.mark.parametrize(
    ("number", "answer", "factor"),
    [
        ("001062012345", "2345", CONFIRMED),
        ("001062012345", "2346", MISSED),
        ("001062012345", "", MISSED),
        ("001062012345", "12345", MISSED),
        ("GD4010012345678", "5678", CONFIRMED),
        ("123", "123", STAFF),
        ("BN00AB", "00AB", STAFF),
        (None, "2345", STAFF),
        ("", "", STAFF),
    ],
)
def test_the_last_four_digits_confirm_and_for_a_look_alike_staff_decide_all_the_same(
    number: str | None, answer: str, factor: SecondFactor
) -> None:
    assert last_four(number, answer, look_alike=False) is factor
    assert last_four(number, answer, look_alike=True) is (STAFF if factor is CONFIRMED else factor)


def test_the_face_path_closes_when_two_tries_are_spent() -> None:
    assert [may_try(misses, 2) for misses in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("birth_dates", "adult"),
    [
        (["2008-11-20"], True),  # eighteen today
        (["2008-11-21"], False),
        (["1990-01-01", "2008-11-21"], False),  # by any date at hand
        (["1990-01-01", None], True),
        (["2008-11"], False),  # may be born on the 30th
        (["2008-10"], True),
        (["2008"], False),
        (["2007"], True),
        (["2030-01-01"], False),
        ([None], False),
        ([], False),
    ],
)
def test_an_adult_is_one_by_every_date_at_hand(*, birth_dates: list[str | None], adult: bool) -> None:
    dates = [PartialDate.from_iso(text) if text else None for text in birth_dates]
    assert is_adult(dates, date(2026, 11, 20)) is adult


def test_who_was_born_on_a_leap_day_is_an_adult_from_the_first_of_march() -> None:
    born = [PartialDate(2008, 2, 29)]
    assert not is_adult(born, date(2026, 2, 28))
    assert is_adult(born, date(2026, 3, 1))


def test_the_settings_defaults_are_the_modules() -> None:
    assert FaceThresholds.of(FaceSettings()) == FaceThresholds()


cosines = st.floats(-1, 1)


@given(scores=st.lists(cosines, min_size=2, max_size=4), size=st.integers(2, 200_000), path=st.sampled_from(FacePath))
def test_whoever_is_picked_is_the_best_and_reaches_the_lowest_threshold_there_is(
    scores: list[float], size: int, path: FacePath
) -> None:
    if path in {ENROLLED, PORTRAIT}:
        return
    candidate = pick(found(size, *scores), path, LIVE, THRESHOLDS)
    assert candidate is None or candidate.score == max(scores) >= THRESHOLDS.today


@given(score=cosines, threshold=cosines, more=st.floats(0, 1), path=st.sampled_from([ENROLLED, PORTRAIT]))
def test_a_higher_threshold_never_matches_more(score: float, threshold: float, more: float, path: FacePath) -> None:
    low = FaceThresholds(enrolled=threshold, portrait=threshold)
    high = FaceThresholds(enrolled=threshold + more, portrait=threshold + more)
    assert is_match(path, score, LIVE, low) or not is_match(path, score, LIVE, high)
