"""Who has somebody for whom they are taken: found by the search before an enrolment, or noted by reception."""

from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.checkin import lists
from kiosk.checkin.look_alike import note_look_alike, take_note_back
from kiosk.checkin.open_record import inspect_document
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import NotFound, NotPossibleNow
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import DocumentKind, Enrolment, Stage
from kiosk.model.face import FaceReference
from kiosk.model.identity import Assurance, PartialDate
from kiosk.ports.devices import SignalSource
from tests.support.small_faces import GENUINE, enrol, face, sample, with_faces
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"
MAU_FACE = face(1)
BORN = PartialDate(1990, 3, 5)
DESK = Actor.staff("desk")


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: SmallRecord, bus: MemoryBus) -> Services:
    plain = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)
    return with_faces(plain, tmp_path, clock, portrait=MAU_FACE)


def taken(kiosk: LocalCheckIns, view: CheckInView) -> CheckInView:
    attempt = kiosk.face_attempt(HERE, view.id)
    assert attempt
    return kiosk.claim_face(HERE, view.id, sample(attempt, MAU_FACE))


def verified(kiosk: LocalCheckIns) -> CheckInView:
    """By face and birth date, as far as the number."""
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    view = taken(kiosk, kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True))
    view = kiosk.answer_birth_date(HERE, view.id, view.version, BORN)
    view = kiosk.accept_name(HERE, view.id, view.version)
    return kiosk.choose_clinic(HERE, view.id, view.version, "mat")


def wants_it_kept(kiosk: LocalCheckIns) -> CheckInView:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.claim_chip(HERE, view.id, GENUINE)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = taken(kiosk, kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True))
    return kiosk.answer_enrolment(HERE, view.id, view.version, agreed=True)


def kept(services: Services, patient_id: str) -> FaceReference:
    with services.storage.read() as work:
        reference = work.faces.of_patient(patient_id)
    assert reference
    return reference


def test_whoever_is_here_by_face_when_it_is_noted_falls_back(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    here = verified(kiosk)
    assert lists.one(services, here.id).assurance is Assurance.VERIFIED
    note_look_alike(services, "mau", by=DESK)
    check_in = lists.one(services, here.id)
    assert (check_in.stage, check_in.assurance) == (Stage.ARRIVED, Assurance.CLAIMED)


def test_what_staff_saw_on_a_document_stays(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    here = lists.one(services, verified(kiosk).id)
    inspect_document(
        services,
        here.id,
        version=here.version,
        clinic_id="mat",
        document=DocumentKind.PASSPORT,
        by=DESK,
    )
    note_look_alike(services, "mau", by=DESK)
    assert lists.one(services, here.id).assurance is Assurance.VERIFIED


def test_a_note_is_taken_back_and_what_a_search_found_is_not(services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    note_look_alike(services, "mau", by=DESK)
    assert (kept(services, "mau").look_alike, kept(services, "mau").noted) == (True, True)
    take_note_back(services, "mau", by=DESK)
    assert not kept(services, "mau").look_alike
    with services.storage.write() as work:
        work.faces.flag("ref-mau")
    note_look_alike(services, "mau", by=DESK)
    with pytest.raises(NotPossibleNow):
        take_note_back(services, "mau", by=DESK)
    assert kept(services, "mau").look_alike


def test_of_nobody_s_face_nothing_is_noted(services: Services) -> None:
    for step in (note_look_alike, take_note_back):
        with pytest.raises(NotFound):
            step(services, "mau", by=DESK)


def test_all_who_look_alike_are_found_before_a_face_is_kept_however_long_ago_they_came(
    kiosk: LocalCheckIns, services: Services, clock: SetClock
) -> None:
    for other, cosine in (("gia", 0.9), ("ba", 0.8)):
        enrol(services, other, face(5 if other == "gia" else 6, like=1, cosine=cosine))
    clock.pass_time(days=400)
    view = wants_it_kept(kiosk)
    view = kiosk.enrol_face(HERE, view.id, MAU_FACE)
    assert view.face.enrolment is Enrolment.NOT_KEPT
    assert all(kept(services, other).look_alike for other in ("gia", "ba"))
    assert timedelta(days=400) < clock.now() - kept(services, "gia").seen_at + timedelta(seconds=1)


def test_noted_while_the_face_is_taken_it_is_compared_with_nothing(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "mau", MAU_FACE)
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    note_look_alike(services, "mau", by=DESK)
    view = taken(kiosk, view)
    check_in = lists.one(services, view.id)
    assert (check_in.stage, check_in.assurance, check_in.face) == (Stage.CHOOSING, Assurance.CLAIMED, None)
    with services.storage.read() as work:
        actions = [row.action for row in work.audit.rows()]
    assert "open_face_reference" not in actions
