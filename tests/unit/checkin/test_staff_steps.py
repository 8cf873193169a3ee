"""What doctors and reception do with a check-in."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.checkin import assist, close_day, deliver, lists, move, open_record, queue, undo
from kiosk.checkin.attach import attach, find_patients
from kiosk.checkin.forget import forget_old
from kiosk.checkin.keep_time import keep_time
from kiosk.checkin.read_record import Access, access_to, read_record
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import AccessDenied, AlreadyCheckedIn, NotFound, NotPossibleNow, StaleVersion
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, DocumentKind, Reason, Stage
from kiosk.model.clinic import RECEPTION
from kiosk.model.doubt import Doubts
from kiosk.model.identity import Assurance, PartialDate
from kiosk.model.queue import Priority
from kiosk.model.staff import Role, StaffAccount
from kiosk.ports.devices import SignalSource
from kiosk.ports.record import EncounterStatus
from tests.support.at_the_kiosk import show_card
from tests.support.small_hospital import GIA_QR, MAU_QR, STRANGER_QR, SetClock, SmallRecord

HERE = "kiosk-1"
DESK, DOCTOR = Actor.staff("desk"), Actor.staff("doc")
EYES = StaffAccount("doc", "bacsi", "BS. Thử", Role.DOCTOR, ("mat",), "")
RIGHT, WRONG = PartialDate(1990, 3, 5), PartialDate(1990, 5, 3)


def arrive(kiosk: LocalCheckIns, services: Services, payload: str = MAU_QR, clinic: str = "noi") -> CheckIn:
    view = show_card(kiosk, payload)
    if view.stage is Stage.IS_THIS_YOU:
        view = kiosk.accept_name(HERE, view.id, view.version)
        if view.appointments:
            view = kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
        else:
            view = kiosk.choose_clinic(HERE, view.id, view.version, clinic)
    return lists.one(services, view.id)


def asked_for_help(kiosk: LocalCheckIns, services: Services, station: str = HERE) -> CheckIn:
    """Somebody who has shown nothing."""
    return lists.one(services, kiosk.help(station, None).id)


def audited(services: Services) -> list[tuple[str, str]]:
    with services.storage.read() as work:
        return [(row.actor, row.action) for row in work.audit.rows()]


def test_next_calls_by_priority_then_number(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    record.booked.clear()
    young, old = arrive(kiosk, services, MAU_QR), arrive(kiosk, services, GIA_QR)
    first = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert queue.call_next(services, clinic_id="noi", by=DOCTOR) == first
    clock.pass_time(seconds=3)
    second = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert first
    assert second
    assert (first.id, second.id) == (old.id, young.id)
    clock.pass_time(seconds=3)
    assert queue.call_next(services, clinic_id="noi", by=DOCTOR) is None


def test_absent_keeps_the_number_for_when_they_come(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    called = queue.call_next(services, clinic_id="mat", by=DOCTOR)
    assert called
    absent = queue.mark_absent(services, called.id, version=called.version, by=DOCTOR)
    back = queue.bring_back(services, absent.id, version=absent.version, by=DESK)
    assert (back.stage, back.ticket) == (Stage.ARRIVED, arrived.ticket)


def test_done_ends_the_encounter(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    arrive(kiosk, services)
    called = queue.call_next(services, clinic_id="mat", by=DOCTOR)
    assert called
    done = queue.finish(services, called.id, version=called.version, by=DOCTOR)
    clock.pass_time(seconds=10)
    deliver.send_due(services)
    assert record.encounters[done.id].status is EncounterStatus.FINISHED
    with pytest.raises(NotPossibleNow):
        queue.finish(services, done.id, version=done.version, by=DOCTOR)


def test_two_people_at_once_one_wins(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    move.move(services, arrived.id, version=arrived.version, clinic_id="noi", by=DESK)
    with pytest.raises(StaleVersion):
        move.cancel(services, arrived.id, version=arrived.version, by=DESK)


def test_moving_gives_a_new_number_there_and_moving_back_the_one_of_before(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    arrived = arrive(kiosk, services)
    moved = move.move(services, arrived.id, version=arrived.version, clinic_id="noi", by=DESK)
    assert moved.ticket
    assert (moved.ticket.clinic_id, moved.ticket.number, moved.room) == ("noi", 1, "Phòng 101")
    clock.pass_time(seconds=10)
    deliver.send_due(services)
    assert record.encounters[moved.id].place == "Location/noi"
    back = move.move(services, moved.id, version=moved.version, clinic_id="mat", by=DESK)
    assert back.ticket == arrived.ticket


def test_cancelling_tells_the_record_only_after_the_time_for_undoing(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    arrived = arrive(kiosk, services)
    deliver.send_due(services)
    cancelled = move.cancel(services, arrived.id, version=arrived.version, by=DESK)
    deliver.send_due(services)
    assert record.encounters[arrived.id].status is EncounterStatus.ARRIVED
    clock.pass_time(seconds=11)
    deliver.send_due(services)
    assert record.encounters[arrived.id].status is EncounterStatus.CANCELLED
    assert record.statuses == {"eye-0930": "booked"}
    with pytest.raises(NotPossibleNow):
        undo.undo(services, cancelled.id, by=DESK)


def test_undoing_brings_back_the_same_number(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    cancelled = move.cancel(services, arrived.id, version=arrived.version, by=DESK)
    back = undo.undo(services, cancelled.id, by=DESK)
    assert (back.stage, back.ticket, back.active_key) == (Stage.ARRIVED, arrived.ticket, arrived.active_key)


def test_undoing_gives_way_to_a_new_check_in(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    cancelled = move.cancel(services, arrived.id, version=arrived.version, by=DESK)
    assert arrive(kiosk, services).id != arrived.id
    with pytest.raises(AlreadyCheckedIn):
        undo.undo(services, cancelled.id, by=DESK)


def test_reception_attaches_a_patient_and_sends_them_on(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    waiting = asked_for_help(kiosk, services)
    found = find_patients(services, waiting.id, payload="BN000123", by=DESK)
    assert [patient.id for patient in found] == ["mau"]
    attached = attach(services, waiting.id, version=waiting.version, patient_id="mau", clinic_id="mat", by=DESK)
    assert attached.ticket
    assert (attached.stage, attached.assurance, attached.appointment_id, attached.ticket.clinic_id) == (
        Stage.ARRIVED,
        Assurance.CLAIMED,
        "eye-0930",
        "mat",
    )
    clock.pass_time(seconds=10)
    deliver.send_due(services)
    assert record.encounters[waiting.id].patient_id == "mau"
    assert ("staff:desk", "find_patient") in audited(services)


@pytest.mark.parametrize(("clinic", "stage"), [("noi", Stage.CALLED), ("mat", Stage.ARRIVED)])
def test_whoever_was_called_while_the_record_was_away_is_attached_where_they_are(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clinic: str, stage: Stage
) -> None:
    record.off = True
    arrived = arrive(kiosk, services)
    called = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert called
    record.off = False
    find_patients(services, called.id, payload="BN000123", by=DESK)
    attached = attach(services, called.id, version=called.version, patient_id="mau", clinic_id=clinic, by=DESK)
    assert (attached.stage, attached.ticket == arrived.ticket) == (stage, clinic == "noi")
    assert (attached.called_at is None) == (stage is Stage.ARRIVED)


def test_whoever_was_absent_and_comes_to_the_desk_is_attached_and_waits_again(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.off = True
    arrived = arrive(kiosk, services)
    called = queue.call_next(services, clinic_id="noi", by=DOCTOR)
    assert called
    absent = queue.mark_absent(services, called.id, version=called.version, by=DOCTOR)
    record.off = False
    find_patients(services, absent.id, payload="BN000123", by=DESK)
    attached = attach(services, absent.id, version=absent.version, patient_id="mau", clinic_id="noi", by=DESK)
    assert (attached.stage, attached.ticket, attached.ended_at) == (Stage.ARRIVED, arrived.ticket, None)


def test_reception_cannot_attach_somebody_who_is_already_there(kiosk: LocalCheckIns, services: Services) -> None:
    arrive(kiosk, services)
    waiting = asked_for_help(kiosk, services, "kiosk-2")
    find_patients(services, waiting.id, payload="BN000123", by=DESK)
    with pytest.raises(AlreadyCheckedIn):
        attach(services, waiting.id, version=waiting.version, patient_id="mau", clinic_id="mat", by=DESK)
    assert lists.one(services, waiting.id).stage is Stage.STARTED


def test_a_declared_priority_names_who_confirmed_it(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    first = assist.declare_priority(services, arrived.id, version=arrived.version, priority=Priority.PREGNANT, by=DESK)
    assert (first.priority, first.priority_confirmed_by) == (Priority.PREGNANT, "staff:desk")


def test_a_claimed_check_in_opens_only_after_the_question(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    today = services.clock.today()
    assert access_to(arrived, EYES, today, Doubts()) is Access.ASK
    with pytest.raises(AccessDenied):
        read_record(services, arrived.id, account=EYES)
    assert ("staff:doc", "read_refused") in audited(services)
    asked = open_record.answer_open_question(
        services, arrived.id, version=arrived.version, clinic_id="mat", answer=RIGHT, by=DOCTOR
    )
    assert asked.assurance is Assurance.CLAIMED
    assert access_to(asked, EYES, today, Doubts()) is Access.OPEN
    assert read_record(services, arrived.id, account=EYES).patient.id == "mau"
    assert audited(services)[-1] == ("staff:doc", "read_record")


def test_the_question_opens_for_that_clinic_only(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    asked = open_record.answer_open_question(
        services, arrived.id, version=arrived.version, clinic_id="mat", answer=RIGHT, by=DOCTOR
    )
    moved = move.move(services, asked.id, version=asked.version, clinic_id="noi", by=DESK)
    elsewhere = replace(EYES, clinics=("noi",))
    assert access_to(moved, elsewhere, services.clock.today(), Doubts()) is Access.ASK
    assert access_to(moved, EYES, services.clock.today(), Doubts()) is Access.DENIED


def test_a_document_verifies(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    verified = open_record.inspect_document(
        services,
        arrived.id,
        version=arrived.version,
        clinic_id="mat",
        document=DocumentKind.CITIZEN_CARD,
        by=DOCTOR,
    )
    assert verified.checked
    assert (verified.assurance, verified.checked.document) == (Assurance.VERIFIED, DocumentKind.CITIZEN_CARD)


def test_wrong_twice_ends_it_and_reception_gets_the_claim(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    arrived = arrive(kiosk, services)
    deliver.send_due(services)
    once = open_record.answer_open_question(
        services, arrived.id, version=arrived.version, clinic_id="mat", answer=WRONG, by=DOCTOR
    )
    assert (once.stage, once.wrong_answers) == (Stage.ARRIVED, 1)
    twice = open_record.answer_open_question(
        services, once.id, version=once.version, clinic_id="mat", answer=WRONG, by=DOCTOR
    )
    assert twice.stage is Stage.CANCELLED
    desk = lists.reception_board(services).desk
    assert [(item.reason, item.patient) for item in desk] == [(Reason.OPEN_QUESTION_WRONG, None)]
    assert desk[0].claim == arrived.claim
    clock.pass_time(seconds=10)
    deliver.send_due(services)
    assert record.encounters[arrived.id].status is EncounterStatus.CANCELLED


def test_not_this_person_closes_the_record_at_once(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    asked = open_record.answer_open_question(
        services, arrived.id, version=arrived.version, clinic_id="mat", answer=RIGHT, by=DOCTOR
    )
    open_record.not_this_person(services, asked.id, version=asked.version, by=DOCTOR)
    with pytest.raises(AccessDenied):
        read_record(services, arrived.id, account=EYES)
    assert [item.reason for item in lists.reception_board(services).desk] == [Reason.NOT_THIS_PERSON]


@pytest.mark.parametrize(
    "account",
    [
        replace(EYES, role=Role.RECEPTION),
        replace(EYES, role=Role.DISPLAY),
        replace(EYES, role=Role.ADMINISTRATOR),
        replace(EYES, clinics=("noi",)),
        replace(EYES, disabled=True),
    ],
)
def test_without_a_relation_there_is_no_question_to_ask(
    kiosk: LocalCheckIns, services: Services, account: StaffAccount
) -> None:
    assert access_to(arrive(kiosk, services), account, services.clock.today(), Doubts()) is Access.DENIED


def test_tomorrow_the_relation_is_over(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    arrived = arrive(kiosk, services)
    clock.pass_time(days=1)
    assert access_to(arrived, EYES, services.clock.today(), Doubts()) is Access.DENIED


def test_the_board_shows_help_desk_and_queues(kiosk: LocalCheckIns, services: Services) -> None:
    arrived = arrive(kiosk, services)
    kiosk.help(HERE, arrived.id)
    stranger = arrive(kiosk, services, STRANGER_QR)
    board = lists.reception_board(services)
    assert [item.id for item in board.help] == [arrived.id]
    assert [item.id for item in board.desk] == [stranger.id]
    assert [item.id for item in board.queues["mat"]] == [arrived.id]
    helped = assist.help_given(services, arrived.id, by=DESK)
    assert helped.help_reason is None


def test_the_last_calls_are_the_newest_four(kiosk: LocalCheckIns, services: Services) -> None:
    arrive(kiosk, services)
    called = queue.call_next(services, clinic_id="mat", by=DOCTOR)
    assert called
    assert [item.id for item in lists.last_calls(services, clinic_ids=["mat", "noi"])] == [called.id]


@pytest.mark.parametrize(
    ("payload", "stage", "ends_as"),
    [
        (MAU_QR, Stage.ARRIVED, Stage.ABSENT),
        (MAU_QR, Stage.CALLED, Stage.DONE),
        (STRANGER_QR, Stage.RECEPTION, Stage.CANCELLED),
    ],
)
def test_after_midnight_what_nobody_ended_ends_and_is_forgotten_in_time(
    kiosk: LocalCheckIns, services: Services, clock: SetClock, payload: str, stage: Stage, ends_as: Stage
) -> None:
    arrived = arrive(kiosk, services, payload)
    if stage is Stage.CALLED:
        queue.call_next(services, clinic_id="mat", by=DOCTOR)
    deliver.send_due(services)
    assert close_day.close_earlier_days(services) == 0
    clock.pass_time(days=1)
    assert close_day.close_earlier_days(services) == 1
    assert lists.one(services, arrived.id).stage is ends_as
    assert close_day.close_earlier_days(services) == 0
    deliver.send_due(services)
    clock.pass_time(days=91)
    keep_time(services)
    assert forget_old(services, timedelta(days=90)) == 1
    with pytest.raises(NotFound):
        lists.one(services, arrived.id)


def test_a_number_of_the_desk_is_called_in_the_waiting_room_and_stays_at_the_desk(
    kiosk: LocalCheckIns, services: Services
) -> None:
    waiting = arrive(kiosk, services, STRANGER_QR)
    called = queue.call_to_desk(services, waiting.id, version=waiting.version, by=DESK)
    assert called.stage is Stage.RECEPTION
    assert [item.id for item in lists.last_calls(services, clinic_ids=[RECEPTION])] == [waiting.id]


def test_who_was_seen_is_not_offered_the_same_appointment_again(kiosk: LocalCheckIns, services: Services) -> None:
    arrive(kiosk, services)
    called = queue.call_next(services, clinic_id="mat", by=DOCTOR)
    assert called
    queue.finish(services, called.id, version=called.version, by=DOCTOR)
    deliver.send_due(services)
    view = show_card(kiosk, MAU_QR, "kiosk-2")
    view = kiosk.accept_name("kiosk-2", view.id, view.version)
    assert (view.stage, view.appointments) == (Stage.CHOOSING, ())


def test_an_absent_patient_is_arrived_and_not_in_progress_in_the_record(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    arrive(kiosk, services)
    called = queue.call_next(services, clinic_id="mat", by=DOCTOR)
    assert called
    deliver.send_due(services)
    queue.mark_absent(services, called.id, version=called.version, by=DOCTOR)
    deliver.send_due(services)
    assert record.encounters[called.id].status is EncounterStatus.ARRIVED


def test_a_clinic_gives_one_number_to_one_patient(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.booked.append(replace(record.booked[0], id="noi-1400", places=("Location/noi",)))
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    first = kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930")
    view = show_card(kiosk, MAU_QR, "kiosk-2")
    view = kiosk.accept_name("kiosk-2", view.id, view.version)
    second = kiosk.choose_clinic("kiosk-2", view.id, view.version, "mat")
    assert first.ticket
    assert second.ticket
    assert (second.again, second.ticket.code) == (True, first.id)


def test_who_pressed_for_help_stays_on_the_list_after_walking_away(kiosk: LocalCheckIns, services: Services) -> None:
    view = kiosk.start(HERE, "vi")
    kiosk.help(HERE, view.id)
    kiosk.leave(HERE, view.id)
    assert [item.id for item in lists.reception_board(services).help] == [view.id]
