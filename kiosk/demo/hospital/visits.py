"""Past encounters: for whom, when, where, what was found and what comes next."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from kiosk.demo.hospital.health import Health, Problem
from kiosk.demo.hospital.laboratory import add_calculated, draw_levels, draw_values, panel_of, passing_values
from kiosk.demo.hospital.people import InventedPatient
from kiosk.demo.hospital.tables import Tables


@dataclass(frozen=True, slots=True)
class Visit:
    """A finished encounter.

    Attributes:
        code: ICD-10 code of what it was for; None for a check-up.
        doctor: which of the clinic's.
        results: by test key.
    """

    start: datetime
    minutes: int
    clinic_id: str
    doctor: int
    code: str | None
    reason: str
    plan: str | None
    results: dict[str, float]


def draw_visits(
    rng: random.Random, tables: Tables, patient: InventedPatient, health: Health, day: date, zone: tzinfo
) -> list[Visit]:
    """Follow-ups of the long-standing problems and the visits for what has passed, oldest first."""
    last = patient.deceased_on or day
    visits = _follow_ups(rng, tables, patient, health.problems, last, zone)
    visits += [
        Visit(
            start=_moment(rng, past.on, zone),
            minutes=rng.choice((10, 15, 20)),
            clinic_id="nhi" if patient.age_on(past.on) < 15 else past.passing.clinic,
            doctor=rng.randrange(2),
            code=past.passing.code,
            reason=past.passing.name,
            plan=past.passing.plan,
            results=passing_values(rng, tables, past.passing),
        )
        for past in health.past
        if past.on < last
    ]
    if not visits and patient.age_on(day) >= 18 and patient.active and rng.random() < 0.4:
        visits = [_check_up(rng, tables, patient, last, zone)]
    return sorted(visits, key=lambda visit: visit.start)


def _follow_ups(
    rng: random.Random,
    tables: Tables,
    patient: InventedPatient,
    problems: Sequence[Problem],
    last: date,
    zone: tzinfo,
) -> list[Visit]:
    levels = draw_levels(rng, tables, patient.sex, patient.age_on(last), problems)
    panel = panel_of(problems, patient.age_on(last))
    visits = []
    for day in _follow_up_days(rng, problems, last):
        known = [problem for problem in problems if problem.since <= day]
        problem = rng.choice(known)
        values = draw_values(rng, tables, panel, levels) if panel else {}
        add_calculated(tables, values, patient.sex, patient.age_on(day))
        visits.append(
            Visit(
                start=_moment(rng, day, zone),
                minutes=rng.choice((10, 15, 15, 20, 30)),
                clinic_id=_clinic_for(problem, patient.age_on(day)),
                doctor=rng.randrange(2),
                code=problem.condition.code,
                reason=problem.condition.name,
                plan=rng.choice(problem.condition.plans),
                results=values,
            )
        )
    return visits


def _follow_up_days(rng: random.Random, problems: Sequence[Problem], last: date) -> list[date]:
    """About every three months for up to a year and a half, never on a Sunday."""
    if not problems:
        return []
    first = min(problem.since for problem in problems)
    days, day = [], last - timedelta(days=rng.randint(18, 75))
    for _ in range(rng.randint(2, 6)):
        if day < first:
            break
        days.append(day - timedelta(days=day.weekday() == 6))
        day -= timedelta(days=rng.randint(60, 110))
    return [day for day in reversed(days) if day >= first]


def _clinic_for(problem: Problem, age: int) -> str:
    return "nhi" if age < 15 else problem.condition.clinic


def _check_up(rng: random.Random, tables: Tables, patient: InventedPatient, last: date, zone: tzinfo) -> Visit:
    day = last - timedelta(days=rng.randint(60, 500))
    levels = draw_levels(rng, tables, patient.sex, patient.age_on(day), ())
    values = draw_values(rng, tables, ("glucose", "creatinine", "alt", "haemoglobin"), levels)
    add_calculated(tables, values, patient.sex, patient.age_on(day))
    return Visit(
        start=_moment(rng, day, zone),
        minutes=20,
        clinic_id="noi-tong-quat",
        doctor=rng.randrange(2),
        code=None,
        reason="Khám sức khỏe định kỳ",
        plan="Duy trì vận động và ăn uống điều độ; khám lại sau 12 tháng.",
        results=values,
    )


def _moment(rng: random.Random, day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(rng.choice((7, 8, 9, 10, 13, 14, 15)), rng.randrange(0, 60, 5)), zone)
