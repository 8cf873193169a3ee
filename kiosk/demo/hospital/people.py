"""The people of the invented hospital: who they are, what cards they carry, when they are expected."""

import random
from datetime import date, time, timedelta
from typing import Literal

import msgspec

from kiosk.demo.hospital.tables import Cohort, Names, Province, Tables
from kiosk.model.identity import PartialDate, Sex

NEW_CARDS_FROM = date(2024, 7, 1)
"""From this day the card of Law 26/2023 is handed out, with the QR of 11 fields."""


class CitizenCard(msgspec.Struct, frozen=True, kw_only=True):
    """A citizen identity card; `form` is the year of its QR's layout."""

    form: Literal[2021, 2024]
    issued_on: date


class Insurance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Health insurance.

    Attributes:
        number: the 10 digits.
        prefix: object code, benefit level and province: with it the number has 15 characters.
        card: the layout of the card's QR, 15 or 17 parts; None when no card is carried.
        recorded: how many characters the hospital's record holds.
        guardian: on a child's card.
    """

    number: str
    prefix: str
    recorded: Literal[10, 15]
    facility: str
    valid_from: date
    card: Literal["old", "new"] | None = None
    valid_to: date | None = None
    guardian: str | None = None

    @property
    def recorded_number(self) -> str:
        """The number as the hospital's record holds it."""
        return self.number if self.recorded == len(self.number) else self.prefix + self.number


class InventedAppointment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An appointment, `days` after the hospital's day, at a time of the hospital's zone."""

    id: str
    clinic_id: str
    at: time
    reason: str
    days: int = 0
    status: str = "booked"


class InventedPatient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A patient that never lived.

    Attributes:
        hospital_code: ``BN`` and six digits.
        old_id: the nine digits of the identity card before 2021.
        card_name, card_birth_date: what the cards say where it is not what the record says.
        replaced_by: id of the patient that this record was merged into.
        birth_order: of a twin, from 1.
    """

    id: str
    name: str
    sex: Sex
    birth_date: PartialDate
    address: str
    province: str
    phone: str
    hospital_code: str
    citizen_id: str | None = None
    old_id: str | None = None
    citizen_card: CitizenCard | None = None
    insurance: Insurance | None = None
    appointments: tuple[InventedAppointment, ...] = ()
    card_name: str | None = None
    card_birth_date: PartialDate | None = None
    active: bool = True
    deceased_on: date | None = None
    replaced_by: str | None = None
    birth_order: int | None = None

    def age_on(self, day: date) -> int:
        """Full years; an unknown day or month counts as the first."""
        born = self.birth_date
        had_birthday = (born.month or 1, born.day or 1) <= (day.month, day.day)
        return day.year - born.year - (not had_birthday)


AGES = ((0, 5, 6), (6, 17, 7), (18, 39, 17), (40, 59, 24), (60, 74, 30), (75, 97, 16))
"""First age, last age, share: the waiting hall of a general hospital is old."""


