"""What reception and doctors see of a face, and what reception may do with the one that is kept."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.checkin import lists, withdraw
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.events import DeviceState, StationHealth
from kiosk.model.face import AttackOutcome, FaceFeatures
from kiosk.model.identity import PartialDate
from kiosk.model.staff import Role
from kiosk.ports.devices import SignalSource
from tests.support.small_faces import MODEL, enrol, face, sample, with_faces
from tests.support.small_hospital import MAU_QR, SetClock
from tests.support.staff_server import SwitchedBus
from tests.support.staff_site import PASSWORD, Browser, add_staff, arrive

HERE = "kiosk-1"
HERS, A_STRANGER_S = face(1), face(2)


@pytest.fixture
def services(tmp_path: Path, services: Services, clock: SetClock) -> Services:
    known = with_faces(services, tmp_path, clock)
    enrol(known, "mau", HERS)
    return known


@pytest.fixture
def kiosk(services: Services) -> LocalCheckIns:
    return LocalCheckIns(services)


@pytest.fixture
def doctor(signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(Role.DOCTOR, "mat")


def compare(kiosk: LocalCheckIns, features: FaceFeatures, attack: AttackOutcome = AttackOutcome.LIVE) -> CheckIn:
    """A code, the face beside it, and a number at the eye clinic."""
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    for _ in range(2):
        attempt = kiosk.face_attempt(HERE, view.id)
        if attempt:
            view = kiosk.claim_face(HERE, view.id, sample(attempt, features, attack))
    view = kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930")
    return lists.one(kiosk.services, view.id)


def by_face_alone(kiosk: LocalCheckIns) -> CheckIn:
    """Known by face and birth date, and a number at the eye clinic."""
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    attempt = kiosk.face_attempt(HERE, view.id)
    assert attempt
    view = kiosk.claim_face(HERE, view.id, sample(attempt, HERS))
    view = kiosk.answer_birth_date(HERE, view.id, view.version, PartialDate(1990, 3, 5))
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930")
    return lists.one(kiosk.services, view.id)


def test_the_doctor_reads_that_a_face_verified_and_when(kiosk: LocalCheckIns, doctor: Browser) -> None:
    here = compare(kiosk, HERS)
    page = doctor.text(f"/doctor/check-ins/{here.id}")
    assert "Đã xác minh bằng khuôn mặt · 08:00" in page
    assert "Khuôn mặt khớp với khuôn mặt đã lưu của người này · 08:00" in page
    assert "Đã xác minh bằng khuôn mặt · 08:00" in doctor.text("/doctor/list")


def test_a_face_alone_reads_the_same_on_the_doctor_s_list(kiosk: LocalCheckIns, doctor: Browser) -> None:
    here = by_face_alone(kiosk)
    page = doctor.text(f"/doctor/check-ins/{here.id}")
    assert "Nhận ra bằng khuôn mặt trong những người" in page


def test_a_face_that_does_not_match_asks_for_staff(kiosk: LocalCheckIns, doctor: Browser) -> None:
    page = doctor.text(f"/doctor/check-ins/{compare(kiosk, A_STRANGER_S).id}")
    assert "Chưa xác minh" in page
    assert "Khuôn mặt không khớp với khuôn mặt đã lưu của người này: cần nhân viên đối chiếu" in page


def test_reception_reads_consent_path_outcome_attack_detection_and_model_and_no_score(
    kiosk: LocalCheckIns, reception: Browser
) -> None:
    page = reception.text(f"/reception/check-ins/{compare(kiosk, HERS).id}")
    evidence = page.partition('id="face-evidence"')[2].partition("</li>")[0]
    for words in (
        "đồng ý so khuôn mặt",
        "khuôn mặt đã lưu của người này",
        "khớp",
        "người thật",
        "vẫn một người",
        MODEL,
    ):
        assert words in evidence
    assert "0." not in evidence
    assert "1.0" not in evidence


def test_reception_reads_that_a_picture_was_held_up(kiosk: LocalCheckIns, reception: Browser) -> None:
    page = reception.text(f"/reception/check-ins/{compare(kiosk, HERS, AttackOutcome.ATTACK).id}")
    assert "nghi là ảnh hoặc màn hình" in page


def test_who_declined_stands_on_the_list_of_reception_in_three_words(kiosk: LocalCheckIns, reception: Browser) -> None:
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=False)
    assert "Không so mặt" in reception.text("/reception/")
    assert "không đồng ý so khuôn mặt" in reception.text(f"/reception/check-ins/{view.id}")


def test_a_child_s_face_needs_a_person(kiosk: LocalCheckIns, reception: Browser) -> None:
    view = kiosk.start(HERE, "vi")
    view = kiosk.begin_face(HERE, view.id, view.version)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    attempt = kiosk.face_attempt(HERE, view.id)
    assert attempt
    view = kiosk.claim_face(HERE, view.id, sample(attempt, HERS))
    kiosk.answer_birth_date(HERE, view.id, view.version, PartialDate(2016, 3, 5))
    assert "Cần người đối chiếu" in reception.text("/reception/")


def test_reception_has_a_face_forgotten_with_the_consequence_on_the_button(
    services: Services, kiosk: LocalCheckIns, reception: Browser
) -> None:
    here = compare(kiosk, HERS)
    page = reception.text(f"/reception/check-ins/{here.id}")
    assert "Xóa khuôn mặt: lần sau máy không nhận ra nữa" in page
    way = f"/reception/check-ins/{here.id}/face/withdraw"
    answer = reception.post(way, version=here.version)
    page = reception.text(answer.headers["Location"])
    assert "Đã xóa khuôn mặt." in page
    assert "Xóa khuôn mặt: lần sau" not in page
    with services.storage.read() as work:
        assert work.faces.of_patient("mau") is None
        assert [row.action for row in work.audit.rows()].count("withdraw_face") == 1


def test_nothing_is_forgotten_without_the_page_s_token_or_by_a_doctor(
    services: Services, kiosk: LocalCheckIns, reception: Browser, doctor: Browser
) -> None:
    way = f"/reception/check-ins/{compare(kiosk, HERS).id}/face/withdraw"
    assert reception.client.post(way, base_url=reception.base_url).status_code == 403
    assert doctor.client.post(way, base_url=doctor.base_url).status_code in {303, 401, 403}
    with services.storage.read() as work:
        assert work.faces.of_patient("mau")


def test_a_person_who_left_the_camera_is_not_verified_by_it(kiosk: LocalCheckIns, doctor: Browser) -> None:
    view = kiosk.claim(HERE, MAU_QR, SignalSource.CAMERA)
    view = kiosk.accept_name(HERE, view.id, view.version)
    view = kiosk.answer_face_consent(HERE, view.id, view.version, agreed=True)
    attempt = kiosk.face_attempt(HERE, view.id)
    assert attempt
    kiosk.claim_face(HERE, view.id, sample(attempt, HERS))
    view = kiosk.face_left(HERE, view.id)
    view = kiosk.choose_appointment(HERE, view.id, view.version, "eye-0930")
    page = doctor.text(f"/doctor/check-ins/{view.id}")
    assert "Đã xác minh bằng khuôn mặt" not in page
    assert "người đã rời máy quay trước khi lấy số: không tính" in page


def test_a_case_without_a_patient_has_no_face_to_forget(kiosk: LocalCheckIns, reception: Browser) -> None:
    view = kiosk.help(HERE, None)
    page = reception.text(f"/reception/check-ins/{view.id}")
    assert "Khuôn mặt đã lưu" not in page
    assert reception.post(f"/reception/check-ins/{view.id}/face/withdraw").status_code == 404


def test_a_look_alike_is_said_beside_the_face_that_is_kept(
    services: Services, kiosk: LocalCheckIns, reception: Browser
) -> None:
    here = compare(kiosk, HERS)
    with services.storage.write() as work:
        kept = work.faces.of_patient("mau")
        assert kept
        work.faces.flag(kept.id)
    assert "Có người giống" in reception.text(f"/reception/check-ins/{here.id}")


def test_reception_says_who_has_a_look_alike_and_takes_it_back(
    services: Services, kiosk: LocalCheckIns, reception: Browser
) -> None:
    here = compare(kiosk, HERS)
    way = f"/reception/check-ins/{here.id}"
    assert "Người bệnh có người giống: sinh đôi, người nhà" in reception.text(way)
    for known, said, mark in (("yes", "Đã ghi: có người giống", True), ("no", "Đã bỏ ghi chú", False)):
        reception.text(way)
        answer = reception.post(f"{way}/face/look-alike", known=known)
        assert said in reception.text(answer.headers["Location"])
        assert ("Có người giống: khuôn mặt không quyết định một mình" in reception.text(way)) is mark
    with services.storage.read() as work:
        rows = [row for row in work.audit.rows() if "look_alike" in row.action and row.subject == "Patient/mau"]
    assert [row.action for row in rows] == ["note_look_alike", "take_look_alike_back"]
    assert reception.post(f"{way}/face/look-alike").status_code == 400
    withdraw.withdraw(services, "mau", by=Actor.staff("desk"))
    assert reception.post(f"{way}/face/look-alike", known="yes").status_code == 404


def test_two_of_the_staff_send_a_patient_to_a_kiosk_to_have_the_face_kept(
    services: Services, kiosk: LocalCheckIns, reception: Browser, bus: SwitchedBus, clock: SetClock
) -> None:
    withdraw.withdraw(services, "mau", by=Actor.staff("desk"))
    bus.beat(StationHealth("kiosk-2", clock.now(), {"camera": DeviceState.WORKING}), timedelta(minutes=1))
    add_staff(services, "letan2", Role.RECEPTION)
    here = arrive(services, MAU_QR, "mat")
    way = f"/reception/check-ins/{here.id}"
    assert "Mời người bệnh đến kiosk" not in reception.text(way)
    reception.post(f"{way}/document", version=here.version, document="citizen_card", read="2345")
    page = reception.text(way)
    assert "Mời người bệnh đến kiosk: hỏi và lưu khuôn mặt" in page
    version = lists.one(services, here.id).version
    form = {"version": version, "station": "kiosk-2", "second": "letan2"}
    refused = reception.post(f"{way}/face/enrol", **form, second_password="sai mật khẩu")
    assert "đồng nghiệp khác" in reception.text(refused.headers["Location"])
    unknown = reception.post(f"{way}/face/enrol", **form | {"station": "kiosk-9"}, second_password=PASSWORD)
    assert "Chưa mời được" in reception.text(unknown.headers["Location"])
    sent = reception.post(f"{way}/face/enrol", **form, second_password=PASSWORD)
    assert "Kiosk đang hỏi" in reception.text(sent.headers["Location"])
    there = kiosk.current("kiosk-2")
    assert there
    assert there.stage is Stage.ENROL_CONSENT
