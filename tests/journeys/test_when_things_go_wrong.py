"""Unknown and damaged codes, doubtful people, absent services: never a dead end, never the wrong person."""

import json
from collections.abc import Iterator
from urllib.parse import quote_plus

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from kiosk.demo.code_pictures import card_picture, code_picture
from kiosk.hardware.simulated.bench import FileBench
from tests.conftest import close_gently
from tests.support.left_behind import found_in, left_behind, words_of
from tests.support.running_demo import RunningDemo
from tests.support.screens import DoctorScreen, KioskScreen, StaffScreen
from tests.support.second_kiosk import SecondKiosk, second_kiosk

pytestmark = pytest.mark.journey

STRANGER = "001085000001||Lê Văn Lạ|01021985|Nam|Số 3 Phố Ví Dụ, Hà Nội|15042021"


def picture(demo: RunningDemo, key: str, kind: str = "citizen") -> bytes:
    patient = demo.hospital.planted(key)
    return card_picture(patient, demo.card(patient, kind))


def damaged(card: bytes) -> bytes:
    """The same card behind scratches that no error correction mends."""
    image = np.asarray(cv2.imdecode(np.frombuffer(card, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)
    rng = np.random.default_rng(7)
    holes = rng.random(image.shape[:2]) < 0.5
    image[holes] = 255 - image[holes]
    return cv2.imencode(".jpg", image)[1].tobytes()


@pytest.fixture
def reception(demo: RunningDemo, staff_context: BrowserContext) -> StaffScreen:
    return StaffScreen.signed_in(staff_context, demo, "reception", "letan")


@pytest.fixture(scope="module")
def other(demo: RunningDemo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondKiosk]:
    with second_kiosk(demo, tmp_path_factory.mktemp("second")) as running:
        yield running


def test_an_unknown_patient_gets_a_number_of_reception_with_the_claim(
    kiosk: KioskScreen, reception: StaffScreen
) -> None:
    kiosk.start()
    kiosk.hold_up(code_picture(STRANGER))
    kiosk.see("Mời ông/bà đến quầy tiếp đón")
    assert kiosk.number >= 1
    assert "Lê Văn Lạ" not in kiosk.source
    reception.sees("Lê Văn Lạ")


def test_a_code_of_something_else_says_so_and_stays(kiosk: KioskScreen) -> None:
    kiosk.start()
    kiosk.hold_up(code_picture("https://example.org/menu"))
    kiosk.see("Chưa dùng được mã này")
    expect(kiosk.page.locator("#preview")).to_be_visible()


def test_a_damaged_code_is_no_dead_end(demo: RunningDemo, kiosk: KioskScreen) -> None:
    kiosk.start()
    kiosk.hold_up(damaged(picture(demo, "walk_in")))
    kiosk.page.wait_for_timeout(2000)
    expect(kiosk.page.locator("#preview")).to_be_visible()
    kiosk.enter_number("BN900012")
    kiosk.enter_birth_date(6, 6, 1996)
    kiosk.see("ĐẶNG H** L**")


def test_two_patients_with_one_number_are_for_a_person(
    demo: RunningDemo, kiosk: KioskScreen, reception: StaffScreen
) -> None:
    kiosk.start()
    kiosk.hold_up(picture(demo, "twice_a"))
    kiosk.see("Mời ông/bà đến quầy tiếp đón")
    reception.sees("Ngô Đức Thịnh")


@pytest.mark.parametrize("key", ["name_differs", "birth_date_differs", "deceased"])
def test_a_card_that_disagrees_with_the_record_is_for_a_person(demo: RunningDemo, kiosk: KioskScreen, key: str) -> None:
    kiosk.start()
    kiosk.hold_up(picture(demo, key))
    kiosk.see("Mời ông/bà đến quầy tiếp đón")


def test_a_number_with_a_wrong_birthday_looks_like_an_unknown_number_and_ends_with_a_person(
    demo: RunningDemo, other: SecondKiosk, kiosk_context: BrowserContext
) -> None:
    kiosk = KioskScreen.at(kiosk_context, demo, other.url)
    said = []
    for number in ("BN900005", "BN987654"):
        kiosk.start()
        kiosk.enter_number(number)
        kiosk.enter_birth_date(1, 2, 1950)
        kiosk.see("chưa khớp")
        said.append(kiosk.text)
        kiosk.at_welcome()
    assert said[0] == said[1]
    kiosk.start()
    kiosk.enter_number("BN900005")
    for left in ("còn 1 lần", "đến quầy tiếp đón"):
        kiosk.enter_birth_date(1, 2, 1950)
        kiosk.see(left)
    kiosk.at_welcome()
    kiosk.start()
    kiosk.enter_number("BN987654")
    kiosk.enter_birth_date(1, 2, 1950)
    kiosk.see("đến quầy tiếp đón")
    kiosk.at_welcome()
    kiosk.start()
    kiosk.see("tạm ngừng nhận số nhập tay")


def test_the_same_code_twice_shows_the_same_number(demo: RunningDemo, kiosk: KioskScreen) -> None:
    numbers: list[int] = []
    for _ in range(2):
        kiosk.start()
        # a code counts again when it was away for three seconds of looking
        kiosk.page.wait_for_timeout(3500)
        kiosk.hold_up(picture(demo, "aged_75"))
        if numbers:
            # whoever holds a photograph of the card has its code, too
            born = demo.hospital.planted("aged_75").birth_date
            kiosk.enter_birth_date(born.day or 0, born.month or 0, born.year)
        kiosk.that_is_me()
        if not numbers:
            kiosk.take_number()
        numbers.append(kiosk.number)
        demo.bench.hold_up(None)
        kiosk.press("done")
    assert numbers[0] == numbers[1]


def test_the_same_code_at_two_kiosks_shows_one_number(
    demo: RunningDemo, kiosk: KioskScreen, other: SecondKiosk, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1080, "height": 1920})
    there = KioskScreen.at(context, demo, other.url)
    card = picture(demo, "child_under_6", "insurance")
    kiosk.start()
    there.start()
    kiosk.hold_up(card)
    FileBench(other.runtime).hold_up(card)
    kiosk.that_is_me()
    there.that_is_me()
    kiosk.take_number()
    there.take_number()
    assert kiosk.number == there.number
    there.see("đã lấy số này rồi")
    close_gently(context)


def test_without_the_record_there_is_a_number_and_later_the_patient(
    demo: RunningDemo, kiosk: KioskScreen, doctor: DoctorScreen
) -> None:
    demo.bench.switch_record(off=True)
    kiosk.start()
    someone = demo.newcomer()
    kiosk.hold_up(card_picture(someone, demo.card(someone, "citizen")))
    kiosk.that_is_me()
    kiosk.see("hồ sơ sẽ được tìm sau")
    kiosk.choose("Nội tiết")
    assert kiosk.number >= 1
    doctor.sees(someone.name)
    doctor.sees("Chưa kết nối hồ sơ")
    doctor.open_row(someone.name)
    demo.bench.switch_record(off=False)
    expect(doctor.page.locator("#rows-box")).not_to_contain_text("Chưa kết nối hồ sơ", timeout=15000)


def test_without_redis_there_is_a_number_and_the_screens_come_back(
    demo: RunningDemo, kiosk: KioskScreen, doctor: DoctorScreen
) -> None:
    demo.bench.switch_redis(off=True)
    expect(doctor.page.get_by_text("cập nhật mỗi 5 giây")).to_be_visible(timeout=15000)
    kiosk.start()
    patient = demo.hospital.planted("partial_birth_date")
    kiosk.hold_up(card_picture(patient, demo.card(patient, "citizen")))
    kiosk.that_is_me()
    kiosk.take_number()
    assert kiosk.number >= 1
    demo.bench.hold_up(None)
    demo.bench.switch_redis(off=False)
    expect(doctor.page.get_by_text("Cập nhật trực tiếp")).to_be_visible(timeout=20_000)
    kiosk.press("done")
    kiosk.start()
    someone = demo.newcomer()
    kiosk.hold_up(card_picture(someone, demo.card(someone, "citizen")))
    kiosk.that_is_me()
    kiosk.choose("Nội tiết")
    assert kiosk.number >= 1
    doctor.sees(someone.name, seconds=10)


def test_without_paper_the_number_stays_large_and_reception_is_told(
    demo: RunningDemo, kiosk: KioskScreen, reception: StaffScreen
) -> None:
    demo.bench.set_paper(out=True)
    kiosk.start()
    kiosk.hold_up(picture(demo, "unusual_name"))
    kiosk.that_is_me()
    kiosk.take_number()
    kiosk.see("Chưa in được")
    size = kiosk.page.locator(".ticket__number").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert size > 150
    reception.sees("Chưa in", seconds=8)
    demo.bench.set_paper(out=False)


def test_help_keeps_the_place_and_reception_sees_it(kiosk: KioskScreen, reception: StaffScreen) -> None:
    kiosk.start()
    kiosk.press("help")
    kiosk.see("Đã báo quầy")
    reception.sees("Kiosk 1")
    expect(reception.page.locator("#needs")).to_be_visible()


def test_logs_and_addresses_hold_nothing_personal(demo: RunningDemo, kiosk: KioskScreen, doctor: DoctorScreen) -> None:
    """After one journey that types everything; at the end of all journeys the demo is searched once more."""
    patient = demo.newcomer()
    born = patient.birth_date
    kiosk.start()
    kiosk.enter_number(patient.hospital_code)
    kiosk.enter_birth_date(born.day or 0, born.month or 0, born.year)
    kiosk.that_is_me()
    kiosk.choose("Nội tiết")
    assert kiosk.number >= 1
    doctor.open_row(patient.name)
    doctor.answer(f"{born.day:02}/{born.month:02}/{born.year}")
    doctor.sees("Dị ứng")
    for end in (f"{demo.patient_url}/birth-date", "/open-question", "/live"):
        assert [address for address in demo.visited if end in address], end
    assert left_behind(demo) == []


def test_what_would_be_left_behind_is_found_however_it_is_written(demo: RunningDemo) -> None:
    patient = demo.hospital.planted("aged_75")
    words = set(words_of(patient))
    assert len(words) >= 4
    for word in words:
        for written in (word, word.upper(), quote_plus(word), json.dumps(word)):
            assert found_in(f"GET /?a={written}&b=1", words) == [word]
    assert found_in(f"card_{patient.citizen_id}_", words) == [patient.citizen_id]
    assert found_in(f"1{patient.citizen_id} 1795404740984-0 /check-ins/35377df299e0af42ebe878c228f9b199", words) == []
