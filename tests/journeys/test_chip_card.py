"""From a code before the camera and a chip card on the reader to the level on the doctor's screen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, expect

from kiosk.demo.card_office import ANCHOR_FILE, chip_card
from kiosk.demo.code_pictures import card_picture
from kiosk.demo.hospital import InventedPatient
from kiosk.live.clock import SystemClock
from kiosk.model.identity import mask_name
from tests.support.running_demo import RunningDemo
from tests.support.screens import DoctorScreen, KioskScreen, StaffScreen

pytestmark = pytest.mark.journey

CLINIC = "Tim mạch"
HERS = count()
"""Each journey has a patient of its own."""


@dataclass
class CardJourney:
    """A kiosk with a card reader, and one patient with a citizen card."""

    demo: RunningDemo
    kiosk: KioskScreen
    patient: InventedPatient

    def show_code(self) -> None:
        self.kiosk.hold_up(card_picture(self.patient, self.demo.card(self.patient, "citizen")))
        self.kiosk.see(mask_name(self.patient.name))
        self.demo.bench.hold_up(None)

    def lay(self, profile: str, holder: InventedPatient | None = None) -> None:
        today = SystemClock(self.demo.settings.hospital.timezone).today()
        self.demo.bench.lay_card(chip_card(self.demo.data / "cards", holder or self.patient, profile, today))

    def lift(self) -> None:
        self.demo.bench.lay_card(None)
        self.kiosk.page.wait_for_timeout(1_000)

    def take_number(self) -> int:
        self.kiosk.that_is_me()
        self.kiosk.choose(CLINIC)
        self.kiosk.see("nhớ cầm lại thẻ")
        return self.kiosk.number

    def others(self) -> InventedPatient:
        return next(one for one in holders(self.demo) if one.id != self.patient.id)


def holders(demo: RunningDemo) -> list[InventedPatient]:
    """Ordinary people with a citizen card and no appointment today."""
    planted = {patient.id for patient in demo.hospital.patients if patient.id.startswith("de-")}
    return [
        patient
        for patient in demo.hospital.patients
        if patient.id not in planted
        and patient.citizen_card
        and patient.active
        and patient.deceased_on is None
        and patient.birth_date.is_full
        and patient.card_name is None
        and patient.card_birth_date is None
        and not any(appointment.days == 0 for appointment in patient.appointments)
    ]


@pytest.fixture
def journey(demo: RunningDemo, kiosk: KioskScreen) -> Iterator[CardJourney]:
    demo.bench.lay_card(None)
    kiosk.start()
    yield CardJourney(demo, kiosk, holders(demo)[next(HERS)])
    demo.bench.lay_card(None)
    demo.bench.plug("card_reader", connected=True)


@pytest.fixture
def reception(demo: RunningDemo, staff_context: BrowserContext) -> StaffScreen:
    return StaffScreen.signed_in(staff_context, demo, "reception", "letan")


def open_at_reception(reception: StaffScreen, text: str) -> None:
    reception.page.goto(f"{reception.demo.staff_url}/reception/")
    reception.page.locator("#board a").filter(has_text=text).first.click()


def test_a_genuine_chip_and_staff_s_comparison_are_proof(journey: CardJourney, doctor: DoctorScreen) -> None:
    journey.show_code()
    journey.kiosk.see("đặt thẻ căn cước lên đầu đọc")
    journey.lay("genuine")
    journey.kiosk.see("Đã đọc chip: thẻ thật")
    assert journey.take_number() >= 1
    doctor.sees(journey.patient.name)
    doctor.open_row(journey.patient.name)
    doctor.sees("Chưa xác minh")
    doctor.sees("Chip thật · chưa so ảnh với người")
    portrait = doctor.page.locator(".holder__portrait")
    expect(portrait).to_be_visible()
    assert portrait.evaluate("picture => picture.naturalWidth") > 0
    doctor.page.get_by_role("button", name="Đúng người trong ảnh: chứng thực").click()
    doctor.sees("Đã chứng thực bằng chip")
    doctor.sees("nhân viên đã so ảnh")
    expect(doctor.page.locator("#allergies")).to_be_visible()


def test_a_consistent_chip_is_claimed_and_known_on_the_second_visit(
    journey: CardJourney, doctor: DoctorScreen, reception: StaffScreen
) -> None:
    journey.show_code()
    journey.lay("issuer_unknown")
    journey.kiosk.see("Nơi cấp thẻ chưa được xác minh")
    journey.take_number()
    doctor.open_row(journey.patient.name)
    doctor.sees("Chưa xác minh")
    doctor.sees("nơi cấp chưa được xác minh")
    expect(doctor.page.locator("#holder-title")).to_have_count(0)
    open_at_reception(reception, journey.patient.name)
    reception.page.get_by_role("button", name="Tôi đã xem thẻ và người cầm thẻ").click()
    reception.sees("Đã xác minh")
    reception.page.get_by_role("button", name="Hủy lượt").click()
    reception.sees("Đã hủy lượt này")

    journey.lift()
    journey.kiosk.at_welcome().start()
    journey.show_code()
    journey.lay("issuer_unknown")
    journey.kiosk.see("Đã đọc chip")
    journey.take_number()
    doctor.page.goto(f"{doctor.demo.staff_url}/doctor/")
    doctor.open_row(journey.patient.name)
    doctor.sees("thẻ quen")
    doctor.sees("Chưa xác minh")
    doctor.page.get_by_role("button", name="Đúng người trong ảnh: xác minh").click()
    doctor.sees("Đã xác minh")
    expect(doctor.page.locator("#allergies")).to_be_visible()


@pytest.mark.parametrize(
    ("profile", "reason", "why"),
    [
        ("cloned", "Thẻ đáng ngờ", "chip là bản sao"),
        ("forged", "Chip không dùng được", "dữ liệu bị sửa hoặc giả"),
        ("another_state", "Chip không dùng được", "không phải thẻ căn cước Việt Nam"),
    ],
)
def test_a_refused_chip_leads_to_reception_in_the_same_words(
    journey: CardJourney, reception: StaffScreen, profile: str, reason: str, why: str
) -> None:
    journey.show_code()
    journey.lay(profile)
    journey.kiosk.see("Mời ông/bà đến quầy tiếp đón")
    journey.kiosk.see("Chưa dùng được chip của thẻ")
    number = journey.kiosk.number
    open_at_reception(reception, journey.patient.name)
    reception.sees(reason)
    reception.sees(why)
    reception.sees(str(number))
    assert reception.page.get_by_text("Báo động kín").count() == (profile == "cloned")


def test_on_day_one_without_an_anchor_the_card_saves_typing(
    journey: CardJourney, doctor: DoctorScreen, reception: StaffScreen
) -> None:
    anchor = journey.demo.settings.trust_dir / ANCHOR_FILE
    away = anchor.rename(anchor.with_suffix(".away"))
    try:
        journey.kiosk.enter_number(journey.patient.citizen_id or "")
        journey.kiosk.see("không cần nhập ngày sinh")
        journey.lay("genuine")
        journey.kiosk.see(mask_name(journey.patient.name))
        journey.kiosk.see("Nơi cấp thẻ chưa được xác minh")
        journey.take_number()
        doctor.open_row(journey.patient.name)
        doctor.sees("Chưa xác minh")
        open_at_reception(reception, journey.patient.name)
        expect(reception.page.locator("#no-anchor")).to_be_visible()
        reception.sees("Tôi đã xem thẻ và người cầm thẻ")
    finally:
        away.rename(anchor)


def test_each_trouble_with_the_card_says_what_to_do_and_nobody_is_stuck(journey: CardJourney) -> None:
    journey.show_code()
    journey.lay("pulled_early")
    journey.kiosk.see("Thẻ rời đầu đọc hơi sớm")
    journey.lift()
    journey.lay("no_chip")
    journey.kiosk.see("có thể là thẻ cũ")
    journey.lift()
    journey.demo.bench.plug("card_reader", connected=False)
    journey.kiosk.see("Đầu đọc thẻ tạm chưa dùng được")
    journey.demo.bench.plug("card_reader", connected=True)
    journey.kiosk.see("đặt thẻ căn cước lên đầu đọc")
    journey.lay("expired")
    journey.kiosk.see("Thẻ đã hết hạn")
    journey.kiosk.that_is_me()
    journey.kiosk.choose(CLINIC)
    journey.kiosk.see("nhân viên sẽ hướng dẫn đổi thẻ")


@pytest.mark.parametrize(
    ("lay", "words"),
    [
        (lambda journey: journey.lay("genuine", journey.others()), "Chip"),
        (lambda journey: journey.lay("throttled"), "đang tạm khóa"),
    ],
    ids=["somebody else's card", "throttled"],
)
def test_a_card_that_does_not_open_is_no_dead_end(
    journey: CardJourney, lay: Callable[[CardJourney], None], words: str
) -> None:
    journey.show_code()
    lay(journey)
    expect(journey.kiosk.page.locator("[data-card=problem]")).to_contain_text(words, timeout=10_000)
    journey.kiosk.that_is_me()
    journey.kiosk.choose(CLINIC)
    assert journey.kiosk.number >= 1


def test_a_card_that_lies_there_before_its_code_asks_for_it(journey: CardJourney) -> None:
    journey.lay("genuine")
    journey.kiosk.see("Máy đã thấy thẻ")
    journey.show_code()
    journey.kiosk.see("thẻ thật")
