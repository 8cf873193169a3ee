"""Who is expected today, where and when."""

import random
from datetime import time

import msgspec

from kiosk.demo.hospital.health import Problem
from kiosk.demo.hospital.people import InventedAppointment, InventedPatient
from kiosk.demo.hospital.tables import Tables

SLOTS = tuple(time(hour, minute) for hour in (7, 8, 9, 10, 13, 14, 15) for minute in (0, 15, 30, 45))
"""When appointments begin: mornings and afternoons, with the pause that the country keeps."""

SHARE_EXPECTED = 0.36
SHARE_TWICE = 0.08


def with_appointments(
    rng: random.Random, tables: Tables, patient: InventedPatient, problems: tuple[Problem, ...], age: int
) -> InventedPatient:
    """The patient, about one in three with an appointment today and some of those with two."""
    if rng.random() >= SHARE_EXPECTED:
        return patient
    clinics = _suitable(problems, age)
    wanted = 2 if len(clinics) > 1 and rng.random() < SHARE_TWICE * 3 else 1
    slots = sorted(rng.sample(SLOTS, wanted))
    chosen = rng.sample(clinics, wanted)
    return msgspec.structs.replace(
        patient,
        appointments=tuple(
            InventedAppointment(
                id=f"{patient.id}-hen-{number}",
                clinic_id=clinic,
                at=at,
                reason=rng.choice(tables.clinic(clinic).reasons),
            )
            for number, (clinic, at) in enumerate(zip(chosen, slots, strict=True), 1)
        ),
    )


def _suitable(problems: tuple[Problem, ...], age: int) -> list[str]:
    if age < 15:
        return ["nhi"]
    own = list(dict.fromkeys(problem.condition.clinic for problem in problems))
    return own or ["noi-tong-quat", "tai-mui-hong", "da-lieu", "mat"]
