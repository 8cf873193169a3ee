"""What a clock that is wrong may do to patients: nothing."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.checkin import assist, lists, move, queue, undo
from kiosk.checkin.days import is_of_today
from kiosk.checkin.keep_time import accept_clock, keep_time
from kiosk.model.actor import Actor
from kiosk.model.checkin import Stage
from kiosk.model.identity import Patient
from kiosk.model.kept_time import Doubt
from kiosk.model.queue import Priority
from kiosk.ports.record import EncounterStatus
from tests.support.set_hospital import SetHospital, people, qr_of, set_hospital
from tests.support.small_hospital import MAU

DOCTOR = Actor.staff("bs")
RECEPTION = Actor.staff("le-tan")


@pytest.fixture
def hospital(tmp_path: Path) -> SetHospital:
    found = set_hospital(tmp_path)
    some = [(f"p{n}", f"00119001234{n}", f"Nguyễn Thị {name}") for n, name in enumerate(("An", "Bình", "Chi", "Dung"))]
    found.record.patients = people(some, MAU)
    found.record.booked = []
    return found


@pytest.fixture
def patients(hospital: SetHospital) -> Sequence[Patient]:
    return hospital.record.patients


def test_a_clock_200_days_ahead_deletes_and_ends_nothing(hospital: SetHospital, patients: Sequence[Patient]) -> None:
    arrived = [hospital.arrive(qr_of(one)) for one in patients]
    hospital.host.jump(days=200)
    hospital.restart()
    for _ in range(10):
        hospital.round()
        hospital.host.go_on(hours=1)
    hospital.host.jump(days=-200, synchronised=True)
    hospital.round()
    assert [lists.one(hospital.services, view.id).stage for view in arrived] == [Stage.ARRIVED] * 4


def test_eighteen_hours_for_six_seconds_do_not_end_the_day(hospital: SetHospital, patients: Sequence[Patient]) -> None:
    arrived = [hospital.arrive(qr_of(one)) for one in patients]
    queue.call_next(hospital.services, clinic_id="noi", by=DOCTOR)
    hospital.host.jump(hours=18)
    for _ in range(6):
        hospital.host.go_on(seconds=1)
        hospital.round()
    assert hospital.services.clock.doubt is Doubt.AHEAD
    hospital.host.jump(hours=-18, synchronised=True)
    hospital.round()
    stages = [lists.one(hospital.services, view.id).stage for view in arrived]
    assert stages == [Stage.CALLED, *[Stage.ARRIVED] * 3]
    assert EncounterStatus.FINISHED not in {one.status for one in hospital.record.encounters.values()}
    assert [one.id for one in lists.clinic_list(hospital.services, clinic_ids=["noi"])] == [
        *(view.id for view in arrived[1:]),
        arrived[0].id,
    ]


def test_two_hours_back_everybody_sees_the_own_number_and_three_are_called(
    hospital: SetHospital, patients: Sequence[Patient]
) -> None:
    first = hospital.arrive(qr_of(patients[0]))
    hospital.host.go_on(seconds=40)
    hospital.beat()
    hospital.host.jump(hours=-2)
    hospital.restart()
    for number, patient in enumerate(patients[1:], start=2):
        hospital.host.go_on(seconds=40)
        view = hospital.arrive(qr_of(patient))
        newest = hospital.kiosk.newest("kiosk-1")
        assert newest
        assert (newest.id, newest.ticket and newest.ticket.number) == (view.id, number)
    called = []
    for _ in range(3):
        hospital.host.go_on(seconds=2.3)
        called.append(queue.call_next(hospital.services, clinic_id="noi", by=DOCTOR))
    assert len({one.id for one in called if one}) == 3
    assert called[0]
    assert called[0].id == first.id
    assert [one.id for one in lists.last_calls(hospital.services, clinic_ids=["noi"])] == [
        one.id for one in reversed(called) if one
    ]


def test_from_14_to_1630_a_day_ahead_reception_can_do_everything(
    hospital: SetHospital, patients: Sequence[Patient]
) -> None:
    hospital.go_on(hours=6)
    views = [hospital.arrive(qr_of(one)) for one in patients]
    hospital.host.jump(days=1)
    hospital.restart()
    services = hospital.services
    day = services.clock.today()
    one, two, three, _ = (lists.one(services, view.id) for view in views)
    assert all(is_of_today(services, check_in) for check_in in (one, two, three))
    moved = move.move(services, one.id, version=one.version, clinic_id="mat", by=RECEPTION)
    move.cancel(services, two.id, version=two.version, by=RECEPTION)
    hospital.host.go_on(seconds=4)
    undo.undo(services, two.id, by=RECEPTION)
    assist.declare_priority(services, three.id, version=three.version, priority=Priority.PREGNANT, by=RECEPTION)
    called = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert called
    queue.finish(services, called.id, version=called.version, by=DOCTOR)
    for _ in range(5):
        hospital.go_on(minutes=30)
        hospital.round()
    hospital.host.jump(days=-1, synchronised=True)
    hospital.round()
    board = lists.reception_board(services)
    assert {check_in.id for some in board.queues.values() for check_in in some} == {view.id for view in views}
    assert (moved.day, called.id, services.clock.today()) == (day, three.id, day)
    # the record was told without waiting for the jump to pass
    assert hospital.record.encounters[called.id].status is EncounterStatus.FINISHED


@pytest.mark.parametrize("off", [timedelta(hours=14), timedelta(days=9, hours=14)])
def test_after_a_night_or_tet_a_new_day_begins_and_the_old_one_is_ended(
    hospital: SetHospital, patients: Sequence[Patient], off: timedelta
) -> None:
    left = hospital.arrive(qr_of(patients[0]))
    hospital.go_on(hours=9)
    hospital.host.start_anew(off=off, synchronised=True)
    hospital.restart()
    hospital.round()
    assert hospital.services.clock.doubt is None
    assert lists.one(hospital.services, left.id).stage is Stage.ABSENT
    again = hospital.arrive(qr_of(patients[0]))
    assert again.ticket
    assert (again.id != left.id, again.ticket.number) == (True, 1)


def test_opening_without_a_network_works_and_ends_nothing_by_the_battery_clock(
    hospital: SetHospital, patients: Sequence[Patient]
) -> None:
    left = hospital.arrive(qr_of(patients[0]))
    hospital.host.start_anew(off=timedelta(days=1))
    hospital.restart()
    hospital.round()
    assert hospital.services.clock.doubt is None
    assert lists.one(hospital.services, left.id).stage is Stage.ARRIVED
    again = hospital.arrive(qr_of(patients[1]))
    assert again.ticket
    assert again.ticket.number == 1


def test_a_database_from_the_future_gives_numbers_and_a_person_corrects_it(
    hospital: SetHospital, patients: Sequence[Patient]
) -> None:
    hospital.host.jump(days=200)
    accept_clock(hospital.services, by=RECEPTION)
    hospital.host.jump(days=-200)
    hospital.restart()
    assert hospital.services.clock.doubt is Doubt.BEHIND
    assert hospital.arrive(qr_of(patients[0])).ticket
    kept = accept_clock(hospital.services, by=RECEPTION)
    assert (kept.doubt, kept.service_day) == (None, hospital.host.wall.date())
    assert hospital.arrive(qr_of(patients[1])).ticket
    hospital.round()
    assert len(hospital.record.encounters) == 2
    with hospital.services.storage.read() as work:
        said = [row.action for row in work.audit.rows()]
    assert {"accept_clock", "correct_clock", "doubt_clock"} <= set(said)


def test_history_is_deleted_a_day_at_a_time_whatever_is_accepted(
    hospital: SetHospital, patients: Sequence[Patient]
) -> None:
    views = []
    for patient in patients:
        views.append(hospital.arrive(qr_of(patient)))
        hospital.go_on(days=1)
        hospital.round()

    def left() -> int:
        with hospital.services.storage.read() as work:
            days = [hospital.services.clock.today() - timedelta(days=n) for n in range(300)]
            return sum(len(work.check_ins.in_clinic("noi", day)) for day in days)

    hospital.host.jump(days=200)
    accept_clock(hospital.services, by=RECEPTION)
    for _ in range(5):
        hospital.round()
        hospital.host.go_on(hours=4)
    assert left() == 3
    hospital.go_on(hours=5)
    hospital.round()
    assert left() == 2


def test_the_row_is_written_once_in_five_seconds(hospital: SetHospital) -> None:
    def written() -> float:
        with hospital.services.storage.read() as work:
            kept = work.time.get()
        assert kept
        return kept.boot_seconds

    before = written()
    hospital.host.go_on(seconds=4)
    keep_time(hospital.services)
    assert written() == before
    hospital.host.go_on(seconds=1)
    keep_time(hospital.services)
    assert written() == before + 5
