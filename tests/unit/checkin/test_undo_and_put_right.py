"""What was just done is taken back within ten seconds; what was decided earlier today is put right with a reason."""

from collections.abc import Callable

import pytest

from kiosk.checkin import assist, deliver, lists, move, open_record, queue
from kiosk.checkin.attach import attach, find_patients
from kiosk.checkin.compare_record import compare_record
from kiosk.checkin.correct import correct, possible
from kiosk.checkin.document_at_desk import inspect_at_desk
from kiosk.checkin.doubt import doubts_of
from kiosk.checkin.read_record import Access, access_to, read_record
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.checkin.undo import forget_past, open_undos, undo
from kiosk.errors import NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, DocumentKind, Stage
from kiosk.model.correction import AttachReason, Correction, CorrectionReason
from kiosk.model.doubt import DoubtKind, Doubts
from kiosk.model.identity import Assurance, PartialDate
from kiosk.model.queue import Priority
from kiosk.model.staff import Role, StaffAccount
from kiosk.ports.devices import SignalSource
from kiosk.ports.record import EncounterStatus
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord

DESK, DOCTOR = Actor.staff("desk"), Actor.staff("doc")
EYES = StaffAccount("doc", "bacsi", "BS. Thử", Role.DOCTOR, ("mat",), "")
MISTAKE = CorrectionReason.PRESSED_BY_MISTAKE
WRONG = PartialDate(1990, 5, 3)
Act = Callable[[Services, CheckIn], tuple[CheckIn, Actor]]


