"""The health-insurance number: 10 digits since 2021, 15 characters before (Decision 1351/QD-BHXH of 2015)."""

import re
from dataclasses import dataclass
from typing import Self

_NUMBER = re.compile(r"(?:[A-Z]{2}[1-7][0-9]{2})?[0-9]{10}")
"""Levels 6 and 7 stand on cards issued before 2015."""


@dataclass(frozen=True, slots=True)
class InsuranceNumber:
    """A number as the card shows it, letters in upper case."""

    value: str

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """The number, or None for any other text."""
        # isascii: some other letters become ASCII in upper case
        return cls(text.upper()) if text.isascii() and _NUMBER.fullmatch(text.upper()) else None

    @property
    def last_10(self) -> str:
        """The part that old and new cards of one person share."""
        return self.value[-10:]
