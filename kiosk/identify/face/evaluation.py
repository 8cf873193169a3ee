"""Error rates of comparison scores, in the terms of ISO/IEC 19795-1: scores and persons in, figures out.

A false match rate is stated only where at least ten false matches are expected at it; an interval is taken over
persons, because the pictures of one person go wrong together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Indexes = NDArray[np.int32]
Weights = NDArray[np.float64]

MIN_EXPECTED_ERRORS = 10
MIN_PERSONS = 10
REPLICATES = 1_000
_TAIL = 4
_TAIL_AT_LEAST = 50_000
_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """Scores, and whose they are; persons are numbered from 0.

    Attributes:
        mated: scores of two samples of one person; -inf where the person was not found at all.
        mated_persons: whose each is.
        non_mated: scores of different persons.
        non_mated_persons: (2, n), of each pair; or (1, n), who searched without being enrolled.
        samples: of each person in the non-mated comparisons. For pairs each two samples of two persons are compared
            once; for searches each sample searches once.
    """

    mated: Scores
    mated_persons: Indexes
    non_mated: Scores
    non_mated_persons: Indexes
    samples: Indexes

    def non_mated_weight(self, weights: Weights) -> float:
        """How many non-mated comparisons there are when each person counts so many times."""
        weighted = weights * self.samples
        if len(self.non_mated_persons) == 1:
            return float(weighted.sum())
        return float((weighted.sum() ** 2 - (weighted**2).sum()) / 2)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What is reached at the threshold that allows so many false matches.

    Attributes:
        rate: FMR or FPIR that is allowed.
        threshold: scores from here on match.
        hits: share of the mated comparisons from the threshold on: TAR, or 1 - FNIR.
        interval: 95 %, over persons; None with fewer than ten of them.
    """

    rate: float
    threshold: float
    hits: float
    interval: tuple[float, float] | None


def verification(vectors: Scores, persons: Indexes, sessions: Indexes | None = None) -> Comparisons:
    """Each sample with each other one.

    Args:
        vectors: (n, values), each of length one.
        persons: whose each is.
        sessions: in which session each was taken; samples of one person are then compared across sessions only.
    """
    apart = persons * 0 + np.arange(len(persons), dtype=np.int32) if sessions is None else sessions
    mated, mated_persons, non_mated, pairs = [], [], [], []
    for start in range(0, len(vectors), _ROWS):
        rows = slice(start, start + _ROWS)
        scores = np.clip(vectors[rows] @ vectors[start:].T, -1, 1)
        first, second = np.triu_indices(len(scores), 1, len(scores[0]))
        scores, first, second = scores[first, second], first + start, second + start
        same = persons[first] == persons[second]
        own = same & (apart[first] != apart[second])
        mated.append(scores[own])
        mated_persons.append(persons[first[own]])
        non_mated.append(scores[~same])
        pairs.append(np.stack([persons[first[~same]], persons[second[~same]]]))
    return Comparisons(
        np.concatenate([*mated, _NO_SCORES]),
        np.concatenate([*mated_persons, _NO_PERSONS]),
        np.concatenate([*non_mated, _NO_SCORES]),
        np.concatenate([*pairs, _NO_PERSONS.reshape(1, 0).repeat(2, axis=0)], axis=1),
        np.bincount(persons).astype(np.int32),
    )


def identification(vectors: Scores, persons: Indexes, gallery: Scores, gallery_persons: Indexes) -> Comparisons:
    """Each probe against the whole gallery, and once more as if its person were not enrolled.

    Finding somebody enrolled means: that reference comes first (rank 1). A tie with another one is a miss.

    Args:
        vectors: of the probes, (n, values), each of length one.
        persons: whose each is.
        gallery: of the references, one for each person in it.
        gallery_persons: whose each is; numbers that no probe has, or -1, for distractors.
    """
    found, strangers = [_NO_SCORES], [_NO_SCORES]
    for start in range(0, len(vectors), _ROWS):
        rows = slice(start, start + _ROWS)
        scores = np.clip(vectors[rows] @ gallery.T, -1, 1)
        own = persons[rows, None] == gallery_persons
        mine = np.max(scores, axis=1, where=own, initial=-np.inf)
        others = np.max(scores, axis=1, where=~own, initial=-np.inf)
        found.append(np.where(mine > others, mine, -np.inf).astype(np.float32))
        strangers.append(others)
    enrolled = np.isin(persons, gallery_persons)
    return Comparisons(
        np.concatenate(found)[enrolled],
        persons[enrolled],
        np.concatenate(strangers),
        persons[None, :],
        np.bincount(persons).astype(np.int32),
    )


def enrol_first(persons: Indexes, sessions: Indexes | None = None) -> tuple[Indexes, Indexes]:
    """Which samples are references and which are probes, as positions.

    The first sample of each person who has another one (in another session) is the reference. The others, not of the
    same session, are probes; so is every sample of those who have only one (session).
    """
    moments = np.arange(len(persons), dtype=np.int32) if sessions is None else sessions
    _, first = np.unique(persons, return_index=True)
    of_reference = np.zeros(int(persons.max(initial=-1)) + 1, dtype=np.int64)
    of_reference[persons[first]] = first
    beside = moments != moments[of_reference[persons]]
    returning = np.isin(persons, persons[beside])
    references = first[returning[first]]
    return references.astype(np.int32), np.flatnonzero(beside | ~returning).astype(np.int32)


