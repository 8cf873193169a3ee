"""What opens a card: the card access number (CAN) for PACE, and the key text of the zone for BAC and PACE.

On a citizen card both follow from the holder's number; the zone's also needs birth and expiry date. The expiry is
not in the card's QR: it follows by law from birth and issue date.
"""

import re
from dataclasses import dataclass, field
from datetime import MAXYEAR, date
from typing import Self

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card.mrz import NO_EXPIRY, check_digit
from kiosk.model.identity import PartialDate, Sex

MAX_ATTEMPTS = 3
MILESTONES = (14, 25, 40, 60)
"""Ages in years at which a card must be renewed (Law 26/2023/QH15, article 21; 25, 40 and 60 in Law 59/2014/QH13)."""
GRACE = 2
"""A card issued within so many years before a milestone is valid to the next one (the same article, clause 2)."""

_CAN_DIGITS = 6
_DOCUMENT_NUMBER_LENGTH = 9
_MAX_DOCUMENT_NUMBER_LENGTH = 22
_LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True)
class QrFacts:
    """What a citizen card's QR says, or what the patient typed in its place.

    Attributes:
        number: the holder's 12 digits.
        scanned: False for what was typed.
    """

    number: str
    birth_date: PartialDate | None
    issued_on: PartialDate | None = None
    name: str | None = None
    sex: Sex | None = None
    scanned: bool = True


@dataclass(frozen=True, slots=True)
class AccessKeys:
    """The secrets to try, best first. They open the card, so they never show in a log.

    Attributes:
        can: six digits, or None where only the zone's key is known.
        mrz: texts as ICAO Doc 9303-11, 4.3.2 has them (number, birth and expiry date with their check digits).
        scanned: False where somebody typed, so that a refused key may be a slip of the finger.
    """

    can: str | None = field(default=None, repr=False)
    mrz: tuple[str, ...] = field(default=(), repr=False)
    scanned: bool = False

    @classmethod
    def from_qr(cls, facts: QrFacts) -> Self:
        """CAN, and the zone's keys by the expiry rule; without full dates there are none of the latter: no guessing.

        Raises:
            InputError: kind ``bad_number``.
        """
        _require_digits(facts.number, 12, "number")
        birth, issued = _full(facts.birth_date), _full(facts.issued_on)
        expiries = expiry_candidates(birth, issued) if birth and issued else ()
        texts = [mrz_information(facts.number, f"{birth:%y%m%d}", _packed(expiry)) for expiry in expiries]
        return cls(facts.number[-_CAN_DIGITS:], tuple(texts), scanned=facts.scanned)

    @classmethod
    def from_can(cls, can: str) -> Self:
        """The CAN alone.

        Raises:
            InputError: kind ``bad_number``, other than six digits.
        """
        _require_digits(can, _CAN_DIGITS, "can")
        return cls(can)

    @classmethod
    def from_document(cls, number: str, birth: str, expiry: str) -> Self:
        """The zone's key from what is printed; a citizen's 12-digit number gives the CAN too.

        Args:
            number: the document's, or the citizen's 12 digits.
            birth: YYMMDD, as in the zone.
            expiry: YYMMDD; 991231 for a card without expiry.

        Raises:
            InputError: kind ``bad_number`` or ``bad_date``.
        """
        is_citizen = bool(re.fullmatch(r"[0-9]{12}", number))
        can = number[-_CAN_DIGITS:] if is_citizen else None
        return cls(can, (mrz_information(number, birth, expiry),))


class KeyAttempts:
    """How many keys a check-in may still try, however often the card is laid down anew.

    Cards answer wrong keys slower and slower, or lock. A key that the card did not refuse is given back, so that a
    patient who lifted the card too early is not locked out for it. Which keys were refused is not kept: the next card
    laid down may be another one.
    """

    def __init__(self, limit: int = MAX_ATTEMPTS) -> None:
        self._limit = limit
        self._left = limit

    @property
    def left(self) -> int:
        """Keys that may still be tried."""
        return self._left

    def take(self) -> None:
        """Before a key is tried.

        Raises:
            CardError: kind ``throttled``, none is left.
        """
        if self._left == 0:
            raise CardError(CardProblem.THROTTLED, "the key attempts of this check-in are spent")
        self._left -= 1

    def give_back(self) -> None:
        """After a key that the card did not refuse."""
        self._left = min(self._left + 1, self._limit)


def mrz_information(number: str, birth: str, expiry: str) -> str:
    """The text that the zone's key is derived from (ICAO Doc 9303-11, 4.3.2).

    Args:
        number: the document's; of a citizen's 12 digits the last nine are.
        birth: YYMMDD; ``<`` for what is not known.
        expiry: YYMMDD.

    Raises:
        InputError: kind ``bad_number`` or ``bad_date``.
    """
    if re.fullmatch(r"[0-9]{12}", number):
        number = number[-_DOCUMENT_NUMBER_LENGTH:]
    if not re.fullmatch(rf"[0-9A-Z<]{{1,{_MAX_DOCUMENT_NUMBER_LENGTH}}}", number):
        raise InputError("bad_number", "number", "a document's number has capital letters and digits")
    for name, text in (("birth", birth), ("expiry", expiry)):
        if not re.fullmatch(r"[0-9]{2}(?:[0-9]{2}|<<){2}", text):
            raise InputError("bad_date", name, "expected YYMMDD")
    return "".join(text + check_digit(text) for text in (number.ljust(_DOCUMENT_NUMBER_LENGTH, "<"), birth, expiry))


def expiry_candidates(birth: date, issued: date) -> tuple[date | None, ...]:
    """When a card expires, by the law: the computed date, then what the neighbouring milestone gives.

    At most three; None is a card without expiry. Nothing for a card issued before its holder was born. A birthday
    on 29 February falls on 28 February in other years, or else on 1 March: which one authorities print is not
    published.
    """
    if issued < birth or birth.year + MILESTONES[-1] > MAXYEAR:
        return ()
    ages = [age for age in MILESTONES if _birthday(birth, age) > issued]
    if not ages:
        return (None,)
    near = _birthday(birth, ages[0] - GRACE) <= issued
    this, following = (_birthdays(birth, age) for age in (ages[0], ages[1] if len(ages) > 1 else None))
    return (*following, *this)[:MAX_ATTEMPTS] if near else (*this, *following)[:MAX_ATTEMPTS]


def _birthdays(birth: date, age: int | None) -> tuple[date | None, ...]:
    if age is None:
        return (None,)
    found = _birthday(birth, age)
    leapt = (birth.month, birth.day) == _LEAP_DAY != (found.month, found.day)
    return (found, date(found.year, 3, 1)) if leapt else (found,)


def _birthday(birth: date, age: int) -> date:
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, 2, 28)


def _packed(expiry: date | None) -> str:
    return f"{expiry:%y%m%d}" if expiry else NO_EXPIRY


def _full(known: PartialDate | None) -> date | None:
    return date(known.year, known.month, known.day) if known and known.month and known.day else None


def _require_digits(text: str, count: int, field_name: str) -> None:
    if not re.fullmatch(rf"[0-9]{{{count}}}", text):
        raise InputError("bad_number", field_name, f"expected {count} digits")
