"""One patient at one clinic has one number, in whatever order appointment and clinic are chosen."""

from dataclasses import replace

import pytest

from kiosk.checkin import deliver, move, queue, undo
from kiosk.checkin.attach import attach, find_patients
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import AlreadyCheckedIn
from kiosk.model.actor import SYSTEM
from kiosk.model.appointment import Appointment
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.correction import AttachReason
from kiosk.ports.devices import SignalSource
from tests.support.at_the_kiosk import show_card
from tests.support.small_hospital import EYE, MAU_QR, STRANGER_QR, SetClock, SmallRecord, at

HERE, THERE = "kiosk-1", "kiosk-2"


def choosing(kiosk: LocalCheckIns, station: str = HERE) -> CheckInView:
    view = show_card(kiosk, MAU_QR, station)
    return kiosk.accept_name(station, view.id, view.version)


def walk_in(kiosk: LocalCheckIns, view: CheckInView, station: str = HERE, clinic: str = "mat") -> CheckInView:
    return kiosk.choose_clinic(station, view.id, view.version, clinic)


def for_appointment(
    kiosk: LocalCheckIns, view: CheckInView, station: str = HERE, appointment: str = "eye-0930"
) -> CheckInView:
    return kiosk.choose_appointment(station, view.id, view.version, appointment)


def waiting(services: Services) -> list[CheckIn]:
    with services.storage.read() as work:
        return list(work.check_ins.in_clinic("mat", services.clock.today()))


def without_the_appointment(kiosk: LocalCheckIns, record: SmallRecord, station: str = HERE) -> CheckInView:
    """The record answers the number and not the question for appointments."""
    view = show_card(kiosk, MAU_QR, station)
    record.off = True
    view = kiosk.accept_name(station, view.id, view.version)
    record.off = False
    assert view.appointments == ()
    return view


