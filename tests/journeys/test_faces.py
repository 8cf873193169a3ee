"""Known by face: consent, the birth date, the level on the doctor's screen; and who must not be taken for somebody.

The detector and the recogniser are the real ones, before drawn people; attack detection is the bench's.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from kiosk import bootstrap
from kiosk.checkin.station import LocalCheckIns
from kiosk.demo.bench_faces import before_camera
from kiosk.demo.code_pictures import card_picture
from kiosk.demo.hospital import InventedPatient
from kiosk.model.checkin import Stage
from kiosk.model.face import AttackOutcome, FaceSample
from kiosk.model.identity import mask_name
from kiosk.ports.devices import HeldFace
from tests.support.card_journey import CLINIC, BenchPlace, CardJourney
from tests.support.running_demo import RunningDemo, running_demo
from tests.support.screens import DoctorScreen, KioskScreen, StaffScreen, take_picture

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """Nobody is enrolled yet."""
    with running_demo(tmp_path_factory.mktemp("demo"), "--patients", "60") as running:
        yield running


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("KIOSK_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def known(demo: RunningDemo) -> InventedPatient:
    """Who is enrolled by the first journey, and comes again in the others.

    The recogniser tells planted people apart, as drawn; others may look alike to it.
    """
    return demo.hospital.planted("walk_in")


@pytest.fixture
def reception(demo: RunningDemo, staff_context: BrowserContext) -> StaffScreen:
    return StaffScreen.signed_in(staff_context, demo, "reception", "letan")


def stand(demo: RunningDemo, *people: InventedPatient, behaviour: HeldFace = HeldFace.TURNS_HEAD) -> None:
    demo.bench.hold_face(before_camera(people), behaviour)


def say_birth_date(kiosk: KioskScreen, person: InventedPatient) -> None:
    kiosk.asks_birth_date()
    born = person.birth_date
    kiosk.enter_birth_date(born.day or 0, born.month or 0, born.year)


def leave(demo: RunningDemo, kiosk: KioskScreen) -> None:
    demo.bench.hold_up(None)
    kiosk.at_welcome()


def open_case(reception: StaffScreen, person: InventedPatient) -> None:
    reception.page.goto(f"{reception.demo.staff_url}/reception/")
    reception.page.locator("#board a").filter(has_text=person.name).first.click()


def cancel(reception: StaffScreen, person: InventedPatient) -> None:
    """So that the same person may come again today."""
    open_case(reception, person)
    reception.page.get_by_role("button", name="Hủy lượt").click()
    reception.sees("Đã hủy lượt này")


def test_enrolled_after_a_genuine_chip_and_known_by_face_the_next_time(
    demo: RunningDemo,
    kiosk: KioskScreen,
    doctor: DoctorScreen,
    known: InventedPatient,
    pictures: Path,
) -> None:
    journey = CardJourney(demo, kiosk, known, BenchPlace(demo, kiosk))
    kiosk.start()
    journey.show_code()
    journey.lay("genuine")
    kiosk.see("thẻ thật")
    kiosk.that_is_me()
    kiosk.see("Ông/bà có đồng ý để máy so khuôn mặt không?")
    take_picture(kiosk.page, pictures / "face-consent.png")
    stand(demo, known)
    kiosk.press("compare")
    kiosk.page.locator("#face-words").wait_for()
    take_picture(kiosk.page, pictures / "face-capture.png")
    kiosk.page.get_by_text("Lưu khuôn mặt cho lần khám sau?").wait_for(timeout=30_000)
    take_picture(kiosk.page, pictures / "face-enrol.png")
    kiosk.press("keep face")
    kiosk.choose(CLINIC)
    kiosk.see("Đã lưu khuôn mặt")
    take_picture(kiosk.page, pictures / "face-ticket.png")
    doctor.open_row(known.name)
    doctor.sees("Đã chứng thực bằng chip")
    doctor.sees("máy đã so ảnh với khuôn mặt: khớp")
    journey.lift()
    leave(demo, kiosk)


def test_known_by_face_and_birth_date_is_verified_at_the_doctor_s(
    demo: RunningDemo,
    kiosk: KioskScreen,
    doctor: DoctorScreen,
    reception: StaffScreen,
    known: InventedPatient,
    pictures: Path,
) -> None:
    cancel(reception, known)
    stand(demo, known)
    kiosk.by_face()
    say_birth_date(kiosk, known)
    kiosk.see(mask_name(known.name))
    take_picture(kiosk.page, pictures / "face-is-this-you.png")
    kiosk.that_is_me()
    kiosk.choose(CLINIC)
    assert kiosk.number >= 1
    doctor.page.goto(f"{demo.staff_url}/doctor/")
    doctor.open_row(known.name)
    doctor.sees("Đã xác minh")
    doctor.sees("khuôn mặt")
    expect(doctor.page.locator("#allergies")).to_be_visible()
    take_picture(doctor.page, pictures / "face-doctor.png")
    leave(demo, kiosk)


def test_a_person_swapped_before_the_number_is_only_claimed(
    demo: RunningDemo,
    kiosk: KioskScreen,
    doctor: DoctorScreen,
    reception: StaffScreen,
    known: InventedPatient,
) -> None:
    cancel(reception, known)
    stand(demo, known)
    kiosk.by_face()
    say_birth_date(kiosk, known)
    kiosk.see(mask_name(known.name))
    stand(demo, demo.hospital.planted("aged_75"))
    kiosk.page.wait_for_timeout(4_000)
    kiosk.that_is_me()
    kiosk.choose(CLINIC)
    assert kiosk.number >= 1
    doctor.page.goto(f"{demo.staff_url}/doctor/")
    doctor.open_row(known.name)
    doctor.sees("Chưa xác minh")
    leave(demo, kiosk)


def test_consent_refused_leads_to_a_person(demo: RunningDemo, kiosk: KioskScreen, reception: StaffScreen) -> None:
    stand(demo, demo.hospital.planted("aged_75"))
    kiosk.start()
    kiosk.press("by face")
    kiosk.press("a person")
    kiosk.see("Mời ông/bà đến quầy tiếp đón")
    number = kiosk.number
    reception.sees(str(number))
    leave(demo, kiosk)


def test_a_stranger_and_somebody_who_looks_like_a_patient_read_the_same(
    demo: RunningDemo, kiosk: KioskScreen, known: InventedPatient
) -> None:
    """The look-alike, drawn as the patient is, says a birth date of their own."""
    said = []
    stranger, look_alike = demo.hospital.planted("aged_75"), demo.newcomer()
    for drawn_as in (stranger, known):
        stand(demo, drawn_as)
        kiosk.by_face()
        kiosk.asks_birth_date()
        before = kiosk.text
        say_birth_date(kiosk, look_alike)
        kiosk.see("Chưa khớp")
        said.append((before, kiosk.text))
        assert known.name not in kiosk.source
        leave(demo, kiosk)
    assert said[0] == said[1]


def test_two_people_before_the_camera_are_asked_to_come_one_by_one(
    demo: RunningDemo, kiosk: KioskScreen, known: InventedPatient
) -> None:
    stand(demo, known, demo.hospital.planted("aged_75"))
    kiosk.by_face()
    kiosk.see("Mời từng người một")
    leave(demo, kiosk)


def test_a_photograph_gets_no_further_than_a_card_would(
    demo: RunningDemo, kiosk: KioskScreen, known: InventedPatient
) -> None:
    stand(demo, known, behaviour=HeldFace.PRINT)
    kiosk.by_face()
    expect(kiosk.page.get_by_text("Hôm nay mời ông/bà dùng thẻ hoặc mã")).to_be_visible(timeout=40_000)
    expect(kiosk.page.locator("#preview")).to_be_visible()
    leave(demo, kiosk)


def test_a_used_attempt_that_is_sent_again_changes_nothing(
    demo: RunningDemo, kiosk: KioskScreen, known: InventedPatient
) -> None:
    """Sent by somebody who has everything that a station has, and the very face of a patient."""
    stand(demo, known, behaviour=HeldFace.CANNOT_TURN)
    kiosk.by_face()
    expect(kiosk.page.locator("#face-words")).to_be_visible()
    services, station = bootstrap.open_services(demo.settings), demo.settings.station.id
    check_ins = LocalCheckIns(services)
    view = check_ins.current(station)
    assert view
    with services.storage.read() as work:
        first = work.face_attempts.newest(view.id)
        ((_, features),) = work.faces.all()
    assert first
    expect(kiosk.page.get_by_text("Mời ông/bà làm lại một lần nữa")).to_be_visible(timeout=40_000)
    sample = FaceSample(first.id, features, AttackOutcome.LIVE, first.turns, frames=5)
    assert check_ins.claim_face(station, view.id, sample).stage is Stage.FACE
    expect(kiosk.page.locator("#face-words")).to_be_visible()
    with services.storage.read() as work:
        actions = [row.action for row in work.audit.rows() if row.subject == f"check-in/{view.id}"]
    assert actions.count("face_refused") == 1
    assert "face_taken" not in actions
    leave(demo, kiosk)


def test_who_walks_away_takes_the_number_from_the_screen(
    demo: RunningDemo, kiosk: KioskScreen, reception: StaffScreen, known: InventedPatient
) -> None:
    cancel(reception, known)
    stand(demo, known)
    kiosk.by_face()
    say_birth_date(kiosk, known)
    kiosk.that_is_me()
    kiosk.choose(CLINIC)
    assert kiosk.number >= 1
    demo.bench.hold_up(None)
    expect(kiosk.page.locator("[data-page=welcome]")).to_be_visible(timeout=12_000)


def test_who_has_a_look_alike_is_for_a_person(
    demo: RunningDemo, kiosk: KioskScreen, reception: StaffScreen, known: InventedPatient, pictures: Path
) -> None:
    """Everything is right: face, birth date and the last digits of the card; a twin would have all of it."""
    open_case(reception, known)
    reception.page.get_by_text("Người bệnh có người giống").click()
    take_picture(reception.page, pictures / "face-reception.png")
    reception.page.get_by_role("button", name="Ghi chú: có người giống").click()
    reception.sees("Đã ghi: có người giống")
    cancel(reception, known)
    stand(demo, known)
    kiosk.by_face()
    say_birth_date(kiosk, known)
    kiosk.see("bốn số cuối")
    kiosk.page.locator("#digits").fill((known.citizen_id or "")[-4:])
    kiosk.press("next")
    kiosk.see("Mời ông/bà đến quầy tiếp đón")
    leave(demo, kiosk)


def test_who_cannot_turn_the_head_goes_on_with_a_card(
    demo: RunningDemo, kiosk: KioskScreen, known: InventedPatient
) -> None:
    stand(demo, known, behaviour=HeldFace.CANNOT_TURN)
    kiosk.by_face()
    kiosk.press("cannot turn")
    kiosk.see("Hôm nay mời ông/bà dùng thẻ hoặc mã")
    someone = demo.newcomer()
    kiosk.hold_up(card_picture(someone, demo.card(someone, "citizen")))
    kiosk.see(mask_name(someone.name))
    leave(demo, kiosk)


def test_a_child_is_for_a_person(demo: RunningDemo, kiosk: KioskScreen, known: InventedPatient) -> None:
    stand(demo, known)
    kiosk.by_face()
    kiosk.asks_birth_date()
    kiosk.enter_birth_date(1, 6, 2015)
    kiosk.see("Mời ông/bà đến quầy tiếp đón")
    leave(demo, kiosk)


def test_neither_a_picture_nor_features_lie_anywhere_unsealed(demo: RunningDemo) -> None:
    """Runs while a face is kept, after the journeys above; the record and the card office are not the kiosk's."""
    with bootstrap.open_storage(demo.settings).read() as work:
        vectors = [features.vector for _, features in work.faces.all()]
    assert len(vectors) == 1
    pieces = [vector[start : start + 16] for vector in vectors for start in range(0, len(vector), 16)]
    others = (demo.settings.record_dir, demo.data / "cards")
    searched = 0
    for path in demo.data.rglob("*"):
        if not path.is_file() or any(path.is_relative_to(other) for other in others):
            continue
        content, searched = path.read_bytes(), searched + 1
        assert b"\xff\xd8\xff" not in content, path
        assert b"\x89PNG\r\n" not in content, path
        assert not any(piece in content for piece in pieces), path
    assert searched > 10
    assert "Traceback" not in demo.logs()


def test_a_forgotten_face_is_not_recognised(
    demo: RunningDemo, kiosk: KioskScreen, known: InventedPatient, pictures: Path
) -> None:
    demo.bench.hold_up(None)
    kiosk.press("forget face")
    kiosk.hold_up(card_picture(known, demo.card(known, "citizen")))
    # there is a number today: a photograph of the card is not enough
    say_birth_date(kiosk, known)
    kiosk.that_is_me()
    kiosk.see("không còn lưu khuôn mặt")
    take_picture(kiosk.page, pictures / "face-forgotten.png")
    assert any("khuôn mặt" in ticket for ticket in demo.bench.state().tickets)
    leave(demo, kiosk)
    stand(demo, known)
    kiosk.by_face()
    say_birth_date(kiosk, known)
    kiosk.see("Chưa khớp")
    leave(demo, kiosk)
