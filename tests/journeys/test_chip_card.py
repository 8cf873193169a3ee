"""A code before the camera and a chip card on the bench's reader: what `test_chip_card_through_pcscd` has not."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from kiosk.demo.card_office import ANCHOR_FILE
from kiosk.model.identity import mask_name
from tests.support.card_journey import CLINIC, BenchPlace, CardJourney
from tests.support.running_demo import RunningDemo
from tests.support.screens import DoctorScreen, KioskScreen, StaffScreen

pytestmark = pytest.mark.journey


@pytest.fixture
def journey(demo: RunningDemo, kiosk: KioskScreen) -> Iterator[CardJourney]:
    demo.bench.lay_card(None)
    kiosk.start()
    yield CardJourney(demo, kiosk, demo.newcomer(), BenchPlace(demo, kiosk))
    demo.bench.lay_card(None)
    demo.bench.plug("card_reader", connected=True)


@pytest.fixture
def reception(demo: RunningDemo, staff_context: BrowserContext) -> StaffScreen:
    return StaffScreen.signed_in(staff_context, demo, "reception", "letan")


def open_at_reception(reception: StaffScreen, text: str) -> None:
    reception.page.goto(f"{reception.demo.staff_url}/reception/")
    reception.page.locator("#board a").filter(has_text=text).first.click()


def test_another_state_s_card_leads_to_reception(journey: CardJourney, reception: StaffScreen) -> None:
    journey.show_code()
    journey.lay("another_state")
    journey.kiosk.see("Mời ông/bà đến quầy tiếp đón")
    journey.kiosk.see("Chưa dùng được chip của thẻ")
    open_at_reception(reception, journey.patient.name)
    reception.sees("Chip không dùng được")
    reception.sees("không phải thẻ căn cước Việt Nam")
    expect(reception.page.get_by_text("Báo động kín")).to_have_count(0)


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


def test_a_card_that_cannot_prove_anything_is_no_dead_end(journey: CardJourney) -> None:
    journey.show_code()
    journey.lay("throttled")
    journey.kiosk.see("đang tạm khóa")
    journey.demo.bench.plug("card_reader", connected=False)
    journey.kiosk.see("Đầu đọc thẻ tạm chưa dùng được")
    journey.demo.bench.plug("card_reader", connected=True)
    journey.lift()
    journey.kiosk.see("đặt thẻ căn cước lên đầu đọc")
    journey.lay("expired")
    journey.kiosk.see("Thẻ đã hết hạn")
    journey.kiosk.that_is_me()
    journey.kiosk.press("a person")
    journey.kiosk.choose(CLINIC)
    journey.kiosk.see("nhân viên sẽ hướng dẫn đổi thẻ")


def test_a_card_that_lies_there_before_its_code_asks_for_it(journey: CardJourney) -> None:
    journey.lay("genuine")
    journey.kiosk.see("Máy đã thấy thẻ")
    journey.show_code()
    journey.kiosk.see("thẻ thật")
