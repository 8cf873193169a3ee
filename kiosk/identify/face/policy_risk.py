"""How often the policy would open the wrong person's record, and how often it sends the right person elsewhere.

Every decision is one of `policy`, called for drawn scores and for each possible answer; none is made here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from kiosk.identify.face import policy
from kiosk.identify.face.policy import FaceThresholds, SecondFactor
from kiosk.identify.face.rare_events import Estimate, density_of_smallest, mean_of, next_smallest, smallest
from kiosk.identify.face.risk_cases import GENUINE, Attacker, Face, Way, Whom
from kiosk.identify.face.score_tails import (
    LIVE_REFUSED,
    PRINT_PASSES,
    PRINT_TURNS,
    Scores,
    printed,
    twin,
)
from kiosk.model.face import AttackOutcome, Candidate, CandidateList
from kiosk.model.identity import Assurance, PartialDate

DAYS = 365.25
YEARS_ALIKE = 11
"""A face tells the age: who is taken for somebody is at most five years older or younger, by assumption."""
VAGUE_SHARE = 0.08
"""Records without day or month, or with 1 January in their place, by assumption."""
DIGITS = 10_000
ONE_SIDED = 1.645
MILLION = 1e6

BORN, VAGUE, WRONG = PartialDate(1962, 5, 12), PartialDate(1962, 1, 1), PartialDate(1963, 6, 13)
NUMBER, WRONG_DIGITS = "001062012345", "2346"

ScoreAt = Callable[[float], float]
"""The score that a share of all scores of one kind lies beyond."""


@dataclass(frozen=True, slots=True)
class Risk:
    """Wrong opens in a million attempts: expected, and with each measured share at its upper 95 % bound."""

    way: str
    attacker: str
    scores: str
    wrong_opens: float
    upper_bound: float


@dataclass(frozen=True, slots=True)
class Cost:
    """The share of genuine patients whom one try sends to staff or to another way."""

    way: str
    scores: str
    sent_elsewhere: float


@dataclass(frozen=True, slots=True)
class PolicyRisk:
    """How to reckon.

    Attributes:
        tries: within one attempt; each counts as if it were independent of the others.
        draws: of scores, for each figure.
    """

    thresholds: FaceThresholds
    tries: int = 2
    seed: int = 0
    draws: int = 4_000

    def risk(self, way: Way, attacker: Attacker, scores: Scores) -> Risk:
        """Of one attacker on one way."""
        expected = self.opens(way, attacker, scores)
        bound = self.opens(way, attacker, scores, bound=True)
        upper = bound.share + ONE_SIDED * bound.error
        return Risk(way.name, attacker.name, scores.name, *(MILLION * min(1.0, at) for at in (expected.share, upper)))

    def cost(self, way: Way, scores: Scores) -> Cost:
        """What the policy costs patients, who answer rightly."""
        own, strangers = scores.genuine_of(way.path).score_at, scores.stranger.score_at
        missed = self._mean(way, "genuine", lambda *at: 1 - self._takes_victim(way, own, strangers, *at))
        opened = (1 - missed.share) * (1 - LIVE_REFUSED.share) * _confirmed(way, GENUINE, Whom.VICTIM)
        return Cost(way.name, scores.name, 1 - opened)

    def opens(self, way: Way, attacker: Attacker, scores: Scores, *, bound: bool = False) -> Estimate:
        """The share of attempts that open the wrong record.

        Args:
            way: of the attempt.
            attacker: who makes it.
            scores: how alike faces are.
            bound: reckon with the upper bound of each measured share.
        """
        strangers = (scores.stranger_bound if bound else scores.stranger).score_at
        own = _score_at(attacker.face, scores, strangers)
        verifies = way.path in policy.VERIFICATION
        opened = Estimate(0)
        if attacker.aims or verifies:
            found = self._mean(way, f"{attacker.face} victim", partial(self._takes_victim, way, own, strangers))
            opened += found * _confirmed(way, attacker, Whom.VICTIM)
        if not verifies:
            aimed = own if attacker.aims else None
            found = self._mean(way, f"{attacker.face} other", partial(self._takes_other, way, aimed, strangers))
            opened += found * _confirmed(way, attacker, Whom.OTHER)
        tries = sum(policy.may_try(misses, self.tries) for misses in range(self.tries + 1))
        # whoever answers the same date of the same candidate gets the same answer
        counted = tries if verifies or attacker.guesses else min(tries, 1)
        return opened * (counted * _passes(attacker, bound=bound))

    def _mean(self, way: Way, what: str, event: Callable[[float, float, float], float]) -> Estimate:
        """With the same draws for the same question, whatever the thresholds are."""
        rng = np.random.default_rng([self.seed, *f"{way.name} {what}".encode()])
        return mean_of(event, rng, self.draws)

    def _takes_victim(  # three uniform numbers after what they stand for
        self, way: Way, own: ScoreAt, strangers: ScoreAt, share: float, first: float, second: float
    ) -> float:
        """Whether the one aimed at is found, whose score is the rare one."""
        best = smallest(way.size - 1, first)
        others = [best, next_smallest(way.size - 1, best, second)][: way.size - 1]
        scored = [(Whom.VICTIM, own(share)), *((Whom.OTHER, strangers(at)) for at in others)]
        return self._takes(way, scored, Whom.VICTIM)

    def _takes_other(  # the same
        self, way: Way, own: ScoreAt | None, strangers: ScoreAt, share: float, first: float, second: float
    ) -> float:
        """Whether somebody else of the gallery is found, whose score is the rare one."""
        count = way.size - (own is not None)
        shares = [share, next_smallest(count, share, first)][:count]
        scored = [(Whom.OTHER, strangers(at)) for at in shares]
        if own is not None:
            scored.append((Whom.VICTIM, own(second)))
        return self._takes(way, scored, Whom.OTHER) * density_of_smallest(count, share)

    def _takes(self, way: Way, scored: list[tuple[Whom, float]], whom: Whom) -> bool:
        """Whether the policy takes a live face with these scores for this one."""
        if way.path in policy.VERIFICATION:
            return policy.is_match(way.path, scored[0][1], AttackOutcome.LIVE, self.thresholds)
        ranked = sorted(scored, key=lambda one: one[1], reverse=True)[:2]
        found = CandidateList(way.size, tuple(Candidate(who, who, score) for who, score in ranked))
        picked = policy.pick(found, way.path, AttackOutcome.LIVE, self.thresholds)
        return picked is not None and picked.patient_id == whom


def _score_at(face: Face, scores: Scores, strangers: ScoreAt) -> ScoreAt:
    return {
        Face.STRANGER: strangers,
        Face.HOUSEHOLD: scores.household_at,
        Face.TWIN: twin,
        Face.PRINT: printed,
    }[face]


def _passes(attacker: Attacker, *, bound: bool) -> float:
    """How often attack detection lets this through; the bound of a print does without the head turns."""
    if attacker.face is Face.PRINT:
        return PRINT_PASSES.upper if bound else PRINT_PASSES.share * PRINT_TURNS.share
    return 1.0 if bound else 1 - LIVE_REFUSED.share


def _confirmed(way: Way, attacker: Attacker, whom: Whom) -> float:
    """How likely the answers raise the level, once the live face is taken for this one."""
    if way.path in policy.VERIFICATION:
        return float(_raises(way, attacker, None))
    knows_date = attacker.date and whom is Whom.VICTIM
    knows_number = attacker.number and whom is Whom.VICTIM
    right_digits = 1.0 if knows_number else 1 / DIGITS
    total = 0.0
    for record, kind in ((BORN, 1 - VAGUE_SHARE), (VAGUE, VAGUE_SHARE)):
        right_date = 1.0 if knows_date else 1 / (YEARS_ALIKE * (DAYS if record is BORN else 1))
        for answer, date_share in ((record, right_date), (WRONG, 1 - right_date)):
            for digits, digits_share in ((NUMBER[-4:], right_digits), (WRONG_DIGITS, 1 - right_digits)):
                factor = policy.second_factor(record, answer, look_alike=attacker.flagged)
                if factor is SecondFactor.LAST_FOUR:
                    factor = policy.last_four(NUMBER, digits, look_alike=attacker.flagged)
                total += kind * date_share * digits_share * _raises(way, attacker, factor)
    return total


def _raises(way: Way, attacker: Attacker, factor: SecondFactor | None) -> bool:
    level = policy.face_level(
        way.path,
        matches=True,
        attack=AttackOutcome.LIVE,
        present=True,
        second_factor=factor,
        chip=way.chip,
        known_chip=way.known,
        lost=False,
        look_alike=attacker.flagged,
    )
    return level is not Assurance.CLAIMED
