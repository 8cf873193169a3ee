"""Who may try, and on which way: the rows of the policy's risk table."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.identify.face import policy
from kiosk.identify.face.score_tails import KIOSK_LIKE_SCORES, PESSIMISTIC_SCORES
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.face import FacePath


@dataclass(frozen=True, slots=True)
class Way:
    """A path through the kiosk, up to an open record; `size` is the gallery's."""

    name: str
    path: FacePath
    size: int = 1
    chip: ChipVerdict | None = None
    known: bool = False


WAYS = (
    Way("code, enrolled face", FacePath.ENROLLED),
    Way("genuine chip, portrait", FacePath.PORTRAIT, chip=ChipVerdict.GENUINE),
    Way("known chip, portrait", FacePath.PORTRAIT, chip=ChipVerdict.CONSISTENT, known=True),
    Way("today's 500, birth date", FacePath.TODAY, size=500),
    Way("10,000, birth date", FacePath.RECENT, size=policy.TEN_THOUSAND),
    Way("100,000, birth date", FacePath.RECENT, size=policy.HUNDRED_THOUSAND),
)
MODELS = (KIOSK_LIKE_SCORES, PESSIMISTIC_SCORES)


class Whom(StrEnum):
    """Whose record would open."""

    VICTIM = "victim"
    OTHER = "other"


class Face(StrEnum):
    """What an attacker shows the camera."""

    STRANGER = "stranger"
    HOUSEHOLD = "household"
    TWIN = "twin"
    PRINT = "print"


@dataclass(frozen=True, slots=True)
class Attacker:
    """Somebody who is not the patient; where the path begins with a code or a chip, they hold the patient's.

    Attributes:
        aims: at one patient, of whom they know birth date and number as said; else a search may find anybody.
        guesses: answers another birth date at each try; else their own, each time.
        flagged: reception knows of the likeness.
    """

    name: str
    face: Face = Face.STRANGER
    aims: bool = True
    date: bool = True
    number: bool = True
    guesses: bool = True
    flagged: bool = False


ATTACKERS = (
    Attacker("stranger", aims=False, date=False, number=False, guesses=False),
    Attacker("stranger guessing", aims=False, date=False, number=False),
    Attacker("knows the birth date", number=False),
    Attacker("stolen code"),
    Attacker("stolen code, printed photograph", Face.PRINT),
    Attacker("household", Face.HOUSEHOLD),
    Attacker("household, flagged", Face.HOUSEHOLD, flagged=True),
    Attacker("twin", Face.TWIN),
    Attacker("twin, flagged", Face.TWIN, flagged=True),
)
GENUINE = Attacker("the patient")
