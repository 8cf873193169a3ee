"""What a face showed is worth nothing for another person, another patient, or after somebody else's decision."""

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.checkin import close_day, enrol_at_desk, known_chips, lists, move, open_record, undo
from kiosk.checkin.attach import attach, find_patients
from kiosk.checkin.resolve_waiting import resolve_waiting
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import NotPossibleNow
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, DocumentKind, Enrolment, Intent, Reason, Stage
from kiosk.model.chip_card import ChipReading
from kiosk.model.correction import AttachReason
from kiosk.model.face import AttackOutcome, FaceFeatures, FaceOutcome
from kiosk.model.identity import Assurance, PartialDate
from kiosk.ports.devices import SignalSource
from tests.support.at_the_kiosk import show_card
from tests.support.small_faces import GENUINE, enrol, face, sample, with_faces
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE, THERE = "kiosk-1", "kiosk-2"
DESK, OTHER, DOCTOR = Actor.staff("desk"), Actor.staff("other"), Actor.staff("doc")
MAU_FACE, GIA_FACE, STRANGER = face(1), face(2), face(3)
BORN = PartialDate(1990, 3, 5)


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: SmallRecord, bus: MemoryBus) -> Services:
    plain = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)
    return with_faces(plain, tmp_path, clock, portrait=MAU_FACE)


def at_camera(kiosk: LocalCheckIns) -> CheckInView:
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    return kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)


def take(
    kiosk: LocalCheckIns, view: CheckInView, features: FaceFeatures, attack: AttackOutcome = AttackOutcome.LIVE
) -> CheckInView:
    attempt = kiosk.face_attempt(view_station(kiosk, view), view.id)
    assert attempt
    return kiosk.claim_face(view_station(kiosk, view), view.id, sample(attempt, features, attack))


def view_station(kiosk: LocalCheckIns, view: CheckInView) -> str:
    return lists.one(kiosk.services, view.id).station_id


def known_by_face(kiosk: LocalCheckIns) -> CheckInView:
    view = take(kiosk, at_camera(kiosk), MAU_FACE)
    return kiosk.answer_birth_date(HERE, view.id, view.version, BORN)


def shown(kiosk: LocalCheckIns, reading: ChipReading | None = None) -> CheckInView:
    view = show_card(kiosk, MAU_QR)
    if reading:
        view = kiosk.claim_chip(HERE, view.id, reading)
    return kiosk.accept_name(HERE, view.id, view.version)


def proven(kiosk: LocalCheckIns) -> CheckInView:
    view = shown(kiosk, GENUINE)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    return take(kiosk, view, MAU_FACE)


def attach_gia(services: Services, view: CheckInView) -> CheckIn:
    version = lists.one(services, view.id).version
    find_patients(services, view.id, payload="BN000777", by=DESK)
    why = AttachReason.SHOWN_BY_ANOTHER
    return attach(services, view.id, version=version, patient_id="gia", clinic_id="mat", reason=why, by=DESK)


def test_whom_reception_attaches_has_not_the_level_of_the_one_before(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    attached = attach_gia(services, known_by_face(kiosk))
    assert (attached.assurance, attached.face) == (Assurance.CLAIMED, None)


def test_whom_no_clinic_takes_has_no_level_at_the_desk(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord, clock: SetClock
) -> None:
    record.booked.clear()
    enrol(services, "mau", MAU_FACE)
    clock.pass_time(hours=11)
    view = known_by_face(kiosk)
    view = kiosk.accept_name(HERE, view.id, view.version)
    check_in = lists.one(services, view.id)
    assert (check_in.stage, check_in.assurance) == (Stage.RECEPTION, Assurance.CLAIMED)


def test_a_chip_that_the_record_does_not_know_ends_the_level_of_a_face(
    kiosk: LocalCheckIns, services: Services
) -> None:
    enrol(services, "mau", MAU_FACE)
    view = known_by_face(kiosk)
    assert GENUINE.citizen
    other = replace(GENUINE, citizen=replace(GENUINE.citizen, name="Nguyễn Thị Khác"))
    kiosk.claim_chip(HERE, view.id, other)
    assert lists.one(services, view.id).assurance is Assurance.CLAIMED


def test_a_face_taken_for_one_patient_is_not_kept_for_another(kiosk: LocalCheckIns, services: Services) -> None:
    view = proven(kiosk)
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    attach_gia(services, view)
    view = kiosk.enrol_face(HERE, view.id, MAU_FACE)
    assert view.face.enrolment is Enrolment.NOT_KEPT
    with services.storage.read() as work:
        assert work.faces.of_patient("gia") is None


def arrived(kiosk: LocalCheckIns, view: CheckInView) -> CheckIn:
    if view.stage is Stage.FACE_CONSENT:
        view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=False)
    view = kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930")
    return lists.one(kiosk.services, view.id)


