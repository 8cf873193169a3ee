"""What follows from a face: scores, flags and history in, the next step and a level out. Nothing else decides.

The words are in docs/reference/assurance.md, what it risks in docs/reference/face-policy-risk.md.
"""

import calendar
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from kiosk.model.chip_card import ChipVerdict
from kiosk.model.face import AttackOutcome, Candidate, CandidateList, FacePath, Turn
from kiosk.model.identity import Assurance, PartialDate
from kiosk.settings.sections import FaceSettings

ADULT_YEARS = 18
TEN_THOUSAND = 10_000
HUNDRED_THOUSAND = 100_000
VERIFICATION = frozenset({FacePath.ENROLLED, FacePath.PORTRAIT})
DIGITS_ASKED = 4


@dataclass(frozen=True, slots=True)
class FaceThresholds:
    """Cosines from which two faces count as one person's, as `[face]` in the settings has them.

    Attributes:
        gap_today: how far the best of today's must lie before the second.
        largest_today: a larger gallery of today's is searched at `ten_thousand`.
    """

    enrolled: float = 0.52
    portrait: float = 0.52
    today: float = 0.50
    gap_today: float = 0.10
    largest_today: int = 500
    ten_thousand: float = 0.55
    hundred_thousand: float = 0.60

    @classmethod
    def of(cls, settings: FaceSettings) -> Self:
        """Those of this host."""
        return cls(
            enrolled=settings.threshold_enrolled,
            portrait=settings.threshold_portrait,
            today=settings.threshold_today,
            gap_today=settings.gap_today,
            largest_today=settings.largest_today,
            ten_thousand=settings.threshold_ten_thousand,
            hundred_thousand=settings.threshold_hundred_thousand,
        )


class SecondFactor(StrEnum):
    """Where the question after a face stands."""

    CONFIRMED = "confirmed"
    LAST_FOUR = "last_four"
    """Ask for the last four digits of the number, or for the card."""
    STAFF = "staff"
    """Only a person decides."""
    MISSED = "missed"
    """Nobody was found, two were, or the answer was wrong: one wording for all."""


def draw_turns(source: random.Random) -> tuple[Turn, ...]:
    """A challenge: two opposite turns, the first of them random.

    Args:
        source: `random.SystemRandom()` wherever a patient stands before the camera.
    """
    first = source.choice(tuple(Turn))
    return first, Turn.LEFT if first is Turn.RIGHT else Turn.RIGHT


def is_match(path: FacePath, score: float, attack: AttackOutcome | None, thresholds: FaceThresholds) -> bool:
    """Whether a probe is whose the one reference is (1:1).

    Raises:
        ValueError: the path is an identification; `pick` decides there.
    """
    if path not in VERIFICATION:
        raise ValueError(f"{path} is no verification")
    threshold = thresholds.enrolled if path is FacePath.ENROLLED else thresholds.portrait
    return attack is AttackOutcome.LIVE and score >= threshold


def pick(
    candidates: CandidateList, path: FacePath, attack: AttackOutcome | None, thresholds: FaceThresholds
) -> Candidate | None:
    """The one candidate whom a second factor may confirm (1:N), or nobody.

    Nobody also where two are alike: among today's when the second lies within the gap, or cannot be seen; elsewhere
    when the second reaches the threshold, too.

    Raises:
        ValueError: the path is a verification; `is_match` decides there.
    """
    if path in VERIFICATION:
        raise ValueError(f"{path} is no identification")
    threshold = _threshold(candidates.size, path, thresholds)
    ranked = sorted(candidates.candidates, key=lambda candidate: candidate.score, reverse=True)
    if attack is not AttackOutcome.LIVE or threshold is None or not ranked or not ranked[0].score >= threshold:
        return None
    if candidates.size == 1:
        return ranked[0]
    if len(ranked) == 1:
        return None
    best, second = ranked[0].score, ranked[1].score
    apart = best - second >= thresholds.gap_today if path is FacePath.TODAY else second < threshold
    return ranked[0] if apart else None


def _threshold(size: int, path: FacePath, thresholds: FaceThresholds) -> float | None:
    """By the size of the gallery; None where it is too large to be searched at all."""
    if path is FacePath.TODAY and size <= thresholds.largest_today:
        return thresholds.today
    if size <= TEN_THOUSAND:
        return thresholds.ten_thousand
    return thresholds.hundred_thousand if size <= HUNDRED_THOUSAND else None


