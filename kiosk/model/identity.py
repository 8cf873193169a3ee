"""Who somebody is, says to be, and how far that is proven."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from kiosk.errors import InputError


class IdentifierSystem(StrEnum):
    """Identifier systems of the Vietnamese core guide (FHIR R4, hl7vn/vn-core-ig)."""

    CITIZEN_ID = "http://fhir.ehealth.gov.vn/core/sid/national_id"
    OLD_ID = "http://fhir.ehealth.gov.vn/core/sid/citizen_id"
    INSURANCE = "http://fhir.ehealth.gov.vn/core/sid/insurance_number"
    HOSPITAL_CODE = "http://fhir.ehealth.gov.vn/core/sid/patient-internal-id"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number and the system that hands it out (FHIR R4 Identifier)."""

    system: IdentifierSystem
    value: str


class Sex(StrEnum):
    """Administrative gender as the citizen and insurance cards know it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date whose day, or day and month, may be unknown (FHIR R4 `date`)."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise InputError("bad_date", "date", "a day needs a month")
        try:
            date(self.year, self.month or 1, self.day or 1)
        except ValueError as error:
            raise InputError("bad_date", "date", f"no such date: {self}") from error

    @classmethod
    def from_iso(cls, text: str) -> Self:
        """Read ``1990-03-05``, ``1990-03`` or ``1990``.

        Raises:
            InputError: kind ``bad_date``.
        """
        parts = text.split("-")
        well_formed = (
            len(parts) <= 3  # noqa: PLR2004 # year, month, day
            and all(part.isascii() and part.isdigit() for part in parts)
            and tuple(map(len, parts)) in ((4,), (4, 2), (4, 2, 2))
        )
        if not well_formed:
            raise InputError("bad_date", "date", "expected YYYY-MM-DD, YYYY-MM or YYYY")
        return cls(*(int(part) for part in parts))

    @property
    def is_full(self) -> bool:
        """Whether year, month and day are known."""
        return self.day is not None

    def __str__(self) -> str:
        known = [f"{self.year:04}"]
        known += [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(known)


class Assurance(StrEnum):
    """How far a claim is proven; what each level opens is in docs/reference/assurance.md."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    PROVEN = "proven"


class ClaimSource(StrEnum):
    """What the patient presented."""

    CITIZEN_QR = "citizen_qr"
    INSURANCE_QR = "insurance_qr"
    SCANNED_NUMBER = "scanned_number"
    TYPED_NUMBER = "typed_number"
    CHIP_CARD = "chip_card"
    FACE = "face"


@dataclass(frozen=True, slots=True)
class IdentityClaim:
    """What a signal says about who this is. Nothing in it is proven.

    Attributes:
        warnings: stable codes of what does not fit within the code itself, such as ``birth_year_disagrees``.
    """

    source: ClaimSource
    identifier: Identifier
    name: str | None = None
    birth_date: PartialDate | None = None
    sex: Sex | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_bare(self) -> bool:
        """Whether this is a number without a name: it is followed by the question for the birth date."""
        return self.name is None


@dataclass(frozen=True, slots=True)
class Patient:
    """A person in the hospital's record, as far as checking in needs it (FHIR R4 Patient).

    Attributes:
        multiple_birth: a twin: no face is told from the other one's.
    """

    id: str
    name: str
    birth_date: PartialDate | None
    sex: Sex | None
    identifiers: tuple[Identifier, ...] = ()
    active: bool = True
    deceased: bool = False
    multiple_birth: bool = False


def fold_name(name: str) -> str:
    """A name as compared: without case, diacritics or spare spaces, with đ as d."""
    decomposed = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(letters.split())


def mask_name(name: str) -> str:
    """``Nguyễn Văn An`` as ``NGUYỄN V** A**``: enough to know oneself, too little for the next in line.

    A name of one word keeps its first letter only.
    """
    words = unicodedata.normalize("NFC", name).upper().split()
    shown = words[:1] if len(words) > 1 else []
    return " ".join(shown + [f"{word[0]}**" for word in words[len(shown) :]])