def operating_points(
    comparisons: Comparisons, rates: Sequence[float], *, seed: int = 0, replicates: int = REPLICATES
) -> list[OperatingPoint | None]:
    """What is reached at each of these rates; None where it is not measurable here.

    The interval is the bootstrap's over persons, each drawn with all comparisons among those drawn. Where nothing or
    everything was missed, which no bootstrap can vary, it is the exact binomial one with each person as one trial.
    """
    allowed = [rate for rate in rates if is_measurable(comparisons, rate)]
    if not allowed:
        return [None] * len(rates)
    tail = _Tail.of(comparisons, max(allowed))
    number = len(comparisons.samples)
    whole = tail.reached(np.ones(number), allowed)
    draws = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), size=replicates)
    drawn = np.array([tail.reached(weights.astype(np.float64), allowed)[:, 1] for weights in draws])
    intervals = [_interval(comparisons, hits, drawn[:, at]) for at, (_, hits) in enumerate(whole.tolist())]
    points = {
        rate: OperatingPoint(rate, threshold, hits, interval)
        for rate, (threshold, hits), interval in zip(allowed, whole.tolist(), intervals, strict=True)
    }
    return [points.get(rate) for rate in rates]


def is_measurable(comparisons: Comparisons, rate: float) -> bool:
    """Whether at least ten errors are expected at this rate, and there is anything to be found."""
    # a product such as 1e-3 * 10_000 must not miss ten by its last bit
    return len(comparisons.mated) > 0 and round(rate * len(comparisons.non_mated), 6) >= MIN_EXPECTED_ERRORS


def errors_at(comparisons: Comparisons, threshold: float) -> tuple[int, int]:
    """How many non-mated comparisons match at a threshold, and how many mated ones do not: counts, not rates."""
    false_matches = np.count_nonzero(comparisons.non_mated >= threshold)
    return int(false_matches), int(np.count_nonzero(comparisons.mated < threshold))


def trade_off(comparisons: Comparisons, points: int = 100) -> NDArray[np.float64]:
    """The detection error trade-off curve (DET), (n, 2): FMR and FNMR, or FPIR and FNIR.

    Only as far down as ten errors are expected; empty where nothing is measurable.
    """
    if not is_measurable(comparisons, 1.0):
        return np.empty((0, 2))
    least = MIN_EXPECTED_ERRORS / len(comparisons.non_mated)
    rates = np.geomspace(least, 1, points)
    tail = _Tail.of(comparisons, 1.0)
    hits = tail.reached(np.ones(len(comparisons.samples)), rates.tolist())[:, 1]
    return np.column_stack([rates, 1 - hits])


@dataclass(frozen=True, slots=True, eq=False)
class _Tail:
    """The highest non-mated scores, falling: thresholds for small rates lie among them."""

    comparisons: Comparisons
    scores: Scores
    persons: Indexes

    @classmethod
    def of(cls, comparisons: Comparisons, rate: float) -> "_Tail":
        """Longer than the rate needs, because persons weigh differently in each draw."""
        scores = comparisons.non_mated
        length = min(len(scores), max(_TAIL_AT_LEAST, int(np.ceil(_TAIL * rate * len(scores)))))
        highest = np.argpartition(-scores, length - 1)[:length]
        highest = highest[np.argsort(-scores[highest], kind="stable")]
        return cls(comparisons, scores[highest], comparisons.non_mated_persons[:, highest])

    def reached(self, weights: Weights, rates: Sequence[float]) -> Weights:
        """(rates, 2): threshold and share of hits, not a number where nobody with mated comparisons counts."""
        counted = np.cumsum(np.prod(weights[self.persons], axis=0))
        total = self.comparisons.non_mated_weight(weights)
        over = np.searchsorted(counted, np.array(rates) * total * (1 + 1e-9), side="right")
        lowest = self.scores[np.minimum(over, len(self.scores) - 1)]
        # the first score that would be one too many is below the threshold; with all allowed, the lowest is not
        thresholds = np.where(over < len(self.scores), np.nextafter(lowest, np.float32(np.inf)), lowest)
        mated = weights[self.comparisons.mated_persons]
        hits = [_share(mated, self.comparisons.mated >= threshold) for threshold in thresholds]
        return np.column_stack([thresholds, hits if total > 0 else np.full(len(rates), np.nan)])


def _share(weights: Weights, which: NDArray[np.bool_]) -> float:
    total = weights.sum()
    return float(weights[which].sum() / total) if total > 0 else float("nan")


def _interval(comparisons: Comparisons, hits: float, drawn: Weights) -> tuple[float, float] | None:
    persons = len(np.unique(comparisons.mated_persons))
    if persons < MIN_PERSONS:
        return None
    if hits in {0.0, 1.0}:
        # Clopper and Pearson's limit with no failure, or no success, among so many persons
        limit = 0.025 ** (1 / persons)
        return (limit, 1.0) if hits else (0.0, 1 - limit)
    low, high = np.nanpercentile(drawn, [2.5, 97.5]).tolist()
    return low, high


_NO_SCORES: Scores = np.empty(0, dtype=np.float32)
_NO_PERSONS: Indexes = np.empty(0, dtype=np.int32)