def arrived(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    view = kiosk.claim("kiosk-1", MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name("kiosk-1", view.id, view.version)
    view = kiosk.choose_appointment("kiosk-1", view.id, view.version, "eye-0930")
    return lists.one(services, view.id)


def attached(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    """Somebody who showed nothing and was taken for Mẫu."""
    case = lists.one(services, kiosk.help("kiosk-1", None).id)
    find_patients(services, case.id, payload="BN000123", by=DESK)
    return attach(services, case.id, version=case.version, patient_id="mau", clinic_id="mat", by=DESK)


def moved(services: Services, here: CheckIn) -> tuple[CheckIn, Actor]:
    return move.move(services, here.id, version=here.version, clinic_id="noi", by=DESK), DESK


def cancelled(services: Services, here: CheckIn) -> tuple[CheckIn, Actor]:
    return move.cancel(services, here.id, version=here.version, by=DESK), DESK


def given_priority(services: Services, here: CheckIn) -> tuple[CheckIn, Actor]:
    first = Priority.PREGNANT
    return assist.declare_priority(services, here.id, version=here.version, priority=first, by=DESK), DESK


def inspected(services: Services, here: CheckIn) -> tuple[CheckIn, Actor]:
    card = DocumentKind.CITIZEN_CARD
    return inspect_at_desk(services, here.id, version=here.version, document=card, read="2345", by=DESK), DESK


def sent_away(services: Services, here: CheckIn) -> tuple[CheckIn, Actor]:
    return open_record.not_this_person(services, here.id, version=here.version, by=DOCTOR), DOCTOR


def asked_twice(services: Services, here: CheckIn) -> tuple[CheckIn, Actor]:
    for _ in range(2):
        here = open_record.answer_open_question(
            services, here.id, version=here.version, clinic_id="mat", answer=WRONG, by=DOCTOR
        )
    return here, DOCTOR


def done(services: Services, here: CheckIn) -> tuple[CheckIn, Actor]:
    called = queue.call_next(services, clinic_id="mat", by=DOCTOR)
    assert called
    return queue.finish(services, here.id, version=called.version, by=DOCTOR), DOCTOR


ACTS = [moved, cancelled, given_priority, inspected, sent_away, asked_twice, done]


def what_counts(check_in: CheckIn) -> tuple[object, ...]:
    return (
        check_in.patient,
        check_in.ticket,
        check_in.room,
        check_in.active_key,
        check_in.assurance,
        check_in.checked,
        check_in.priority,
        check_in.arrived_at,
    )


def audited(services: Services) -> list[tuple[str, str, dict[str, str]]]:
    with services.storage.read() as work:
        return [(row.actor, row.action, dict(row.detail)) for row in work.audit.rows()]


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_undone_within_ten_seconds(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock, act: Act
) -> None:
    here = arrived(kiosk, services)
    deliver.send_due(services)
    told = dict(record.encounters), dict(record.statuses)
    after, by = act(services, here)
    clock.pass_time(seconds=9)
    deliver.send_due(services)
    back = undo(services, after.id, by=by)
    assert what_counts(back) == what_counts(here)
    assert back.stage is (Stage.CALLED if act is done else Stage.ARRIVED)
    assert audited(services)[-1][1].startswith("undo_")
    clock.pass_time(seconds=20)
    deliver.send_due(services)
    assert record.statuses == told[1]
    assert record.encounters[here.id].status is (
        EncounterStatus.IN_PROGRESS if act is done else EncounterStatus.ARRIVED
    )
    assert record.encounters[here.id].place == told[0][here.id].place
    assert [one.id for one in lists.reception_board(services).desk if one.stage is Stage.RECEPTION] == []


@pytest.mark.parametrize("act", ACTS)
def test_after_ten_seconds_or_by_another_account_nothing_is_undone(
    kiosk: LocalCheckIns, services: Services, clock: SetClock, act: Act
) -> None:
    after, by = act(services, arrived(kiosk, services))
    with pytest.raises(NotPossibleNow):
        undo(services, after.id, by=Actor.staff("somebody"))
    assert [one.check_in_id for one in open_undos(services, by=by)] == [after.id]
    clock.pass_time(seconds=10)
    with pytest.raises(NotPossibleNow):
        undo(services, after.id, by=by)
    assert open_undos(services, by=by) == []
    clock.pass_time(seconds=1)
    assert forget_past(services) == 1
    assert forget_past(services) == 0


def test_an_attachment_is_undone_and_the_record_never_hears_of_it(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    after = attached(kiosk, services)
    assist.reprint(services, after.id, by=DESK)
    deliver.send_due(services)
    assert record.encounters == {}
    back = undo(services, after.id, by=DESK)
    assert (back.stage, back.patient, back.ticket, back.active_key) == (Stage.STARTED, None, None, None)
    clock.pass_time(seconds=20)
    deliver.send_due(services)
    assert (record.encounters, record.statuses) == ({}, {"eye-0930": "booked"})


def test_what_somebody_went_on_from_is_not_undone(kiosk: LocalCheckIns, services: Services) -> None:
    after, by = moved(services, arrived(kiosk, services))
    queue.call_next(services, clinic_id="noi", by=DOCTOR)
    with pytest.raises(NotPossibleNow):
        undo(services, after.id, by=by)


def test_what_reception_went_on_with_is_not_taken_back_by_the_doctor(kiosk: LocalCheckIns, services: Services) -> None:
    after, by = sent_away(services, arrived(kiosk, services))
    case = lists.reception_board(services).desk[0]
    move.cancel(services, case.id, version=case.version, by=DESK)
    with pytest.raises(NotPossibleNow):
        undo(services, after.id, by=by)


def test_a_slip_of_the_doctor_is_no_doubt(kiosk: LocalCheckIns, services: Services) -> None:
    after, by = sent_away(services, arrived(kiosk, services))
    assert doubts_of(services, after).stands
    back = undo(services, after.id, by=by)
    assert doubts_of(services, back).rows == ()
    assert ("staff:doc", "undo_doubt", {"kind": "not_this_person"}) in audited(services)
    asked = open_record.answer_open_question(
        services, back.id, version=back.version, clinic_id="mat", answer=PartialDate(1990, 3, 5), by=DOCTOR
    )
    assert access_to(asked, EYES, services.clock.today(), doubts_of(services, asked)) is Access.OPEN


def test_wrong_dates_stay_counted_and_are_no_doubt_of_their_own(kiosk: LocalCheckIns, services: Services) -> None:
    after, by = asked_twice(services, arrived(kiosk, services))
    doubts = doubts_of(services, undo(services, after.id, by=by))
    assert ({row.kind for row in doubts.rows}, doubts.presentations, doubts.stands) == (
        {DoubtKind.OPEN_QUESTION_MISSED},
        2,
        False,
    )


def test_wrong_dates_are_not_tried_for_ever(kiosk: LocalCheckIns, services: Services) -> None:
    after, by = asked_twice(services, arrived(kiosk, services))
    back = undo(services, after.id, by=by)
    assert back.wrong_answers == 2
    closed = open_record.answer_open_question(
        services, back.id, version=back.version, clinic_id="mat", answer=WRONG, by=DOCTOR
    )
    assert closed.stage is Stage.CANCELLED
    with pytest.raises(NotPossibleNow):
        undo(services, closed.id, by=DOCTOR)


def test_the_number_stays_and_the_person_goes(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    wrong = attached(kiosk, services)
    clock.pass_time(minutes=5)
    deliver.send_due(services)
    assert record.encounters[wrong.id].patient_id == "mau"
    asked = open_record.answer_open_question(
        services, wrong.id, version=wrong.version, clinic_id="mat", answer=PartialDate(1990, 3, 5), by=DOCTOR
    )
    read_record(services, asked.id, account=EYES)
    off = correct(
        services,
        asked.id,
        version=asked.version,
        what=Correction.PERSON,
        reason=CorrectionReason.WRONG_PERSON,
        by=DESK,
    )
    assert (off.ticket, off.stage, off.room) == (wrong.ticket, Stage.ARRIVED, wrong.room)
    assert (off.patient, off.assurance, off.checked, off.appointment_id) == (None, Assurance.CLAIMED, None, None)
    assert access_to(off, EYES, services.clock.today(), Doubts()) is Access.DENIED
    assert audited(services)[-1] == (
        "staff:desk",
        "correct_person",
        {"stage": "arrived", "reason": "wrong_person", "had_open": "staff:doc"},
    )
    deliver.send_due(services)
    assert (record.encounters, record.withdrawn) == ({}, [(wrong.id, "mau")])
    assert record.statuses == {"eye-0930": "booked"}
    find_patients(services, off.id, payload="BN000777", by=DESK)
    why = AttachReason.OTHER_DOCUMENT
    right = attach(services, off.id, version=off.version, patient_id="gia", clinic_id="mat", reason=why, by=DESK)
    clock.pass_time(seconds=10)
    deliver.send_due(services)
    assert right.ticket == wrong.ticket
    assert compare_record(services, services.clock.today()) == []
    assert {key: one.patient_id for key, one in record.encounters.items()} == {f"{wrong.id}.1": "gia"}


def test_a_document_is_taken_back(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    after, _ = inspected(services, arrived(kiosk, services))
    clock.pass_time(hours=1)
    back = correct(services, after.id, version=after.version, what=Correction.DOCUMENT, reason=MISTAKE, by=DESK)
    assert (back.assurance, back.checked, back.ticket) == (Assurance.CLAIMED, None, after.ticket)


@pytest.mark.parametrize(
    ("what", "stage", "status"),
    [
        (Correction.WAITS, Stage.ARRIVED, EncounterStatus.ARRIVED),
        (Correction.GOES_ON, Stage.CALLED, EncounterStatus.IN_PROGRESS),
    ],
)
def test_who_was_done_goes_on_the_same_day(  # the fixtures
    kiosk: LocalCheckIns,
    services: Services,
    record: SmallRecord,
    clock: SetClock,
    what: Correction,
    stage: Stage,
    status: EncounterStatus,
) -> None:
    here = arrived(kiosk, services)
    after, _ = done(services, here)
    clock.pass_time(hours=1)
    deliver.send_due(services)
    assert record.encounters[here.id].status is EncounterStatus.FINISHED
    back = correct(services, after.id, version=after.version, what=what, reason=MISTAKE, by=DESK)
    assert (back.stage, back.ticket, back.active_key) == (stage, here.ticket, here.active_key)
    deliver.send_due(services)
    assert (record.encounters[here.id].status, record.encounters[here.id].ended_at) == (status, None)


def test_another_day_is_too_late(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    after, _ = done(services, arrived(kiosk, services))
    clock.pass_time(days=1)
    with pytest.raises(NotPossibleNow):
        correct(services, after.id, version=after.version, what=Correction.WAITS, reason=MISTAKE, by=DESK)


@pytest.mark.parametrize("act", [sent_away, asked_twice])
def test_reception_gives_back_what_a_clinic_closed_by_mistake(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock, act: Act
) -> None:
    here = arrived(kiosk, services)
    act(services, here)
    clock.pass_time(minutes=3)
    deliver.send_due(services)
    assert record.encounters[here.id].status is EncounterStatus.CANCELLED
    case = lists.reception_board(services).desk[0]
    assert Correction.CLOSED in possible(case)
    back = correct(services, case.id, version=case.version, what=Correction.CLOSED, reason=MISTAKE, by=DESK)
    assert (back.id, back.stage, back.ticket, back.assurance) == (
        here.id,
        Stage.ARRIVED,
        here.ticket,
        Assurance.CLAIMED,
    )
    assert lists.one(services, case.id).stage is Stage.CANCELLED
    deliver.send_due(services)
    assert record.encounters[here.id].status is EncounterStatus.ARRIVED
    assert record.statuses == {"eye-0930": "arrived"}
