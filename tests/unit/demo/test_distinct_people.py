from datetime import date
from itertools import islice

from kiosk.demo.distinct_people import distinct_people
from kiosk.demo.hospital import Hospital
from kiosk.demo.hospital.planted import planted_patients
from tests.support.face_models import MODELS

DAY = date(2026, 11, 23)


def test_of_two_who_look_alike_only_one_is_chosen() -> None:
    people = {patient.id: patient for patient in planted_patients(DAY)}
    alike = tuple(people[own] for own in ("de-twin-a", "de-twin-b", "de-citizen-2024", "de-twice-a", "de-twice-b"))
    hospital = Hospital(seed=1, day=DAY, zone="Asia/Ho_Chi_Minh", patients=alike)
    chosen = [patient.id for patient in islice(distinct_people(hospital, MODELS, below=0.5), 5)]
    assert chosen == ["de-twin-a", "de-citizen-2024", "de-twice-a"]
