"""Reception has a face kept: two names, an adult, a free kiosk, and the patient's own consent there."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.checkin import accounts, enrol_at_desk, lists, open_record
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import AccessDenied, NotPossibleNow
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.actor import Actor
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import CheckIn, DocumentKind, Enrolment, Stage
from kiosk.model.identity import PartialDate
from kiosk.model.staff import Role, StaffAccount
from kiosk.ports.devices import SignalSource
from tests.support.small_faces import enrol, face, sample, with_faces
from tests.support.small_hospital import MAU, MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE, THERE = "kiosk-1", "kiosk-2"
DESK, OTHER = Actor.staff("desk"), Actor.staff("other")
EYES = StaffAccount("doc", "bacsi", "BS. Thử", Role.DOCTOR, ("mat",), "")
MAU_FACE = face(1)
LIMITS = accounts.SessionLimits(timedelta(minutes=30), timedelta(hours=12), 5, timedelta(minutes=15))


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: SmallRecord, bus: MemoryBus) -> Services:
    plain = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)
    return with_faces(plain, tmp_path, clock)


def arrived(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
    return lists.one(services, view.id)


def inspected(kiosk: LocalCheckIns, services: Services) -> CheckIn:
    check_in = arrived(kiosk, services)
    return open_record.inspect_document(
        services, check_in.id, version=check_in.version, clinic_id="mat", document=DocumentKind.CITIZEN_CARD, by=DESK
    )


def send(services: Services, check_in: CheckIn, second: Actor | None = OTHER, station: str = THERE) -> CheckIn:
    return enrol_at_desk.send(
        services, check_in.id, version=check_in.version, station_id=station, second=second, by=DESK
    )


def agreed(kiosk: LocalCheckIns, sent: CheckIn) -> CheckInView:
    view = kiosk.view(THERE, sent.id)
    assert view.stage is Stage.ENROL_CONSENT
    return kiosk.answer_enrolment(THERE, view.id, view.version, agreed=True)


def test_a_document_two_names_and_consent_keep_a_face(kiosk: LocalCheckIns, services: Services) -> None:
    view = agreed(kiosk, send(services, inspected(kiosk, services)))
    attempt = kiosk.face_attempt(THERE, view.id)
    assert attempt
    view = kiosk.claim_face(THERE, view.id, sample(attempt, MAU_FACE))
    assert (view.stage, view.face.enrolment) == (Stage.KEPT, Enrolment.DONE)
    with services.storage.read() as work:
        reference = work.faces.of_patient("mau")
    assert reference
    assert reference.by == (str(DESK), str(OTHER))


@pytest.mark.parametrize("second", [None, DESK])
def test_one_name_is_not_enough(kiosk: LocalCheckIns, services: Services, second: Actor | None) -> None:
    with pytest.raises(AccessDenied):
        send(services, inspected(kiosk, services), second)


def test_without_a_document_nobody_is_sent(kiosk: LocalCheckIns, services: Services) -> None:
    with pytest.raises(NotPossibleNow):
        send(services, arrived(kiosk, services))


def test_a_kiosk_at_which_somebody_stands_is_not_taken(kiosk: LocalCheckIns, services: Services) -> None:
    kiosk.start(THERE, "vi")
    with pytest.raises(NotPossibleNow, match="somebody stands"):
        send(services, inspected(kiosk, services))


def test_who_declines_at_the_kiosk_is_not_kept(kiosk: LocalCheckIns, services: Services) -> None:
    sent = send(services, inspected(kiosk, services))
    view = kiosk.answer_enrolment(THERE, sent.id, sent.version, agreed=False)
    assert (view.stage, view.face.enrolment) == (Stage.KEPT, Enrolment.DECLINED)


def test_a_second_reference_is_not_made(kiosk: LocalCheckIns, services: Services) -> None:
    check_in = inspected(kiosk, services)
    enrol(services, "mau", MAU_FACE)
    with pytest.raises(NotPossibleNow):
        send(services, check_in)


def test_a_face_like_another_patient_s_is_not_kept(kiosk: LocalCheckIns, services: Services) -> None:
    enrol(services, "gia", face(2, like=1, cosine=0.8))
    view = agreed(kiosk, send(services, inspected(kiosk, services)))
    attempt = kiosk.face_attempt(THERE, view.id)
    assert attempt
    view = kiosk.claim_face(THERE, view.id, sample(attempt, MAU_FACE))
    assert (view.stage, view.face.enrolment) == (Stage.KEPT, Enrolment.NOT_KEPT)


def test_a_child_is_not_sent(kiosk: LocalCheckIns, services: Services, record: SmallRecord) -> None:
    record.patients[0] = replace(MAU, birth_date=PartialDate(2012, 3, 5))
    view = kiosk.claim(HERE, MAU_QR.replace("05031990", "05032012"), SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_appointment(HERE, view.id, view.version, view.appointments[0].id)
    check_in = open_record.inspect_document(
        services, view.id, version=view.version, clinic_id="mat", document=DocumentKind.PASSPORT, by=DESK
    )
    with pytest.raises(NotPossibleNow):
        send(services, check_in)


def test_the_second_name_needs_its_own_password(services: Services) -> None:
    accounts.add_account(
        services,
        sign_in_name="letan2",
        shown_name="Lễ Tân Hai",
        role=Role.RECEPTION,
        clinics=(),
        password="một mật khẩu dài",
        by=DESK,
    )
    assert accounts.vouch(services, name="letan2", password="một mật khẩu dài", limits=LIMITS).shown_name
    for name, password in (("letan2", "một mật khẩu khác"), ("không có", "một mật khẩu dài")):
        with pytest.raises(AccessDenied):
            accounts.vouch(services, name=name, password=password, limits=LIMITS)
