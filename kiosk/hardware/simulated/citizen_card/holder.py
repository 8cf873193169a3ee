"""Who a card is made for, and what the law says about how long it is valid."""

from dataclasses import dataclass
from datetime import date

from kiosk.model.identity import PartialDate, Sex

_MILESTONES = (14, 25, 40, 60)
_EARLY_YEARS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """An invented person and the dates of the card.

    Attributes:
        number: citizen number, 12 digits.
        name: with diacritics.
        expires_on: None for a card without expiry.
        old_number: 9 digits of the identity card before 2021.
        portrait: JPEG; None for a drawn face.
    """

    number: str
    name: str
    birth_date: PartialDate
    sex: Sex
    residence: str
    issued_on: date
    expires_on: date | None
    old_number: str | None = None
    origin: str = "Phường Mẫu, Quận Thử, Hà Nội"
    ethnicity: str = "Kinh"
    religion: str = "Không"
    marks: str = "Nốt ruồi C.1cm dưới mép trái"
    parents: tuple[str, str] = ("Nguyễn Văn Cha", "Trần Thị Mẹ")
    spouse: str | None = None
    portrait: bytes | None = None

    @property
    def document_number(self) -> str:
        """What the MRZ carries as such: the last nine digits."""
        return self.number[-9:]

    @property
    def can(self) -> str:
        """The card access number: the last six digits."""
        return self.number[-6:]


def expiry_by_law(birth_date: PartialDate, issued_on: date) -> date | None:
    """The birthday of the next milestone, or of the one after it when less than two years are left.

    Law 26/2023/QH15, article 21. An unknown day or month counts as the first; 29 February as 1 March.
    """
    for milestone in _MILESTONES:
        birthday = _birthday(birth_date, birth_date.year + milestone)
        if issued_on < _birthday(birth_date, birth_date.year + milestone - _EARLY_YEARS):
            return birthday
    return None


def _birthday(birth_date: PartialDate, year: int) -> date:
    month, day = birth_date.month or 1, birth_date.day or 1
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 3, 1)
