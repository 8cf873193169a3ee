"""How comparison scores and attack detection are distributed, with the counts behind: what `policy_risk` reckons with.

Measured with YuNet and SFace; nothing of it is from Vietnamese, elderly or masked people, nor from card portraits.
"""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from kiosk.model.face import FacePath

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Counts:
    """So many events among so many trials."""

    events: int
    trials: int

    @property
    def share(self) -> float:
        """Of events; half an event where none was seen, for none seen is not none."""
        return max(self.events, 0.5) / self.trials

    @property
    def upper(self) -> float:
        """One-sided bound of the share (Clopper and Pearson), as if the trials were independent."""
        low, high = 0.0, 1.0
        while high - low > 1e-12:  # noqa: PLR2004 # far below any share here
            middle = (low + high) / 2
            low, high = (middle, high) if self._at_most(middle) > 1 - CONFIDENCE else (low, middle)
        return high

    def _at_most(self, share: float) -> float:
        """How likely no more than these events are at a share."""
        return sum(
            math.comb(self.trials, seen) * share**seen * (1 - share) ** (self.trials - seen)
            for seen in range(self.events + 1)
        )


class Curve:
    """Scores and the share of scores beyond them: log-linear between points and past their ends.

    Args:
        points: score, and the share above it (or below it, for genuine scores).
    """

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self._by_score = sorted((score, math.log(share)) for score, share in points)
        self._by_share = sorted((share, score) for score, share in self._by_score)

    def share(self, score: float) -> float:
        """Beyond this score."""
        return min(1.0, math.exp(_extended(score, self._by_score)))

    def score_at(self, share: float) -> float:
        """The score that this share lies beyond."""
        return max(-1.0, min(1.0, _extended(math.log(share), self._by_share)))


def _extended(at: float, points: Sequence[tuple[float, float]]) -> float:
    """Linear between points, and on with the slope of the last two at either end."""
    place = min(max(bisect.bisect(points, (at,)), 1), len(points) - 1)
    (left, low), (right, high) = points[place - 1], points[place]
    return low + (high - low) * (at - left) / (right - left)


def _per_comparison(false_identifications: float) -> float:
    """From a share of probes for which a search found somebody to a share of comparisons."""
    return -math.expm1(math.log1p(-false_identifications) / GALLERY)


GALLERY = 8_473
"""East and South-East Asian adults (FairFace), against which webcam frames of others were searched."""
FOUND_AT = {0.45: Counts(45, 480), 0.50: Counts(1, 480)}
"""Probes for which the search found somebody; the frames are of 15 persons, so the true bound is wider."""

KIOSK_LIKE = Curve([(0.45, 1.17e-5), (0.50, 7.3e-7), (0.55, 3.0e-8), (0.60, 1.0e-9)])
"""A fit to those searches; extrapolated from .50."""


def _bound() -> Curve:
    """Through the upper bounds of the counts; log-linear past .50, though a tail falls ever faster."""
    counted = [(score, _per_comparison(counts.upper)) for score, counts in FOUND_AT.items()]
    score, share = counted[0]
    below = score - 0.05
    return Curve([(below, share / KIOSK_LIKE.share(score) * KIOSK_LIKE.share(below)), *counted])


@dataclass(frozen=True, slots=True)
class Scores:
    """One view of how alike faces are.

    Attributes:
        stranger, stranger_bound: different people; the bound is used for the upper bound.
        household: family. Nobody measured it: normal, by assumption.
        genuine, portrait: the same person, against a reference of five pictures and against one picture.
    """

    name: str
    stranger: Curve
    stranger_bound: Curve
    household: NormalDist
    genuine: Curve
    portrait: Curve

    def genuine_of(self, path: FacePath) -> Curve:
        """The same person's scores on this path."""
        return self.portrait if path is FacePath.PORTRAIT else self.genuine

    def household_at(self, share: float) -> float:
        """The score of family that this share lies above."""
        return self.household.mean - self.household.stdev * NormalDist().inv_cdf(min(share, 1 - 1e-12))


ONE_PICTURE = Curve([(0.45, 0.03), (0.50, 0.07), (0.55, 0.14), (0.60, 0.25), (0.65, 0.40)])
"""One LFW picture as the reference: missed shares. Nearest to a card's portrait, which nobody measured."""
PESSIMISTIC = Curve([(0.45, 3.2e-4), (0.50, 4.9e-5), (0.55, 5.2e-6), (0.60, 4.6e-7), (0.65, 3.0e-8)])
"""South-East Asian pairs of one sex, of mixed quality."""

KIOSK_LIKE_SCORES = Scores(
    name="kiosk-like",
    stranger=KIOSK_LIKE,
    stranger_bound=_bound(),
    household=NormalDist(0.30, 0.10),
    genuine=Curve([(0.50, 0.003), (0.55, 0.014), (0.60, 0.039)]),
    portrait=ONE_PICTURE,
)
PESSIMISTIC_SCORES = Scores(
    name="pessimistic",
    stranger=PESSIMISTIC,
    stranger_bound=PESSIMISTIC,
    household=NormalDist(0.40, 0.10),
    genuine=ONE_PICTURE,
    portrait=ONE_PICTURE,
)


def twin(share: float) -> float:
    """Twins score .65 to .66."""
    return 0.66 - 0.01 * share


PRINT_MATCHES = Counts(502, 506)
"""Printed photographs that the recogniser takes for the person."""
PRINT_PASSES = Counts(0, 1_174)
"""Frames of prints that the network took for a live person."""
PRINT_TURNS = Counts(0, 37)
"""Print sequences that showed a head turn."""
LIVE_REFUSED = Counts(8, 1_206)
"""Frames of live people that the network refused."""


def printed(share: float) -> float:
    """A print scores as the person, or as nobody."""
    return 1.0 if share < PRINT_MATCHES.share else -1.0
