"""Takes the README's pictures anew from a running demo: `make pictures`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from kiosk.demo.bench_faces import before_camera
from kiosk.demo.card_office import chip_card
from kiosk.demo.code_pictures import card_picture
from kiosk.live.clock import SystemClock
from kiosk.model.identity import mask_name
from kiosk.ports.devices import HeldFace
from tests.conftest import ARGUMENTS, CHROMIUM
from tests.support.card_journey import CLINIC
from tests.support.running_demo import RunningDemo, running_demo
from tests.support.screens import DoctorScreen, KioskScreen, StaffScreen, take_picture

OUT = Path(__file__).parents[2] / "docs" / "pictures"
KIOSK, DESK = ViewportSize(width=1080, height=1920), ViewportSize(width=1366, height=768)


def keep(page: Page, name: str) -> None:
    page.wait_for_timeout(400)
    page.screenshot(path=OUT / f"{name}.jpg", type="jpeg", quality=70)


def hold_up(demo: RunningDemo, key: str, kind: str) -> None:
    patient = demo.hospital.planted(key)
    demo.bench.hold_up(card_picture(patient, demo.card(patient, kind)))


def lay(demo: RunningDemo, key: str) -> None:
    today = SystemClock(demo.settings.hospital.timezone).today()
    demo.bench.lay_card(chip_card(demo.data / "cards", demo.hospital.planted(key), "genuine", today))


def chip_screen(demo: RunningDemo, kiosk: KioskScreen) -> None:
    kiosk.start()
    hold_up(demo, "citizen_card_2021", "citizen")
    kiosk.see("LÊ")
    lay(demo, "citizen_card_2021")
    kiosk.see("Đã đọc chip: thẻ thật")
    keep(kiosk.page, "patient-chip")
    kiosk.that_is_me()
    kiosk.press("a person")
    kiosk.take_number()
    demo.bench.lay_card(None)
    kiosk.at_welcome()


def face_screens(demo: RunningDemo, browser: Browser) -> None:
    """Somebody whom the chip and the face prove, and whose face is kept."""
    kiosk = KioskScreen.at(browser.new_context(viewport=KIOSK, locale="vi-VN"), demo)
    doctor = DoctorScreen.signed_in(browser.new_context(viewport=DESK, locale="vi-VN"), demo, "doctor", "bacsi")
    patient = demo.hospital.planted("walk_in")
    demo.bench.lay_card(None)
    kiosk.start()
    hold_up(demo, "walk_in", "citizen")
    kiosk.see(mask_name(patient.name))
    demo.bench.hold_up(None)
    lay(demo, "walk_in")
    kiosk.see("Đã đọc chip: thẻ thật")
    kiosk.that_is_me()
    kiosk.see("Ông/bà có đồng ý để máy so khuôn mặt không?")
    keep(kiosk.page, "patient-face-1-consent")
    before_capture(demo, kiosk)
    kiosk.page.get_by_text("Lưu khuôn mặt cho lần khám sau?").wait_for(timeout=30_000)
    kiosk.press("keep face")
    kiosk.choose(CLINIC)
    kiosk.see("Đã lưu khuôn mặt")
    doctor.open_row(patient.name)
    doctor.sees("Đã chứng thực bằng chip và khuôn mặt")
    keep(doctor.page, "doctor-face")


def before_capture(demo: RunningDemo, kiosk: KioskScreen) -> None:
    """The turn is asked until it was pictured; then the head turns."""
    person = before_camera([demo.hospital.planted("walk_in")])
    demo.bench.hold_face(person, HeldFace.CANNOT_TURN)
    kiosk.press("compare")
    kiosk.see("Mời ông/bà từ từ quay đầu")
    take_picture(kiosk.page, OUT / "patient-face-2-capture.jpg")
    demo.bench.hold_face(person, HeldFace.TURNS_HEAD)


def patient_screens(demo: RunningDemo, browser: Browser) -> None:
    kiosk = KioskScreen.at(browser.new_context(viewport=KIOSK, locale="vi-VN"), demo)
    keep(kiosk.page, "patient-1-welcome")
    kiosk.start()
    keep(kiosk.page, "patient-2-show")
    hold_up(demo, "citizen_card_2024", "citizen")
    kiosk.see("TRẦN")
    keep(kiosk.page, "patient-3-is-this-you")
    kiosk.that_is_me()
    kiosk.see("08:30")
    keep(kiosk.page, "patient-4-where-to")
    kiosk.take_number()
    kiosk.see("lấy phiếu")
    keep(kiosk.page, "patient-5-number")
    kiosk.at_welcome()
    chip_screen(demo, kiosk)
    for key, kind in (("walk_in", "insurance"), ("twice_a", "citizen"), ("aged_75", "citizen")):
        kiosk.start()
        hold_up(demo, key, kind)
        kiosk.page.wait_for_timeout(2500)
        if key != "twice_a":
            kiosk.that_is_me()
        if key == "aged_75":
            kiosk.take_number()
        kiosk.at_welcome()
    # an idle page would wipe what the next one shows
    kiosk.page.context.close()


def staff_screens(demo: RunningDemo, browser: Browser) -> None:
    context = browser.new_context(viewport=DESK, locale="vi-VN")
    doctor = DoctorScreen.signed_in(context, demo, "doctor", "bacsi")
    display = StaffScreen.signed_in(context, demo, "display", "manhinh")
    reception = StaffScreen.signed_in(context, demo, "reception", "letan")
    administrator = StaffScreen.signed_in(context, demo, "admin", "quantri")
    doctor.page.get_by_role("button", name="Mời tiếp theo").first.click()
    doctor.open_row("Trần Thị Minh Nguyệt")
    expect(doctor.page.locator("input[name=birth_date]")).to_be_visible()
    keep(doctor.page, "doctor-1-question")
    doctor.answer("12/04/1968")
    doctor.sees("đã đối chiếu")
    keep(doctor.page, "doctor-2-record")
    doctor.open_row("Lê Quang Dũng")
    expect(doctor.page.locator(".holder__portrait")).to_be_visible()
    keep(doctor.page, "doctor-chip")
    keep(display.page, "display")
    reception.page.locator("#left a").first.click()
    keep(reception.page, "reception")
    keep(administrator.page, "administrator")
    lay(demo, "citizen_card_2021")
    bench = context.new_page()
    bench.goto(demo.bench_url)
    keep(bench, "bench")


def main() -> None:
    OUT.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder) / "demo") as demo,
        sync_playwright() as drive,
    ):
        browser = drive.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        patient_screens(demo, browser)
        staff_screens(demo, browser)
        face_screens(demo, browser)
        browser.close()


if __name__ == "__main__":
    main()
