"""Comparing a face with one person, keeping it for the next visit, and forgetting it."""

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.checkin import lists, withdraw
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, Enrolment, Intent, Reason, Stage
from kiosk.model.chip_card import ChipReading, ChipReason, ChipVerdict
from kiosk.model.face import AttackOutcome, FaceFeatures, FaceOutcome, FacePath
from kiosk.model.identity import Assurance, PartialDate
from kiosk.ports.devices import SignalSource
from tests.support.small_faces import GENUINE, enrol, face, sample, with_faces
from tests.support.small_hospital import MAU, MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"
DESK = Actor.staff("desk")
MAU_FACE, STRANGER = face(1), face(3)
BORN = PartialDate(1990, 3, 5)
CONSISTENT = replace(GENUINE, verdict=ChipVerdict.CONSISTENT, reasons=(ChipReason.ISSUER_UNKNOWN,))


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: SmallRecord, bus: MemoryBus) -> Services:
    plain = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)
    return with_faces(plain, tmp_path, clock, portrait=MAU_FACE)


def shown(kiosk: LocalCheckIns, reading: ChipReading | None = None) -> CheckInView:
    """The citizen's code, perhaps its chip, and "that is me"."""
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    if reading:
        view = kiosk.claim_chip(HERE, view.id, reading)
    return kiosk.accept_name(HERE, view.id, view.version)


def compared(kiosk: LocalCheckIns, view: CheckInView, features: FaceFeatures) -> CheckInView:
    assert view.stage is Stage.FACE_CONSENT
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    attempt = kiosk.face_attempt(HERE, view.id)
    assert attempt
    return kiosk.claim_face(HERE, view.id, sample(attempt, features))


def kept(services: Services, view: CheckInView) -> CheckIn:
    return lists.one(services, view.id)


