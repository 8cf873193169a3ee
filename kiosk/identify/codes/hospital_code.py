"""The hospital's own code, by the pattern of `hospital.code_pattern`."""

import re
from dataclasses import dataclass
from typing import Self

MAX_CODE_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class HospitalCode:
    """A code that the whole pattern matches."""

    value: str

    @classmethod
    def from_text(cls, text: str, pattern: str) -> Self | None:
        """The code, or None for any other text; typed in lower case or with spaces, it is mended if only that fits."""
        if len(text) > MAX_CODE_CHARACTERS or not text.isascii() or not text.isprintable():
            return None
        forms = (text, text.upper(), text.upper().replace(" ", ""))
        return next((cls(form) for form in forms if re.fullmatch(pattern, form)), None)
