"""A clinic that is open over midnight keeps its patients, its numbers and its day."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from kiosk.checkin import lists, queue
from kiosk.checkin.by_ticket import holder_of_ticket
from kiosk.checkin.days import clinic_day
from kiosk.model.actor import Actor
from kiosk.model.checkin import Stage
from kiosk.model.clinic import Clinic
from kiosk.ports.devices import SignalSource
from tests.support.set_hospital import SetHospital, people, qr_of, set_hospital
from tests.support.small_hospital import CLINICS, MAU, MORNING, STRANGER_QR

NIGHT = Clinic("dem", {"vi": "Cấp cứu đêm", "en": "Night clinic"}, "Phòng 1", time(18), time(6), "Location/dem")
DOCTOR = Actor.staff("bs")


@pytest.fixture
def night(tmp_path: Path) -> SetHospital:
    """It is 23:50."""
    hospital = set_hospital(tmp_path)
    some = [("p1", "001190012341", "Nguyễn Thị An"), ("p2", "001190012342", "Nguyễn Thị Bình")]
    hospital.record.patients = people(some, MAU)
    hospital.record.booked = []
    hospital.with_clinics(*CLINICS, NIGHT)
    hospital.go_on(hours=15, minutes=50)
    return hospital


def test_2350_and_0010_are_one_queue(night: SetHospital) -> None:
    an, binh = (qr_of(one) for one in night.record.patients)
    before = night.arrive(an, "dem")
    night.go_on(minutes=20)
    night.round()
    after = night.arrive(binh, "dem")
    assert [view.ticket.number for view in (before, after) if view.ticket] == [1, 2]
    services = night.services
    assert services.clock.today() == MORNING.date() + timedelta(days=1)
    ids = [before.id, after.id]
    assert [one.id for one in lists.clinic_list(services, clinic_ids=["dem"])] == ids
    assert [one.id for one in lists.reception_board(services).queues["dem"]] == ids
    again = night.arrive(an, "dem", "kiosk-2")
    assert again.again
    assert again.ticket
    assert again.ticket.number == 1
    with services.storage.read() as work:
        assert holder_of_ticket(services, work, before.id).id == before.id
    called = [queue.call_next(services, clinic_id="dem", by=DOCTOR)]
    night.go_on(minutes=1)
    called.append(queue.call_next(services, clinic_id="dem", by=DOCTOR))
    assert [one.id for one in called if one] == ids
    shown = lists.last_calls(services, clinic_ids=["noi", "dem"])
    assert [one.id for one in shown] == [*reversed(ids)]


def test_its_day_ends_after_it_closed_and_not_at_midnight(night: SetHospital) -> None:
    left = night.arrive(qr_of(night.record.patients[0]), "dem")
    for hours in (1, 5, 0.5):
        night.go_on(hours=hours)
        night.round()
        assert lists.one(night.services, left.id).stage is Stage.ARRIVED
    night.go_on(hours=1)
    night.round()
    assert lists.one(night.services, left.id).stage is Stage.ABSENT
    assert clinic_day(night.services, "dem") == MORNING.date() + timedelta(days=1)


def test_a_case_at_the_desk_before_midnight_stays_there_and_has_one_number(night: SetHospital) -> None:
    case = night.kiosk.claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA)
    night.go_on(minutes=20)
    night.round()
    again = night.kiosk.claim("kiosk-2", STRANGER_QR, SignalSource.CAMERA)
    assert (again.again, again.ticket and again.ticket.code) == (True, case.id)
    assert [one.id for one in lists.reception_board(night.services).desk if one.stage is Stage.RECEPTION] == [case.id]


def test_while_the_day_stands_in_doubt_the_night_goes_on_in_its_queue(night: SetHospital) -> None:
    before = night.arrive(qr_of(night.record.patients[0]), "dem")
    night.host.jump(days=3)
    night.go_on(minutes=20)
    after = night.arrive(qr_of(night.record.patients[1]), "dem")
    assert [one.id for one in lists.clinic_list(night.services, clinic_ids=["dem"])] == [before.id, after.id]


@pytest.mark.parametrize(
    ("opens", "closes", "at", "is_open"),
    [
        (time(18), time(6), time(22), True),
        (time(18), time(6), time(3), True),
        (time(18), time(6), time(6, 0, 59), True),
        (time(18), time(6), time(6, 1), False),
        (time(18), time(6), time(12), False),
        (time(0), time(0), time(12), True),
        (time(7), time(7), time(6, 59), True),
        (time(0), time(23, 59), time(23, 59, 59), True),
        (time(0), time(23, 59, 59), time(23, 59, 59, 999999), True),
        (time(6, 30), time(17), time(6, 29, 59), False),
        (time(6, 30), time(17), time(17, 1), False),
    ],
)
def test_opening_hours_over_midnight(opens: time, closes: time, at: time, *, is_open: bool) -> None:
    clinic = Clinic("a", {}, "1", opens, closes, "Location/a")
    assert clinic.is_open(at) is is_open