def test_not_this_person_forgets_the_face_that_was_enrolled_today(kiosk: LocalCheckIns, services: Services) -> None:
    view = proven(kiosk)
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    view = kiosk.enrol_face(HERE, view.id, MAU_FACE)
    here = arrived(kiosk, view)
    open_record.not_this_person(services, here.id, version=here.version, by=DOCTOR)
    with services.storage.read() as work:
        assert work.faces.of_patient("mau") is None


def sent(kiosk: LocalCheckIns, services: Services, clock: SetClock, reading: ChipReading | None = None) -> CheckIn:
    here = arrived(kiosk, shown(kiosk, reading))
    here = open_record.inspect_document(
        services, here.id, version=here.version, clinic_id="mat", document=DocumentKind.CITIZEN_CARD, by=DESK
    )
    clock.pass_time(minutes=2)
    return enrol_at_desk.send(services, here.id, version=here.version, station_id=THERE, second=OTHER, by=DESK)


def test_the_kiosk_names_whom_reception_sent(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    assert kiosk.view(THERE, sent(kiosk, services, clock).id).masked_name == "NGUYỄN T** M**"


def test_nobody_is_sent_where_somebody_reads_their_number(kiosk: LocalCheckIns, services: Services) -> None:
    here = arrived(kiosk, shown(kiosk))
    here = open_record.inspect_document(
        services, here.id, version=here.version, clinic_id="mat", document=DocumentKind.PASSPORT, by=DESK
    )
    with pytest.raises(NotPossibleNow, match="somebody stands"):
        enrol_at_desk.send(services, here.id, version=here.version, station_id=HERE, second=OTHER, by=DESK)


def test_whoever_is_not_whom_the_chip_shows_is_not_kept(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    there = sent(kiosk, services, clock, GENUINE)
    view = kiosk.answer_enrolment(THERE, there.id, there.version, agreed=True)
    assert take(kiosk, view, STRANGER).face.enrolment is Enrolment.NOT_KEPT


def test_whose_check_in_was_closed_meanwhile_is_not_kept(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    there = sent(kiosk, services, clock)
    here = lists.one(services, there.sent_from or "")
    open_record.not_this_person(services, here.id, version=here.version, by=DOCTOR)
    view = kiosk.answer_enrolment(THERE, there.id, there.version, agreed=True)
    assert take(kiosk, view, MAU_FACE).face.enrolment is Enrolment.NOT_KEPT


def test_a_stolen_card_has_two_tries_a_day(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    for _ in range(2):
        view = shown(kiosk)
        view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
        view = take(kiosk, view, STRANGER)
        kiosk.leave(HERE, view.id)
    assert shown(kiosk).stage is Stage.CHOOSING


def test_photographs_close_the_search_at_a_station_for_a_while(kiosk: LocalCheckIns, clock: SetClock) -> None:
    for _ in range(3):
        view = at_camera(kiosk)
        for _ in range(2):
            view = take(kiosk, view, MAU_FACE, AttackOutcome.ATTACK)
    assert not kiosk.start(HERE, "vi").face.offered
    assert kiosk.start(THERE, "vi").face.offered
    clock.pass_time(minutes=11)
    assert kiosk.start(HERE, "vi").face.offered


def test_tries_spent_at_another_kiosk_count_here(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    view = take(kiosk, at_camera(kiosk), MAU_FACE)
    with services.storage.write() as work:
        for _ in range(2):
            work.face_attempts.add_miss("Patient/mau", services.clock.now())
    assert kiosk.answer_birth_date(HERE, view.id, view.version, BORN).missed


def test_misses_by_face_do_not_close_typing(kiosk: LocalCheckIns) -> None:
    for _ in range(3):
        view = take(kiosk, at_camera(kiosk), STRANGER)
        for _ in range(2):
            view = kiosk.answer_birth_date(HERE, view.id, view.version, BORN)
    assert not kiosk.start(HERE, "vi").typing_closed


def test_what_reception_cancelled_comes_back_without_its_face(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    view = known_by_face(kiosk)
    move.cancel(services, view.id, version=view.version, by=DESK)
    back = undo.undo(services, view.id, by=DESK)
    assert back.assurance is Assurance.CLAIMED
    assert back.face
    assert not back.face.present


def test_a_card_reported_lost_ends_what_its_holder_at_a_kiosk_has_proven(
    kiosk: LocalCheckIns, services: Services
) -> None:
    here = arrived(kiosk, shown(kiosk, GENUINE))
    known_chips.bind(services, here.id, version=here.version, by=DESK)
    move.cancel(services, here.id, version=here.version + 1, by=DESK)
    view = proven(kiosk)
    assert view.stage is Stage.ENROL_CONSENT
    chip = known_chips.chips_of(services, lists.one(services, view.id))[0]
    known_chips.report_lost(services, chip.id, lost=True, by=DESK)
    check_in = lists.one(services, view.id)
    assert (check_in.stage, check_in.assurance) == (Stage.CHOOSING, Assurance.CLAIMED)


@pytest.mark.parametrize("stage", [Stage.FACE_CONSENT, Stage.FACE, Stage.BIRTH_DATE])
def test_a_chip_at_a_step_of_a_search_leads_to_the_name(kiosk: LocalCheckIns, services: Services, stage: Stage) -> None:
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    if stage is not Stage.FACE_CONSENT:
        view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    if stage is Stage.BIRTH_DATE:
        view = take(kiosk, view, STRANGER)
    assert view.stage is stage
    view = kiosk.claim_chip(HERE, view.id, GENUINE)
    check_in = lists.one(services, view.id)
    assert (view.stage, check_in.face, check_in.face_consent) == (Stage.IS_THIS_YOU, None, None)


def test_a_sample_whose_comparison_broke_off_ends_the_face_and_nothing_else(
    kiosk: LocalCheckIns, services: Services
) -> None:
    view = at_camera(kiosk)
    attempt = kiosk.face_attempt(HERE, view.id)
    assert attempt
    with services.storage.write() as work:
        work.face_attempts.use(attempt.id, services.clock.now())
    view = kiosk.claim_face(HERE, view.id, sample(attempt, MAU_FACE))
    assert (view.stage, view.face.closed) == (Stage.STARTED, True)


def test_forgetting_by_a_typed_number_without_the_record_is_for_a_person(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    view = kiosk.start(HERE, "vi", Intent.FORGET_FACE)
    view = kiosk.claim(HERE, "001190012345", SignalSource.TYPED)
    record.off = True
    view = kiosk.answer_birth_date(HERE, view.id, view.version, BORN)
    check_in = lists.one(services, view.id)
    assert (check_in.stage, check_in.reason) == (Stage.RECEPTION, Reason.ASKED_FOR_HELP)


def test_who_was_withdrawn_before_the_answer_is_nobody(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    view = take(kiosk, at_camera(kiosk), MAU_FACE)
    with services.storage.write() as work:
        work.faces.forget("mau", services.clock.now())
    assert kiosk.answer_birth_date(HERE, view.id, view.version, BORN).missed


def test_what_a_search_found_is_told_to_nobody_before_it_is_confirmed(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    outcomes = set()
    for features in (MAU_FACE, STRANGER):
        check_in = lists.one(services, take(kiosk, at_camera(kiosk), features).id)
        outcomes.add(check_in.face.outcome if check_in.face else None)
    assert outcomes == {FaceOutcome.TAKEN}


def test_midnight_forgets_whom_a_search_found(kiosk: LocalCheckIns, services: Services, clock: SetClock) -> None:
    enrol(services, "mau", MAU_FACE)
    view = take(kiosk, at_camera(kiosk), MAU_FACE)
    clock.pass_time(days=1)
    close_day.close_earlier_days(services)
    check_in = lists.one(services, view.id)
    assert (check_in.stage, check_in.candidate) == (Stage.ABANDONED, None)


def test_resolving_later_raises_nothing(kiosk: LocalCheckIns, services: Services, record: SmallRecord) -> None:
    record.off = True
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_clinic(HERE, view.id, view.version, "mat")
    record.off = False
    resolve_waiting(services)
    assert lists.one(services, view.id).assurance is Assurance.CLAIMED
