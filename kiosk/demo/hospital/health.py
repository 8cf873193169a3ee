"""What ails the people of the invented hospital: problems, allergies and medicines that fit each other."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kiosk.demo.hospital.people import InventedPatient
from kiosk.demo.hospital.planted import PlantedPatient
from kiosk.demo.hospital.tables import AllergyKind, Condition, Passing, Tables
from kiosk.model.identity import Sex


@dataclass(frozen=True, slots=True)
class Problem:
    """An active long-standing problem."""

    condition: Condition
    since: date


@dataclass(frozen=True, slots=True)
class PastProblem:
    """One that has passed."""

    passing: Passing
    on: date


@dataclass(frozen=True, slots=True)
class RecordedAllergy:
    """An allergy as somebody recorded it; `kind` gives its codes."""

    kind: AllergyKind
    reaction: str
    severe: bool
    recorded_on: date


@dataclass(frozen=True, slots=True)
class TakenMedicine:
    """A medicine in use; `prescribed` here, otherwise told by the patient."""

    key: str
    since: date
    prescribed: bool


@dataclass(frozen=True, slots=True)
class Health:
    """All of it; `allergies` None when nobody ever asked."""

    problems: tuple[Problem, ...]
    past: tuple[PastProblem, ...]
    allergies: tuple[RecordedAllergy, ...] | None
    medicines: tuple[TakenMedicine, ...]


def draw_health(
    rng: random.Random, tables: Tables, patient: InventedPatient, day: date, planted: PlantedPatient | None
) -> Health:
    """A medical history; a planted patient's problems and allergies are those of its row."""
    age = patient.age_on(day)
    conditions = (
        [condition for condition in tables.conditions if condition.code in planted.problems]
        if planted
        else _draw_conditions(rng, tables.conditions, patient.sex, age)
    )
    problems = tuple(Problem(condition, _onset(rng, condition, age, day)) for condition in conditions)
    allergies = _planted_allergies(tables, planted, day) if planted else _draw_allergies(rng, tables, age, day)
    medicines = _draw_medicines(rng, tables, problems, allergies or (), age)
    past = _draw_past(rng, tables.passing, age, day) if patient.active else ()
    return Health(problems, past, allergies, medicines)


def _draw_conditions(
    rng: random.Random, conditions: Sequence[Condition], sex: Sex, age: int, most: int = 6
) -> list[Condition]:
    drawn: list[Condition] = []
    for condition in conditions:
        codes = {other.code for other in drawn}
        share = next((share for from_age, share in reversed(condition.shares) if age >= from_age), 0.0)
        for code, factor in condition.raised_by.items():
            share *= factor if code in codes else 1
        excluded = codes & set(condition.excludes)
        if condition.pregnancy:
            # the medicines of other problems are not for an expectant mother
            excluded = codes - {"D50.9"}
        possible = condition.sex in (None, sex) and not excluded and len(drawn) < most
        if rng.random() < share and possible:
            drawn.append(condition)
    return drawn


def _onset(rng: random.Random, condition: Condition, age: int, day: date) -> date:
    if condition.pregnancy:
        return day - timedelta(weeks=rng.randint(10, 34))
    years = min(max(age - condition.shares[0][0], 1), 14)
    first = 150 if age else 40
    return day - timedelta(days=rng.randint(first, first + min(years * 365, max(age * 365 - first - 90, 1))))


def _draw_past(rng: random.Random, table: Sequence[Passing], age: int, day: date) -> tuple[PastProblem, ...]:
    possible = [row for row in table if row.ages[0] <= age <= row.ages[1]]
    chosen = rng.sample(possible, k=min(rng.choices((0, 1, 2), (45, 40, 15))[0], len(possible)))
    longest = 700 if age > 2 else 60
    return tuple(PastProblem(row, day - timedelta(days=rng.randint(20, longest))) for row in chosen)


def _draw_allergies(rng: random.Random, tables: Tables, age: int, day: date) -> tuple[RecordedAllergy, ...] | None:
    fate = rng.random()
    if fate < 0.2:
        return None
    if fate < 0.72:
        return ()
    wanted = rng.choices(tables.allergies, [row.share for row in tables.allergies], k=rng.choice((1, 1, 1, 2)))
    kinds = list({row.substance: row for row in wanted}.values())
    return tuple(_allergy(rng, kind, day - timedelta(days=rng.randint(15, max(age * 300, 40)))) for kind in kinds)


SEVERE = frozenset({"Phản vệ", "Phù mạch", "Khó thở", "Hội chứng Stevens–Johnson"})


def _allergy(rng: random.Random, kind: AllergyKind, recorded_on: date) -> RecordedAllergy:
    reaction = rng.choice(kind.reactions)
    return RecordedAllergy(kind, reaction, reaction in SEVERE, recorded_on)


def _planted_allergies(tables: Tables, planted: PlantedPatient, day: date) -> tuple[RecordedAllergy, ...] | None:
    if isinstance(planted.allergy, str):
        return () if planted.allergy == "none_known" else None
    row = planted.allergy
    kind = next(kind for kind in tables.allergies if kind.substance == row.substance)
    return (RecordedAllergy(kind, row.reaction, row.severe, day - timedelta(days=800)),)


def _draw_medicines(
    rng: random.Random, tables: Tables, problems: Sequence[Problem], allergies: Sequence[RecordedAllergy], age: int
) -> tuple[TakenMedicine, ...]:
    """What the problems are treated with, without what an allergy rules out and without one substance twice."""
    ruled_out = {allergy.kind.group for allergy in allergies}
    if any(problem.condition.code == "N18.3" for problem in problems):
        ruled_out.add("nsaid")
    taken: dict[str, TakenMedicine] = {}
    for problem in problems:
        for choice in problem.condition.medicines:
            fit = [key for key in choice.any_of if tables.medicines[key].group not in ruled_out]
            if fit and age >= choice.from_age and rng.random() < choice.share:
                key = rng.choice(fit)
                taken.setdefault(tables.medicines[key].atc, TakenMedicine(key, problem.since, rng.random() < 0.85))
    return tuple(taken.values())
