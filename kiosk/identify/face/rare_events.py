"""Shares of events that are far too rare to wait for: drawn often, and weighed down."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SMALLEST = 1e-18
"""Shares below this are not drawn."""

Event = Callable[[float, float, float], float]
"""Of three uniform numbers; the first is the one that must be small."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share, and the standard error of its drawing."""

    share: float
    error: float = 0.0

    def __add__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.share + other.share, math.hypot(self.error, other.error))

    def __mul__(self, factor: float) -> "Estimate":
        return Estimate(self.share * factor, self.error * factor)


def mean_of(event: Event, rng: np.random.Generator, draws: int) -> Estimate:
    """The event's mean, by importance sampling: the first number is drawn evenly in its logarithm.

    Two draws in each stratum of that logarithm give the error as well (Cochran, Sampling Techniques, 5.7).
    """
    width = -math.log(SMALLEST)
    strata = max(draws // 2, 1)
    total = squares = 0.0
    for stratum in range(strata):
        one, two = (_weighed(event, -width * (stratum + part) / strata, rng) * width for part in rng.random(2))
        total += (one + two) / 2
        squares += (one - two) ** 2 / 4
    return Estimate(total / strata, math.sqrt(squares) / strata)


def _weighed(event: Event, logarithm: float, rng: np.random.Generator) -> float:
    share = math.exp(logarithm)
    return share * event(share, *rng.uniform(SMALLEST, 1, 2).tolist())


def smallest(count: int, at: float) -> float:
    """The smallest of so many uniform numbers, where one uniform number is this; 1 where there are none."""
    return max(-math.expm1(math.log(at) / count), SMALLEST) if count > 0 else 1.0


def density_of_smallest(count: int, share: float) -> float:
    """How likely the smallest of so many uniform numbers lies here, next to a uniform number."""
    return count * math.exp((count - 1) * math.log1p(-min(share, 1 - SMALLEST))) if share < 1 else 0.0


def next_smallest(count: int, share: float, at: float) -> float:
    """The second of so many uniform numbers whose smallest is this."""
    return share + (1 - share) * smallest(count - 1, at)