def test_choosing_the_appointment_s_clinic_takes_the_appointment(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    assert walk_in(kiosk, choosing(kiosk)).stage is Stage.ARRIVED
    deliver.send_due(services)
    assert record.statuses == {"eye-0930": "arrived"}
    assert choosing(kiosk).again
    assert [one.appointment_id for one in waiting(services)] == ["eye-0930"]


def test_of_two_appointments_at_the_chosen_clinic_it_is_the_earlier(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.booked = [replace(EYE, id="eye-1500", start=at(15)), EYE]
    walk_in(kiosk, choosing(kiosk))
    assert [one.appointment_id for one in waiting(services)] == ["eye-0930"]


def test_a_walk_in_who_then_chooses_the_appointment_keeps_the_number(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    first = walk_in(kiosk, without_the_appointment(kiosk, record))
    again = for_appointment(kiosk, choosing(kiosk))
    assert (again.again, again.ticket) == (True, first.ticket)
    assert [(one.id, one.appointment_id) for one in waiting(services)] == [(first.id, "eye-0930")]
    deliver.send_due(services)
    assert record.statuses == {"eye-0930": "arrived"}
    assert record.encounters[first.id].appointment_id == "eye-0930"


def test_a_walk_in_who_then_chooses_the_clinic_keeps_the_number_and_gets_the_appointment(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    first = walk_in(kiosk, without_the_appointment(kiosk, record))
    assert walk_in(kiosk, choosing(kiosk)).ticket == first.ticket
    assert [(one.id, one.appointment_id) for one in waiting(services)] == [(first.id, "eye-0930")]


def test_whoever_was_called_as_a_walk_in_stays_called(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    walk_in(kiosk, without_the_appointment(kiosk, record))
    queue.call_next(services, clinic_id="mat", by=SYSTEM)
    for_appointment(kiosk, choosing(kiosk))
    assert [(one.stage, one.appointment_id) for one in waiting(services)] == [(Stage.CALLED, "eye-0930")]


@pytest.mark.parametrize("appointment_first", [True, False])
def test_two_kiosks_at_once_give_one_number_for_clinic_and_appointment(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, *, appointment_first: bool
) -> None:
    here, there = without_the_appointment(kiosk, record), choosing(kiosk, THERE)
    if appointment_first:
        there, here = for_appointment(kiosk, there, THERE), walk_in(kiosk, here)
    else:
        here, there = walk_in(kiosk, here), for_appointment(kiosk, there, THERE)
    assert (here.again, there.again) == (appointment_first, not appointment_first)
    assert here.ticket == there.ticket
    assert [one.appointment_id for one in waiting(services)] == ["eye-0930"]


def test_the_number_that_was_not_given_is_the_next_patient_s(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    walk_in(kiosk, without_the_appointment(kiosk, record))
    for_appointment(kiosk, choosing(kiosk))
    with services.storage.write() as work:
        assert work.counters.next_number("mat", services.clock.today()) == 2


def test_a_second_appointment_at_the_same_clinic_has_its_own_number(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.booked.append(Appointment("eye-1500", "mau", at(15), ("Location/mat",), "booked"))
    for_appointment(kiosk, choosing(kiosk))
    view = for_appointment(kiosk, choosing(kiosk), appointment="eye-1500")
    assert not view.again
    assert [one.appointment_id for one in waiting(services)] == ["eye-0930", "eye-1500"]


def test_whose_walk_in_is_over_may_come_for_the_appointment(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    view = walk_in(kiosk, without_the_appointment(kiosk, record))
    called = queue.call_next(services, clinic_id="mat", by=SYSTEM)
    assert called
    queue.finish(services, view.id, version=called.version, by=SYSTEM)
    assert not for_appointment(kiosk, choosing(kiosk)).again


def test_who_was_nameless_in_an_outage_and_came_again_is_a_question_for_reception(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    record.off = True
    nameless = walk_in(kiosk, choosing(kiosk))
    record.off = False
    clock.pass_time(minutes=1)
    for_appointment(kiosk, choosing(kiosk, THERE), THERE)
    deliver.send_due(services)
    resolve_waiting(services)
    with services.storage.read() as work:
        kept = work.check_ins.get(nameless.id)
    assert (kept.patient, kept.help_reason) == (None, Reason.ALREADY_ARRIVED)


def test_reception_gives_no_second_number_at_a_clinic(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    walk_in(kiosk, without_the_appointment(kiosk, record))
    asking = kiosk.claim(HERE, STRANGER_QR, SignalSource.CAMERA)
    assert asking.stage is Stage.RECEPTION
    find_patients(services, asking.id, payload="BN000123", by=SYSTEM)
    version, why = asking.version, AttachReason.SHOWN_BY_ANOTHER
    with pytest.raises(AlreadyCheckedIn):
        attach(services, asking.id, version=version, patient_id="mau", clinic_id="mat", reason=why, by=SYSTEM)
    assert len(waiting(services)) == 1


def test_nobody_is_moved_to_a_clinic_where_they_have_a_number(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    for_appointment(kiosk, choosing(kiosk))
    record.off = True
    there = walk_in(kiosk, choosing(kiosk), clinic="noi")
    record.off = False
    resolve_waiting(services)
    with services.storage.read() as work:
        other = work.check_ins.get(there.id)
    assert (other.stage, other.patient and other.patient.id) == (Stage.ARRIVED, "mau")
    with pytest.raises(AlreadyCheckedIn):
        move.move(services, other.id, version=other.version, clinic_id="mat", by=SYSTEM)


def test_what_was_cancelled_does_not_come_back_beside_a_new_number(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    first = walk_in(kiosk, without_the_appointment(kiosk, record))
    move.cancel(services, first.id, version=first.version, by=SYSTEM)
    assert not for_appointment(kiosk, choosing(kiosk)).again
    with pytest.raises(AlreadyCheckedIn):
        undo.undo(services, first.id, by=SYSTEM)
