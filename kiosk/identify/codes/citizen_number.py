"""The 12-digit number of a citizen's card: ``PPP G YY NNNNNN`` (Decree 137/2015/ND-CP, article 13)."""

import re
from dataclasses import dataclass
from typing import Self

from kiosk.model.identity import Sex


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """Twelve digits, kept as text: a leading zero is normal.

    Sex and birth year stand in it, yet a corrected sex or a number given anew may break the rule: use them to warn.
    """

    value: str

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """The number, or None for any other text."""
        return cls(text) if re.fullmatch(r"[0-9]{12}", text) else None

    @property
    def sex(self) -> Sex:
        """By the fourth digit: even male, odd female."""
        return Sex.FEMALE if int(self.value[3]) % 2 else Sex.MALE

    @property
    def birth_year(self) -> int:
        """By the fourth digit's century (0 and 1: 1900 to 1999) and the two digits after it."""
        return 1900 + 100 * (int(self.value[3]) // 2) + int(self.value[4:6])