def second_factor(candidate_birth_date: PartialDate | None, answer: PartialDate, *, look_alike: bool) -> SecondFactor:
    """What follows from the birth date that is always asked for after a search.

    Without one of the record's nobody was found, or somebody who is not known to be an adult: that is nobody, too.

    Where the record does not know day or month, or has the 1st of January in their place, the date agrees in what
    both know, and confirms nothing yet. Nor does it for somebody who has a look-alike: family knows it.
    """
    if candidate_birth_date is None:
        return SecondFactor.MISSED
    known, said = str(candidate_birth_date), str(answer)
    vague = not candidate_birth_date.is_full or known.endswith("-01-01")
    if not said.startswith(known) and not (vague and known.startswith(said)):
        return SecondFactor.MISSED
    return SecondFactor.LAST_FOUR if vague or look_alike else SecondFactor.CONFIRMED


def last_four(number: str | None, answer: str, *, look_alike: bool) -> SecondFactor:
    """What follows from the last four digits; for a look-alike staff decide even when they are right."""
    digits = (number or "")[-DIGITS_ASKED:]
    if len(digits) < DIGITS_ASKED or not (digits.isascii() and digits.isdigit()):
        return SecondFactor.STAFF
    if answer != digits:
        return SecondFactor.MISSED
    return SecondFactor.STAFF if look_alike else SecondFactor.CONFIRMED


def portrait_level(verdict: ChipVerdict | None, *, known: bool, lost: bool) -> Assurance:
    """The level of a chip whose holder is whom its portrait shows, whoever compared them.

    Args:
        verdict: over all checks; None without a chip.
        known: key and security object were bound to this patient, and the key answered rightly now.
        lost: the card was reported lost or stolen.
    """
    if lost:
        return Assurance.CLAIMED
    if verdict is ChipVerdict.GENUINE:
        return Assurance.PROVEN
    return Assurance.VERIFIED if verdict is ChipVerdict.CONSISTENT and known else Assurance.CLAIMED


def face_level(  # noqa: PLR0913 # each row of the table of levels has all of these
    path: FacePath,
    *,
    matches: bool,
    attack: AttackOutcome | None,
    present: bool,
    second_factor: SecondFactor | None,
    chip: ChipVerdict | None,
    known_chip: bool,
    lost: bool,
    look_alike: bool,
) -> Assurance:
    """The level of a claim by face.

    Args:
        path: what the probe was compared with.
        matches: `is_match`, or `pick` found the claimed patient.
        attack: what attack detection said of this capture.
        present: the same face stayed in view from the probe on.
        second_factor: None where none was asked for: a code or a chip came first.
        chip: the verdict over the chip that was read, if one was.
        known_chip: see `portrait_level`.
        lost: the card was reported lost or stolen.
        look_alike: a twin or somebody of the household is known.
    """
    seen = matches and attack is AttackOutcome.LIVE and present
    answered = second_factor is SecondFactor.CONFIRMED or (second_factor is None and path in VERIFICATION)
    if not (seen and answered) or look_alike or lost or chip is ChipVerdict.REFUSED:
        return Assurance.CLAIMED
    return portrait_level(chip, known=known_chip, lost=lost) if path is FacePath.PORTRAIT else Assurance.VERIFIED


def may_try(misses: int, tries: int) -> bool:
    """Whether a patient may be known by face still; spent tries close nothing else."""
    return misses < tries


def is_adult(birth_dates: Iterable[PartialDate | None], today: date) -> bool:
    """Whether every birth date at hand is an adult's; a date that is not full counts as the youngest it can mean.

    Nobody is known to be an adult without a date. A search begins before any date is known: there the dates are asked
    after it, the candidate's and the answered one.
    """
    known = [birth_date for birth_date in birth_dates if birth_date is not None]
    return bool(known) and all(_youngest(birth_date, today) >= ADULT_YEARS for birth_date in known)


def _youngest(birth_date: PartialDate, today: date) -> int:
    """Years of age; who was born on 29 February is a year older from 1 March."""
    month = birth_date.month or 12
    day = birth_date.day or calendar.monthrange(birth_date.year, month)[1]
    return today.year - birth_date.year - ((today.month, today.day) < (month, day))
