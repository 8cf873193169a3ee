"""From a chip card on a reader of the real pcscd to the level on the doctor's screen.

The station reads by PC/SC, from a virtual card on vpcd; only the camera is the bench's. Each state of the kiosk's
screen is kept as a picture in the folder that ``KIOSK_PICTURES`` names.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from kiosk.hardware.simulated.citizen_card.image import from_bytes
from tests.support.card_journey import CLINIC, CardJourney
from tests.support.card_tray import Tray
from tests.support.pcscd import READER, Pcscd
from tests.support.running_demo import RunningDemo, running_demo
from tests.support.screens import DoctorScreen, KioskScreen, StaffScreen, take_picture

pytestmark = pytest.mark.journey

OFFER = "đặt thẻ căn cước lên đầu đọc"


class TrayPlace:
    """The virtual reader."""

    def __init__(self, tray: Tray) -> None:
        self._tray = tray

    def lay(self, card: bytes) -> None:
        self._tray.put(from_bytes(card))

    def lift(self) -> None:
        self._tray.lift()


@pytest.fixture(scope="module")
def demo(only_pcscd: Pcscd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """With the station's reader at pcscd."""
    only_pcscd.be_there()
    with running_demo(tmp_path_factory.mktemp("demo"), "--patients", "60") as running:
        running.restart_station(card_reader=READER)
        yield running


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("KIOSK_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def pcscd(only_pcscd: Pcscd) -> Iterator[Pcscd]:
    only_pcscd.be_there()
    yield only_pcscd
    only_pcscd.be_there()


@pytest.fixture
def journey(demo: RunningDemo, pcscd: Pcscd, kiosk: KioskScreen) -> Iterator[CardJourney]:
    place = TrayPlace(Tray(pcscd))
    kiosk.start()
    yield CardJourney(demo, kiosk, demo.newcomer(), place)
    place.lift()


@pytest.fixture
def reception(demo: RunningDemo, staff_context: BrowserContext) -> StaffScreen:
    return StaffScreen.signed_in(staff_context, demo, "reception", "letan")


def test_a_reader_that_comes_back_is_offered_again(journey: CardJourney, pcscd: Pcscd, pictures: Path) -> None:
    pcscd.stop()
    journey.show_code()
    journey.kiosk.see("Đầu đọc thẻ tạm chưa dùng được")
    journey.picture(pictures / "service-down.png")
    pcscd.start()
    journey.kiosk.see(OFFER)
    journey.picture(pictures / "no-card.png")
    pcscd.stop()
    pcscd.start(with_reader=False)
    journey.kiosk.see("Đầu đọc thẻ tạm chưa dùng được")
    journey.picture(pictures / "no-reader.png")


def test_each_trouble_with_the_card_says_what_to_do_and_nobody_is_stuck(journey: CardJourney, pictures: Path) -> None:
    journey.show_code()
    journey.kiosk.see(OFFER)
    journey.lay("pulled_early")
    journey.kiosk.see("Thẻ rời đầu đọc hơi sớm")
    journey.picture(pictures / "pulled-early.png")
    journey.lay("genuine", journey.somebody_else())
    journey.kiosk.see("Chip chưa khớp với số đã đưa")
    journey.picture(pictures / "wrong-key.png")
    journey.lift()
    journey.lay("no_chip")
    journey.kiosk.see("có thể là thẻ cũ")
    journey.picture(pictures / "no-chip.png")
    journey.kiosk.that_is_me()
    journey.kiosk.choose(CLINIC)
    assert journey.kiosk.number >= 1


def test_a_genuine_chip_and_staff_s_comparison_are_proof(
    journey: CardJourney, doctor: DoctorScreen, pictures: Path
) -> None:
    journey.show_code()
    journey.lay("genuine")
    journey.kiosk.see("Đã đọc chip: thẻ thật")
    journey.picture(pictures / "genuine.png")
    assert journey.take_number(asks_face=True) >= 1
    journey.picture(pictures / "genuine-ticket.png")
    doctor.open_row(journey.patient.name)
    doctor.sees("Chưa xác minh")
    doctor.sees("Chip thật · chưa so ảnh với người")
    portrait = doctor.page.locator(".holder__portrait")
    expect(portrait).to_be_visible()
    assert portrait.evaluate("picture => picture.naturalWidth") > 0
    take_picture(doctor.page, pictures / "genuine-doctor.png")
    doctor.page.get_by_role("button", name="Đúng người trong ảnh: chứng thực").click()
    doctor.sees("Đã chứng thực bằng chip")
    doctor.sees("nhân viên đã so ảnh")
    expect(doctor.page.locator("#allergies")).to_be_visible()
    take_picture(doctor.page, pictures / "genuine-proven.png")


def test_a_consistent_chip_is_claimed_and_known_on_the_second_visit(
    journey: CardJourney, doctor: DoctorScreen, reception: StaffScreen, pictures: Path
) -> None:
    journey.show_code()
    journey.lay("issuer_unknown")
    journey.kiosk.see("Nơi cấp thẻ chưa được xác minh")
    journey.picture(pictures / "issuer-unknown.png")
    journey.take_number()
    doctor.open_row(journey.patient.name)
    doctor.sees("Chưa xác minh")
    doctor.sees("nơi cấp chưa được xác minh")
    expect(doctor.page.locator("#holder-title")).to_have_count(0)
    take_picture(doctor.page, pictures / "consistent-doctor.png")
    open_at_reception(reception, journey.patient.name)
    reception.page.get_by_role("button", name="Tôi đã xem thẻ và người cầm thẻ").click()
    reception.sees("Đã xác minh")
    reception.page.get_by_role("button", name="Hủy lượt").click()
    reception.sees("Đã hủy lượt này")

    journey.lift()
    journey.kiosk.at_welcome().start()
    journey.hold_up_code()
    journey.kiosk.see("không cần nhập ngày sinh")
    journey.lay("issuer_unknown")
    journey.kiosk.see("Đã đọc chip")
    journey.picture(pictures / "known-chip.png")
    journey.take_number(asks_face=True)
    doctor.page.goto(f"{doctor.demo.staff_url}/doctor/")
    doctor.open_row(journey.patient.name)
    doctor.sees("thẻ quen")
    doctor.sees("Chưa xác minh")
    doctor.page.get_by_role("button", name="Đúng người trong ảnh: xác minh").click()
    doctor.sees("Đã xác minh")
    expect(doctor.page.locator("#allergies")).to_be_visible()
    take_picture(doctor.page, pictures / "known-chip-doctor.png")


@pytest.mark.parametrize(
    ("profile", "reason", "why"),
    [
        ("cloned", "Thẻ đáng ngờ", "chip là bản sao"),
        ("forged", "Chip không dùng được", "dữ liệu bị sửa hoặc giả"),
    ],
)
def test_a_refused_chip_leads_to_reception_in_the_same_words(
    journey: CardJourney, reception: StaffScreen, pictures: Path, profile: str, reason: str, why: str
) -> None:
    journey.show_code()
    journey.lay(profile)
    journey.kiosk.see("Mời ông/bà đến quầy tiếp đón")
    journey.kiosk.see("Chưa dùng được chip của thẻ")
    journey.picture(pictures / f"{profile}.png")
    number = journey.kiosk.number
    open_at_reception(reception, journey.patient.name)
    reception.sees(reason)
    reception.sees(why)
    reception.sees(str(number))
    assert reception.page.get_by_text("Báo động kín").count() == (profile == "cloned")
    take_picture(reception.page, pictures / f"{profile}-reception.png")


def open_at_reception(reception: StaffScreen, text: str) -> None:
    reception.page.goto(f"{reception.demo.staff_url}/reception/")
    reception.page.locator("#board a").filter(has_text=text).first.click()