def draw_birth_date(rng: random.Random, day: date) -> PartialDate:
    """A birth date by the ages of the waiting hall; of some old people only the year or month is known."""
    first, last, _ = rng.choices(AGES, weights=[share for *_, share in AGES])[0]
    born = day - timedelta(days=rng.randint(first * 365 + first // 4 + 1, last * 365 + last // 4 + 364))
    fate = rng.random()
    if born.year < 1960 and fate < 0.16:
        return PartialDate(born.year) if fate < 0.12 else PartialDate(born.year, born.month)
    return PartialDate(born.year, born.month, born.day)


def draw_name(rng: random.Random, names: Names, sex: Sex, birth_year: int) -> str:
    """A name such as people of that sex and age have."""
    if rng.random() < names.minority.share:
        return rng.choice(names.minority.male if sex is Sex.MALE else names.minority.female)
    group = rng.choices(names.families, weights=[group.share for group in names.families])[0]
    return f"{rng.choice(group.names)} {_given(rng, _cohort(names, birth_year), sex)}"


def _cohort(names: Names, birth_year: int) -> Cohort:
    return next(cohort for cohort in names.cohorts if birth_year <= cohort.until)


def _given(rng: random.Random, cohort: Cohort, sex: Sex) -> str:
    male = sex is Sex.MALE
    middle = rng.choice(cohort.male_middle if male else cohort.female_middle)
    others = [name for name in (cohort.male_given if male else cohort.female_given) if name not in middle.split()]
    return f"{middle} {rng.choice(others)}"


def citizen_number(province: Province, sex: Sex, birth_year: int, sequence: int) -> str:
    """Twelve digits: province, century and sex, year of birth, sequence (Circular 59/2021/TT-BCA).

    Sequences of real people count up from 1; these are 900,000 and more.
    """
    century_and_sex = 2 * (birth_year // 100 - 19) + (sex is Sex.FEMALE)
    return f"{province.code}{century_and_sex}{birth_year % 100:02}{900_000 + sequence % 100_000:06}"


def draw_insurance(
    rng: random.Random, tables: Tables, province: Province, age: int, sequence: int, day: date
) -> Insurance:
    """A health insurance by age: children under 6 are insured by the state, most others by work or household."""
    kinds = ("TE1",) if age < 6 else ("HS4", "GD4") if age < 18 else ("DN4", "DN4", "GD4", "HC4", "HN2")
    kind = rng.choice(kinds if age < 60 else ("HT3", "HT3", "GD4", "BT2", "CK2"))
    valid_from = date(day.year, 1, 1) if rng.random() < 0.8 else date(day.year - 1, 7, 1)
    return Insurance(
        number=f"{province.insurance}99{sequence:06}",
        prefix=f"{kind}{province.insurance}",
        recorded=rng.choice((10, 10, 15)),
        facility="01 - 999" if province.code == "001" else f"{province.insurance} - 001",
        valid_from=valid_from,
        valid_to=date(day.year, 12, 31) if rng.random() < 0.7 else None,
        card=rng.choices(("new", "old", None), weights=(60, 12 if age > 10 else 0, 28))[0],
        guardian=draw_name(rng, tables.names, Sex.FEMALE, day.year - age - 28) if age < 6 else None,
    )


def draw_citizen_card(rng: random.Random, birth_year: int, day: date) -> CitizenCard | None:
    """The card somebody carries: nobody under 14 in the old law's form, children rarely."""
    age = day.year - birth_year
    if age < 14 or rng.random() < 0.1:
        return None
    if age > 16 and rng.random() < 0.6:
        return CitizenCard(form=2021, issued_on=date(2021, 3, 1) + timedelta(days=rng.randrange(1200)))
    newest = max((day - NEW_CARDS_FROM).days - 20, 1)
    return CitizenCard(form=2024, issued_on=NEW_CARDS_FROM + timedelta(days=rng.randrange(newest)))


def draw_address(rng: random.Random, tables: Tables, province: Province) -> str:
    """An address as a card prints it, small to large."""
    places = tables.places
    if rng.random() < 0.6:
        street = f"Số {rng.randint(1, 240)} {rng.choice(places.streets)}, {rng.choice(places.wards)}"
    else:
        street = f"{rng.choice(places.hamlets)}, {rng.choice(places.communes)}"
    return f"{street}, {province.name}"


def draw_patient(rng: random.Random, tables: Tables, day: date, sequence: int) -> InventedPatient:
    """One person; `sequence` below 100,000 keeps every number apart from all others'."""
    provinces = tables.places.provinces
    province = rng.choices(provinces, weights=[row.share for row in provinces])[0]
    sex, born = rng.choice((Sex.MALE, Sex.FEMALE)), draw_birth_date(rng, day)
    card = draw_citizen_card(rng, born.year, day)
    age = int((day - date(born.year, born.month or 1, born.day or 1)).days // 365.2425)
    has_old_id = card is not None and born.year < 2001 and rng.random() < 0.5
    return InventedPatient(
        id=f"{rng.getrandbits(64):016x}",
        name=draw_name(rng, tables.names, sex, born.year),
        sex=sex,
        birth_date=born,
        address=draw_address(rng, tables, province),
        province=province.name,
        phone=f"0600 {sequence // 1000:03} {sequence % 1000:03}",
        hospital_code=f"BN{100_000 + sequence * 7_919 % 800_000}",
        citizen_id=citizen_number(province, sex, born.year, sequence) if card or rng.random() < 0.5 else None,
        old_id=f"{province.code[1:]}9{sequence:06}" if has_old_id else None,
        citizen_card=card,
        insurance=draw_insurance(rng, tables, province, age, sequence, day) if rng.random() < 0.93 else None,
    )