def test_a_code_and_the_enrolled_face_are_verified(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    view = compared(kiosk, shown(kiosk), MAU_FACE)
    check_in = kept(services, view)
    assert (check_in.stage, check_in.assurance) == (Stage.CHOOSING, Assurance.VERIFIED)
    assert check_in.face
    assert check_in.face.path is FacePath.ENROLLED


def test_each_opening_of_a_reference_is_an_audit_row(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    compared(kiosk, shown(kiosk), MAU_FACE)
    with services.storage.read() as work:
        assert "open_face_reference" in [row.action for row in work.audit.rows()]


def test_a_code_without_a_reference_asks_nothing(kiosk: LocalCheckIns, services: Services) -> None:
    view = shown(kiosk)
    assert (view.stage, kept(services, view).assurance) == (Stage.CHOOSING, Assurance.CLAIMED)


def test_a_stranger_with_the_card_stays_claimed_and_goes_on(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    view = compared(kiosk, shown(kiosk), STRANGER)
    check_in = kept(services, view)
    assert (check_in.stage, check_in.assurance) == (Stage.CHOOSING, Assurance.CLAIMED)
    assert check_in.face
    assert check_in.face.outcome is FaceOutcome.MISS
    assert view.appointments


def test_whoever_declines_goes_on_and_staff_compare(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    view = shown(kiosk)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=False)
    assert (view.stage, kept(services, view).assurance) == (Stage.CHOOSING, Assurance.CLAIMED)


def test_a_genuine_chip_and_its_portrait_prove_it(kiosk: LocalCheckIns, services: Services) -> None:
    view = compared(kiosk, shown(kiosk, GENUINE), MAU_FACE)
    assert (view.stage, kept(services, view).assurance) == (Stage.ENROL_CONSENT, Assurance.PROVEN)


def test_a_consistent_chip_of_an_unknown_issuer_is_not_compared_with_its_own_portrait(
    kiosk: LocalCheckIns,
) -> None:
    assert shown(kiosk, CONSISTENT).stage is Stage.CHOOSING


def test_another_face_than_the_portrait_is_no_refusal(kiosk: LocalCheckIns, services: Services) -> None:
    view = compared(kiosk, shown(kiosk, GENUINE), STRANGER)
    check_in = kept(services, view)
    assert (check_in.stage, check_in.assurance, check_in.help_reason) == (Stage.CHOOSING, Assurance.CLAIMED, None)
    with services.storage.read() as work:
        assert sum(work.face_attempts.score_counts(FacePath.PORTRAIT).values()) == 1


def test_under_eighteen_nobody_compares(kiosk: LocalCheckIns, services: Services, record: SmallRecord) -> None:
    enrol(services, "mau", MAU_FACE)
    record.patients[0] = replace(MAU, birth_date=PartialDate(2012, 3, 5))
    view = kiosk.claim(HERE, MAU_QR.replace("05031990", "05032012"), SignalSource.CAMERA)
    assert kiosk.accept_name(HERE, view.id, view.version).stage is Stage.CHOOSING


def test_a_twin_s_chip_is_compared_by_staff(kiosk: LocalCheckIns, record: SmallRecord) -> None:
    record.patients[0] = replace(MAU, multiple_birth=True)
    assert shown(kiosk, GENUINE).stage is Stage.CHOOSING


def test_who_agrees_is_enrolled_and_known_the_next_time(kiosk: LocalCheckIns) -> None:
    view = compared(kiosk, shown(kiosk, GENUINE), MAU_FACE)
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    assert (view.stage, view.face.enrolment) == (Stage.CHOOSING, Enrolment.WANTED)
    view = kiosk.enrol_face(HERE, view.id, MAU_FACE)
    assert view.face.enrolment is Enrolment.DONE
    kiosk.leave(HERE, view.id)
    assert shown(kiosk).stage is Stage.FACE_CONSENT


def test_who_declines_is_not_enrolled(kiosk: LocalCheckIns, services: Services) -> None:
    view = compared(kiosk, shown(kiosk, GENUINE), MAU_FACE)
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=False)
    assert kiosk.enrol_face(HERE, view.id, MAU_FACE).face.enrolment is Enrolment.DECLINED
    with services.storage.read() as work:
        assert work.faces.of_patient("mau") is None


def test_a_face_that_left_is_not_enrolled(kiosk: LocalCheckIns, services: Services) -> None:
    view = compared(kiosk, shown(kiosk, GENUINE), MAU_FACE)
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    view = kiosk.face_left(HERE, view.id)
    assert view.face.enrolment is Enrolment.NOT_KEPT
    kiosk.enrol_face(HERE, view.id, MAU_FACE)
    with services.storage.read() as work:
        assert work.faces.of_patient("mau") is None


def test_somebody_enrolled_who_looks_alike_is_for_reception(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "gia", face(2, like=1, cosine=0.7))
    view = compared(kiosk, shown(kiosk, GENUINE), MAU_FACE)
    view = kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)
    view = kiosk.enrol_face(HERE, view.id, MAU_FACE)
    check_in = kept(services, view)
    assert (check_in.enrolment, check_in.help_reason) == (Enrolment.NOT_KEPT, Reason.FACE_NEEDS_STAFF)
    with services.storage.read() as work:
        other = work.faces.of_patient("gia")
    assert other
    assert other.look_alike


def test_who_is_not_proven_cannot_be_enrolled(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    view = compared(kiosk, shown(kiosk), MAU_FACE)
    assert kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True).stage is Stage.CHOOSING
    assert kiosk.enrol_face(HERE, view.id, MAU_FACE).face.enrolment is Enrolment.NOT_ASKED


@pytest.mark.parametrize("was_kept", [True, False])
def test_forgetting_says_the_same_whether_or_not_a_face_was_kept(
    kiosk: LocalCheckIns, services: Services, *, was_kept: bool
) -> None:
    if was_kept:
        enrol(services, "mau", MAU_FACE)
    view = kiosk.start(HERE, "vi", Intent.FORGET_FACE)
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    assert (view.stage, view.masked_name, view.ticket) == (Stage.FORGOTTEN, None, None)
    with services.storage.read() as work:
        assert work.faces.of_patient("mau") is None
    assert kept(services, view).patient is None


def test_forgetting_without_the_record_is_for_a_person(
    kiosk: LocalCheckIns, services: Services, record: SmallRecord
) -> None:
    record.off = True
    view = kiosk.start(HERE, "vi", Intent.FORGET_FACE)
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    assert kept(services, view).stage is Stage.RECEPTION


def test_after_withdrawal_nobody_finds_the_face(services: Services) -> None:
    reference = enrol(services, "mau", MAU_FACE)
    assert services.faces
    assert services.faces.gallery
    services.faces.gallery.refresh()
    assert services.faces.gallery.holds() == [reference.id]
    assert withdraw.withdraw(services, "mau", by=DESK)
    services.faces.gallery.refresh()
    assert services.faces.gallery.holds() == []
    assert not withdraw.withdraw(services, "mau", by=DESK)


def test_a_photograph_of_the_card_s_holder_proves_nothing(kiosk: LocalCheckIns, services: Services) -> None:
    view = shown(kiosk, GENUINE)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    for _ in range(2):
        attempt = kiosk.face_attempt(HERE, view.id)
        assert attempt
        view = kiosk.claim_face(HERE, view.id, sample(attempt, MAU_FACE, AttackOutcome.ATTACK))
    assert (view.stage, kept(services, view).assurance) == (Stage.CHOOSING, Assurance.CLAIMED)


def test_who_has_a_look_alike_is_compared_by_staff_whatever_card_they_show(
    kiosk: LocalCheckIns, services: Services
) -> None:
    enrol(services, "mau", MAU_FACE, look_alike=True)
    view = shown(kiosk, GENUINE)
    assert (view.stage, kept(services, view).assurance) == (Stage.CHOOSING, Assurance.CLAIMED)
