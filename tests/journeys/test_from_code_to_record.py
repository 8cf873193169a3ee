"""From a picture of a code before the camera to the record on the doctor's screen."""

import pytest
from playwright.sync_api import expect

from kiosk.demo.code_pictures import card_picture
from tests.support.running_demo import RunningDemo
from tests.support.screens import DoctorScreen, KioskScreen

pytestmark = pytest.mark.journey


def picture(demo: RunningDemo, key: str, kind: str) -> bytes:
    patient = demo.hospital.planted(key)
    return card_picture(patient, demo.card(patient, kind))


def test_in_vietnamese_by_citizen_card(demo: RunningDemo, kiosk: KioskScreen, doctor: DoctorScreen) -> None:
    kiosk.start()
    kiosk.hold_up(picture(demo, "citizen_card_2024", "citizen"))
    kiosk.see("TRẦN T** M** N**")
    kiosk.that_is_me()
    kiosk.see("08:30")
    kiosk.take_number()
    kiosk.see("Phòng 205")
    assert kiosk.number >= 1
    doctor.sees("Trần Thị Minh Nguyệt")
    doctor.open_row("Trần Thị Minh Nguyệt")
    doctor.sees("Chưa xác minh")
    assert "1968" not in doctor.page.content()
    doctor.answer("12/04/1968")
    doctor.sees("đã đối chiếu")
    doctor.sees("Penicillin")


def test_in_english_by_the_older_citizen_card(demo: RunningDemo, kiosk: KioskScreen, doctor: DoctorScreen) -> None:
    kiosk.in_english()
    kiosk.start()
    kiosk.hold_up(picture(demo, "citizen_card_2021", "citizen"))
    kiosk.see("Is this you")
    kiosk.see("LÊ Q** D**")
    kiosk.that_is_me()
    kiosk.see("09:00")
    kiosk.take_number()
    assert kiosk.number >= 1
    doctor.page.get_by_role("button", name="English").click()
    doctor.language = "en"
    doctor.sees("Lê Quang Dũng")
    doctor.open_row("Lê Quang Dũng")
    doctor.sees("Not verified")
    doctor.answer("03/11/1979")
    expect(doctor.page.locator("main")).to_contain_text("checked")


@pytest.mark.parametrize(
    ("key", "masked", "time"), [("insurance_new", "PHẠM", "10:15"), ("insurance_old", "HOÀNG", "07:30")]
)
def test_by_insurance_card(demo: RunningDemo, kiosk: KioskScreen, key: str, masked: str, time: str) -> None:
    kiosk.start()
    kiosk.hold_up(picture(demo, key, "insurance"))
    kiosk.see(masked)
    kiosk.that_is_me()
    kiosk.see(time)
    kiosk.take_number()
    assert kiosk.number >= 1


def test_a_code_at_the_welcome_screen_needs_no_touch(demo: RunningDemo, kiosk: KioskScreen) -> None:
    kiosk.hold_up(picture(demo, "two_appointments", "citizen"))
    kiosk.see("HUỲNH T** N** D**")
    kiosk.that_is_me()
    kiosk.see("08:15")
    kiosk.see("10:30")
    kiosk.choose("10:30")
    assert kiosk.number >= 1


def test_by_hospital_code_from_the_hand_scanner_and_the_birth_date(demo: RunningDemo, kiosk: KioskScreen) -> None:
    kiosk.start()
    patient = demo.hospital.planted("hospital_code_only")
    demo.bench.scan(patient.hospital_code)
    kiosk.see("ngày sinh")
    born = patient.birth_date
    kiosk.enter_birth_date(born.day or 0, born.month or 0, born.year)
    kiosk.see("ĐỖ T** T** X**")
    kiosk.that_is_me()
    kiosk.see("14:00")
    kiosk.take_number()
    assert kiosk.number >= 1


def test_a_discreet_clinic_is_a_room_on_screen_and_slip(demo: RunningDemo, kiosk: KioskScreen) -> None:
    kiosk.start()
    kiosk.hold_up(picture(demo, "discreet_clinic", "citizen"))
    kiosk.that_is_me()
    kiosk.see("14:30")
    assert "âm thần" not in kiosk.source
    kiosk.take_number()
    assert kiosk.number >= 1
    assert "âm thần" not in kiosk.source
    expect(kiosk.page.locator("main")).to_contain_text("lấy phiếu")
    assert "âm thần" not in demo.bench.state().tickets[0]


def test_not_me_goes_back_to_the_beginning(demo: RunningDemo, kiosk: KioskScreen) -> None:
    kiosk.start()
    kiosk.hold_up(picture(demo, "walk_in", "citizen"))
    kiosk.see("ĐẶNG")
    demo.bench.hold_up(None)
    kiosk.press("not me")
    expect(kiosk.page.locator("#preview")).to_be_visible()
    assert "ĐẶNG" not in kiosk.source


def test_a_walk_in_chooses_a_clinic(demo: RunningDemo, kiosk: KioskScreen) -> None:
    kiosk.start()
    kiosk.hold_up(picture(demo, "walk_in", "insurance"))
    kiosk.that_is_me()
    kiosk.choose("Nội tổng quát")
    assert kiosk.number >= 1
