"""The tables that the invented hospital is drawn from: `data/*.toml`, read and checked once for each build."""

import tomllib
from importlib.resources import files
from typing import Literal

import msgspec

from kiosk.model.identity import Sex


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A misspelt key is an error."""


class Families(_Row, frozen=True):
    """Family names that share a weight."""

    share: int
    names: tuple[str, ...]


class Cohort(_Row, frozen=True):
    """How those born up to the end of a year were named."""

    until: int
    male_middle: tuple[str, ...]
    male_given: tuple[str, ...]
    female_middle: tuple[str, ...]
    female_given: tuple[str, ...]


class Minority(_Row, frozen=True):
    """Whole names that are not family, middle and given."""

    share: float
    male: tuple[str, ...]
    female: tuple[str, ...]


class Names(_Row, frozen=True):
    """`names.toml`."""

    families: tuple[Families, ...]
    cohorts: tuple[Cohort, ...]
    minority: Minority


class Province(_Row, frozen=True):
    """Codes of a province in a citizen number (3 digits) and in an insurance number (2)."""

    code: str
    insurance: str
    name: str
    share: int


class Places(_Row, frozen=True):
    """`places.toml`."""

    hospital_province: str
    streets: tuple[str, ...]
    wards: tuple[str, ...]
    communes: tuple[str, ...]
    hamlets: tuple[str, ...]
    provinces: tuple[Province, ...]


class Medicine(_Row, frozen=True):
    """A medicine and its usual dosage."""

    atc: str
    name: str
    dosage: str
    group: str | None = None


class Choice(_Row, frozen=True):
    """One of these medicines, for a share of those with the condition."""

    any_of: tuple[str, ...]
    share: float = 1.0
    from_age: int = 0


Range = tuple[float, float]


class Condition(_Row, frozen=True):
    """A long-standing problem; `shares` are (from age, share)."""

    code: str
    name: str
    en: str
    clinic: str
    shares: tuple[tuple[int, float], ...]
    plans: tuple[str, ...]
    medicines: tuple[Choice, ...]
    sex: Sex | None = None
    raised_by: dict[str, float] = {}
    excludes: tuple[str, ...] = ()
    tests: dict[str, Range] = {}
    female_tests: dict[str, Range] = {}
    pregnancy: bool = False

    def moved_tests(self, sex: Sex) -> dict[str, Range]:
        """The values that this problem causes, by test."""
        return self.tests | (self.female_tests if sex is Sex.FEMALE else {})


class Passing(_Row, frozen=True):
    """A problem that came and went; `ages` are the first and the last."""

    code: str
    name: str
    en: str
    clinic: str
    ages: tuple[int, int]
    plan: str
    tests: dict[str, Range] = {}


class AllergyKind(_Row, frozen=True):
    """A substance and what it does; `group` rules out medicines."""

    substance: str
    category: Literal["medication", "food", "environment"]
    group: str
    reactions: tuple[str, ...]
    share: int
    atc: str | None = None


class LaboratoryTest(_Row, frozen=True):
    """A test: reference range (men's where `female` differs) and the values of somebody well."""

    loinc: str
    name: str
    unit: str
    well: Range
    digits: int
    noise: float
    low: float | None = None
    high: float | None = None
    female: Range | None = None
    female_well: Range | None = None

    def reference(self, sex: Sex) -> tuple[float | None, float | None]:
        """Low and high of the reference range."""
        if sex is Sex.FEMALE and self.female:
            return self.female[0] or None, self.female[1]
        return self.low, self.high

    def usual(self, sex: Sex) -> Range:
        """Between which values somebody well lies."""
        return self.female_well if sex is Sex.FEMALE and self.female_well else self.well


class ClinicRow(_Row, frozen=True):
    """A clinic, its doctors and what people come for."""

    id: str
    name: str
    name_en: str
    room: str
    doctors: tuple[str, ...]
    reasons: tuple[str, ...]
    discreet: bool = False


class HospitalRow(_Row, frozen=True):
    """The hospital; `facility` as an insurance card writes it."""

    name: str
    name_en: str
    facility: str


class Clinics(_Row, frozen=True):
    """`clinics.toml`."""

    hospital: HospitalRow
    clinics: tuple[ClinicRow, ...]


class Tables(_Row, frozen=True):
    """All of them."""

    names: Names
    places: Places
    clinics: Clinics
    conditions: tuple[Condition, ...]
    passing: tuple[Passing, ...]
    medicines: dict[str, Medicine]
    allergies: tuple[AllergyKind, ...]
    tests: dict[str, LaboratoryTest]

    def clinic(self, clinic_id: str) -> ClinicRow:
        """The clinic of this id."""
        return next(clinic for clinic in self.clinics.clinics if clinic.id == clinic_id)


def load_tables() -> Tables:
    """Read the tables that are shipped with the package."""
    folder = files(__package__) / "data"
    raw = {
        name: tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("names", "places", "clinics", "conditions", "medicines", "allergies", "laboratory")
    }
    health = raw.pop("conditions") | raw.pop("medicines") | raw.pop("allergies") | raw.pop("laboratory")
    return msgspec.convert(raw | health, type=Tables)
