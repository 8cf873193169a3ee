"""Two things happen at the worst moment for each other: nobody is lost, and nobody is taken for somebody else."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from kiosk.checkin import close_day, deliver, lists, move, open_record, queue, undo
from kiosk.checkin.attach import attach, find_patients
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import NotPossibleNow, RecordRefused, StorageError
from kiosk.model.actor import Actor
from kiosk.model.appointment import Appointment
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.correction import AttachReason
from kiosk.model.identity import Identifier, PartialDate, Patient
from kiosk.ports.devices import SignalSource
from kiosk.ports.record import EncounterStatus
from kiosk.ports.storage import Storage, Work
from tests.support.at_the_kiosk import show_card
from tests.support.small_hospital import GIA, GIA_QR, MAU, MAU_QR, STRANGER_QR, SetClock, SmallRecord, at

HERE = "kiosk-1"
DESK, DOCTOR = Actor.staff("desk"), Actor.staff("doc")
WRONG = PartialDate(1990, 5, 3)


def show(kiosk: LocalCheckIns, payload: str) -> CheckInView:
    return show_card(kiosk, payload)


def say_yes(kiosk: LocalCheckIns, view: CheckInView) -> CheckInView:
    return kiosk.accept_name(HERE, view.id, view.version)


def arrive(kiosk: LocalCheckIns, payload: str) -> CheckInView:
    view = say_yes(kiosk, show(kiosk, payload))
    if view.appointments:
        return kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
    return kiosk.choose_clinic(HERE, view.id, view.version, "noi")


def kept(services: Services, check_in_id: str) -> CheckIn:
    return lists.one(services, check_in_id)


def call(services: Services, clinic: str = "noi") -> CheckIn:
    called = queue.call_next(services, clinic_id=clinic, by=DOCTOR)
    assert called
    return called


def cancel(services: Services, check_in_id: str) -> CheckIn:
    return move.cancel(services, check_in_id, version=kept(services, check_in_id).version, by=DESK)


class RefusingRecord(SmallRecord):
    """Understands every question and refuses it."""

    def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
        raise RecordRefused(f"a search for {identifier.system} was refused")


def test_a_record_that_answers_again_while_the_patient_stands_there_is_asked_after_the_number(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.off = True
    view = show(kiosk, GIA_QR)
    record.off = False
    assert resolve_waiting(services) == 0
    view = say_yes(kiosk, view)
    view = kiosk.choose_clinic(HERE, view.id, view.version, "noi")
    assert resolve_waiting(services) == 1
    assert kept(services, view.id).patient == GIA


def test_whoever_was_seen_before_the_record_answered_is_told_to_it(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.off = True
    view = arrive(kiosk, GIA_QR)
    called = call(services)
    queue.finish(services, called.id, version=called.version, by=DOCTOR)
    record.off = False
    assert resolve_waiting(services) == 1
    deliver.send_due(services)
    assert record.encounters[view.id].status is EncounterStatus.FINISHED
    assert kept(services, view.id).active_key is None


def test_whoever_was_called_on_a_day_without_the_record_is_told_to_it_the_next_day(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    record.off = True
    view = arrive(kiosk, GIA_QR)
    call(services)
    clock.pass_time(days=1)
    close_day.close_earlier_days(services)
    record.off = False
    resolve_waiting(services)
    deliver.send_due(services)
    assert record.encounters[view.id].status is EncounterStatus.FINISHED


def test_a_consultation_that_nobody_ended_is_over_in_the_record_the_next_day(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    view = arrive(kiosk, GIA_QR)
    call(services)
    deliver.send_due(services)
    assert record.encounters[view.id].status is EncounterStatus.IN_PROGRESS
    clock.pass_time(days=1)
    close_day.close_earlier_days(services)
    deliver.send_due(services)
    assert record.encounters[view.id].status is EncounterStatus.FINISHED


def test_a_cancelled_check_in_does_not_keep_later_ones_from_being_resolved(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    record.off = True
    cancel(services, arrive(kiosk, MAU_QR).id)
    clock.pass_time(minutes=1)
    view = arrive(kiosk, GIA_QR)
    record.off = False
    resolve_waiting(services, limit=1)
    assert kept(services, view.id).patient == GIA


def test_a_record_that_refuses_still_lets_the_patient_have_a_number(services: Services) -> None:
    kiosk = LocalCheckIns(replace(services, record=RefusingRecord()))
    view = arrive(kiosk, GIA_QR)
    assert (view.stage, view.record_unreachable) == (Stage.ARRIVED, True)


def test_what_the_record_refuses_to_look_up_goes_to_reception(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.off = True
    view = arrive(kiosk, GIA_QR)
    assert resolve_waiting(replace(services, record=RefusingRecord())) == 1
    after = kept(services, view.id)
    assert (after.stage, after.patient, after.help_reason) == (Stage.ARRIVED, None, Reason.RECORD_DISAGREES)


def test_a_case_that_a_doctor_sends_to_reception_is_not_shown_at_the_kiosk_to_the_next_patient(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    sent_away = arrive(kiosk, GIA_QR)
    clock.pass_time(seconds=30)
    there = show(kiosk, MAU_QR)
    clock.pass_time(seconds=10)
    version = kept(services, sent_away.id).version
    open_record.not_this_person(services, sent_away.id, version=version, by=DOCTOR)
    clock.pass_time(seconds=10)
    there = say_yes(kiosk, there)
    there = kiosk.choose_clinic(HERE, there.id, there.version, "noi")
    assert kiosk.newest(HERE) == there


def test_a_case_that_a_doctor_sends_to_reception_is_not_shown_at_an_empty_kiosk(
    kiosk: LocalCheckIns, services: Services
) -> None:
    sent_away = arrive(kiosk, GIA_QR)
    version = kept(services, sent_away.id).version
    open_record.not_this_person(services, sent_away.id, version=version, by=DOCTOR)
    newest = kiosk.newest(HERE)
    assert newest
    assert newest.id == sent_away.id


def test_a_late_cancellation_does_not_take_back_the_appointment_of_a_new_check_in(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    first = arrive(kiosk, MAU_QR)
    cancel(services, first.id)
    second = arrive(kiosk, MAU_QR)
    deliver.send_due(services)
    clock.pass_time(seconds=11)
    deliver.send_due(services)
    assert record.statuses == {"eye-0930": "arrived"}
    assert record.encounters[first.id].status is EncounterStatus.CANCELLED
    assert record.encounters[second.id].status is EncounterStatus.ARRIVED


def test_an_absent_patient_who_shows_the_code_again_waits_again(kiosk: LocalCheckIns, services: Services) -> None:
    first = arrive(kiosk, GIA_QR)
    called = call(services)
    queue.mark_absent(services, called.id, version=called.version, by=DOCTOR)
    again = say_yes(kiosk, show(kiosk, GIA_QR))
    assert again.ticket
    assert first.ticket
    assert (again.again, again.ticket.number) == (True, first.ticket.number)
    assert call(services).id == first.id


def test_a_number_that_reception_cancels_at_that_moment_is_not_shown_again(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.booked.clear()
    first = arrive(kiosk, MAU_QR)
    view = show(kiosk, MAU_QR)

    class CancelledMeanwhile(SmallRecord):
        def appointments(self, patient_id: str, day: date) -> Sequence[Appointment]:
            cancel(services, first.id)
            return super().appointments(patient_id, day)

    after = say_yes(LocalCheckIns(replace(services, record=CancelledMeanwhile(booked=[]))), view)
    assert (after.stage, after.ticket) == (Stage.IS_THIS_YOU, None)


def test_undoing_does_not_bring_a_patient_back_to_a_kiosk_where_the_next_one_stands(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    cancelled = cancel(services, say_yes(kiosk, show(kiosk, GIA_QR)).id)
    clock.pass_time(seconds=1)
    arrive(kiosk, MAU_QR)
    with pytest.raises(NotPossibleNow):
        undo.undo(services, cancelled.id, by=DESK)
    assert kiosk.current(HERE) is None


def test_undoing_does_not_open_what_a_doctor_closed(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = kept(services, arrive(kiosk, GIA_QR).id)
    closed = open_record.not_this_person(services, arrived.id, version=arrived.version, by=DOCTOR)
    with pytest.raises(NotPossibleNow):
        undo.undo(services, closed.id, by=DESK)


@pytest.fixture
def all_day(services: Services) -> Services:
    clinics = {key: replace(one, opens=time(0), closes=time.max) for key, one in services.clinics.items()}
    return replace(services, clinics=clinics)


@pytest.mark.parametrize("payload", [GIA_QR, STRANGER_QR])
def test_whoever_begins_before_midnight_waits_among_those_of_the_new_day(
    all_day: Services, clock: SetClock, payload: str
) -> None:
    kiosk = LocalCheckIns(all_day)
    clock.moment = at(23, 59)
    kiosk.start(HERE, "vi")
    begun = show(kiosk, payload) if payload is GIA_QR else None
    clock.pass_time(minutes=2)
    assert close_day.close_earlier_days(all_day) == 0
    view = say_yes(kiosk, begun) if begun else show(kiosk, payload)
    if begun:
        view = kiosk.choose_clinic(HERE, view.id, view.version, "noi")
    clinic = "noi" if begun else "reception"
    waiting = lists.clinic_list(all_day, clinic_ids=[clinic])
    assert [(one.id, one.day) for one in waiting] == [(view.id, all_day.clock.today())]


def test_after_midnight_a_screen_that_nobody_touched_ends(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    clock.moment = at(23, 30)
    view = kiosk.start(HERE, "vi")
    clock.pass_time(minutes=31)
    assert close_day.close_earlier_days(services) == 1
    assert kept(services, view.id).stage is Stage.ABANDONED


def test_a_number_known_twice_and_a_wrong_date_look_like_an_unknown_number(
    kiosk: LocalCheckIns, record: SmallRecord
) -> None:
    record.patients.append(replace(MAU, id="again"))
    view = kiosk.claim(HERE, "BN000123", SignalSource.TYPED)
    view = kiosk.answer_birth_date(HERE, view.id, view.version, WRONG)
    assert (view.stage, view.missed) == (Stage.BIRTH_DATE, True)
    view = kiosk.answer_birth_date(HERE, view.id, view.version, PartialDate(1990, 3, 5))
    assert view.stage is Stage.RECEPTION


def test_a_code_read_while_somebody_touches_start_belongs_to_that_check_in(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    class TouchedMeanwhile(SmallRecord):
        def find_patients(self, identifier: Identifier) -> Sequence[Patient]:
            kiosk.start(HERE, "en")
            return record.find_patients(identifier)

    view = show(LocalCheckIns(replace(services, record=TouchedMeanwhile())), GIA_QR)
    assert (view.stage, view.language) == (Stage.IS_THIS_YOU, "en")
    view = say_yes(kiosk, view)
    kiosk.choose_clinic(HERE, view.id, view.version, "noi")
    assert kiosk.current(HERE) is None


def test_a_number_called_to_the_desk_is_not_called_to_the_clinic(kiosk: LocalCheckIns, services: Services) -> None:
    waiting = kept(services, show(kiosk, STRANGER_QR).id)
    waiting = queue.call_to_desk(services, waiting.id, version=waiting.version, by=DESK)
    find_patients(services, waiting.id, payload="BN000777", by=DESK)
    other = AttachReason.OTHER_DOCUMENT
    attach(services, waiting.id, version=waiting.version, patient_id="gia", clinic_id="noi", reason=other, by=DESK)
    assert lists.last_calls(services, clinic_ids=["noi"]) == []


class OnceBusyStorage:
    """A database whose second writer waits too long."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._writers = 0

    def read(self) -> AbstractContextManager[Work]:
        return self._storage.read()

    @contextmanager
    def write(self) -> Iterator[Work]:
        self._writers += 1
        if self._writers == 2:
            raise StorageError("busy")
        with self._storage.write() as work:
            yield work

    def beat(self, at: datetime) -> None:
        self._storage.beat(at)

    def finish_erasure(self) -> None:
        self._storage.finish_erasure()

    def forget_ended(self, before: date, now: datetime) -> int:
        return self._storage.forget_ended(before, now)


def test_what_was_committed_has_happened_even_if_telling_it_fails(services: Services) -> None:
    kiosk = LocalCheckIns(replace(services, storage=OnceBusyStorage(services.storage)))
    assert kiosk.start(HERE, "vi").stage is Stage.STARTED
    assert services.publish() > 0
