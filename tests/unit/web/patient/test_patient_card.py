"""What the patient reads of a chip card, in each case that there is something to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import CardProblem
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.check_in_view import CheckInView
from kiosk.model.chip_card import ChipReading, ChipReason, ChipVerdict, CitizenData
from kiosk.model.chip_evidence import CardPhase, CardState
from kiosk.model.identity import PartialDate, Sex
from kiosk.ports.devices import SignalSource
from tests.support.patient_site import PatientSite, PlainBrowser, demo_settings
from tests.support.small_hospital import GIA_QR, MAU_QR, SetClock

HERE = "kiosk-1"
GENUINE = ChipReading(
    ChipVerdict.GENUINE,
    citizen=CitizenData("001190012345", "Nguyễn Thị Mẫu", PartialDate(1990, 3, 5), Sex.FEMALE, None),
)
UNKNOWN = replace(GENUINE, verdict=ChipVerdict.CONSISTENT, reasons=(ChipReason.ISSUER_UNKNOWN,))
CLONED = replace(GENUINE, verdict=ChipVerdict.REFUSED, reasons=(ChipReason.CHIP_CLONED,), alarm=True)
FORGED = replace(CLONED, reasons=(ChipReason.DATA_FORGED,), alarm=False)
PROBLEMS = {
    CardProblem.SERVICE_DOWN: "Đầu đọc thẻ tạm chưa dùng được",
    CardProblem.NO_READER: "Đầu đọc thẻ tạm chưa dùng được",
    CardProblem.NO_CARD: "Mời ông/bà đặt thẻ lên đầu đọc",
    CardProblem.REMOVED: "Thẻ rời đầu đọc hơi sớm",
    CardProblem.NO_ANSWER: "Chip chưa trả lời",
    CardProblem.WRONG_KEY: "Chip chưa khớp với số đã đưa",
    CardProblem.THROTTLED: "đang tạm khóa",
    CardProblem.UNSUPPORTED: "có thể là thẻ cũ",
    CardProblem.SECURE_MESSAGING: "Chưa đọc được chip",
    CardProblem.MALFORMED: "Chưa đọc được chip",
}


@pytest.fixture
def screen(station: LocalCheckIns, clock: SetClock, bus: MemoryBus) -> PlainBrowser:
    """A kiosk with a card reader."""
    browser = PlainBrowser(PatientSite(station, clock, bus, demo_settings(card_reader="simulated")).app())
    browser.open()
    return browser


@pytest.fixture
def shown(station: LocalCheckIns) -> Callable[[], CheckInView]:
    return lambda: station.claim(HERE, MAU_QR, SignalSource.CAMERA)


def test_the_card_is_offered_beside_the_name_and_going_on_needs_no_card(
    screen: PlainBrowser, shown: Callable[[], CheckInView]
) -> None:
    shown()
    page = screen.open()
    assert "đặt thẻ căn cước lên đầu đọc" in page
    assert "Đặt thẻ nằm trên đầu đọc của máy" in page
    assert "Đúng là tôi" in page


def test_a_kiosk_without_a_reader_does_not_speak_of_chips(site: PatientSite, shown: Callable[[], CheckInView]) -> None:
    shown()
    browser = PlainBrowser(site.app())
    assert "đầu đọc" not in browser.open()


def test_an_insurance_card_or_a_hospital_code_is_not_followed_by_the_offer(
    screen: PlainBrowser, station: LocalCheckIns
) -> None:
    view = station.claim(HERE, "BN000123", SignalSource.SCANNER)
    assert "đầu đọc" not in screen.open()
    station.answer_birth_date(HERE, view.id, view.version, PartialDate(1990, 3, 5))
    assert "đầu đọc" not in screen.open()


@pytest.mark.parametrize("problem", CardProblem)
def test_each_problem_says_what_to_do_and_the_way_on_stays(
    screen: PlainBrowser, station: LocalCheckIns, shown: Callable[[], CheckInView], problem: CardProblem
) -> None:
    view = shown()
    phase = CardPhase.UNAVAILABLE if problem in {CardProblem.NO_READER, CardProblem.SERVICE_DOWN} else CardPhase.PROBLEM
    before = screen.client.get("/state", base_url="http://localhost").json
    station.card_state(HERE, view.id, CardState(phase, problem, tries_left=2))
    after = screen.client.get("/state", base_url="http://localhost").json
    assert before
    assert after
    assert before["mark"] == after["mark"]
    assert before["news"]["card-news"]["key"] != after["news"]["card-news"]["key"]
    assert PROBLEMS[problem] in after["news"]["card-news"]["html"]
    assert PROBLEMS[problem] in after["news"]["card-news"]["say"]
    page = screen.open()
    assert PROBLEMS[problem] in page
    assert "Đúng là tôi" in page
    assert "lỗi" not in page.partition('id="card-panel"')[2].partition("</section>")[0]
    page = screen.press("/language", language="en", page="is_this_you")
    assert PROBLEMS[problem] not in page
    assert 'data-card="problem"' in page


def test_a_key_that_was_wrong_three_times_is_no_invitation(
    screen: PlainBrowser, station: LocalCheckIns, shown: Callable[[], CheckInView]
) -> None:
    station.card_state(HERE, shown().id, CardState(CardPhase.PROBLEM, CardProblem.WRONG_KEY, tries_left=0))
    assert PROBLEMS[CardProblem.THROTTLED] in screen.open()


def test_progress_moves_without_a_new_page(
    screen: PlainBrowser, station: LocalCheckIns, shown: Callable[[], CheckInView]
) -> None:
    view = shown()
    station.card_state(HERE, view.id, CardState(CardPhase.READING, done=1, total=6))
    page = screen.open()
    assert '<progress class="card-panel__progress" id="card-progress" max="6" value="1"' in page
    first = screen.client.get("/state", base_url="http://localhost").json
    station.card_state(HERE, view.id, CardState(CardPhase.READING, done=4, total=6))
    second = screen.client.get("/state", base_url="http://localhost").json
    assert first
    assert second
    assert first["mark"] == second["mark"]
    assert first["news"]["card-news"]["key"] == second["news"]["card-news"]["key"]
    assert second["progress"] == {"card-progress": [4, 6]}


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (GENUINE, "thẻ thật"),
        (UNKNOWN, "Nơi cấp thẻ chưa được xác minh"),
        (replace(GENUINE, expired=True), "Thẻ đã hết hạn"),
        (replace(UNKNOWN, reasons=(ChipReason.COPY_NOT_EXCLUDED,)), "Ông/bà cứ tiếp tục"),
    ],
)
def test_a_chip_that_was_read_says_so(
    screen: PlainBrowser,
    station: LocalCheckIns,
    shown: Callable[[], CheckInView],
    reading: ChipReading,
    words: str,
) -> None:
    station.claim_chip(HERE, shown().id, reading)
    page = screen.open()
    assert words in page
    assert "NGUYỄN T** M**" in page
    screen.press("/name", answer="yes")
    page = screen.press("/appointment", appointment="eye-0930")
    assert "nhớ cầm lại thẻ" in page


def test_a_clone_and_a_forgery_read_the_same_and_lead_to_reception(
    screen: PlainBrowser, station: LocalCheckIns, clock: SetClock
) -> None:
    pages = []
    for payload, reading in ((MAU_QR, CLONED), (GIA_QR, FORGED)):
        view = station.claim(HERE, payload, SignalSource.CAMERA)
        station.claim_chip(HERE, view.id, reading)
        page = screen.open()
        assert "Mời ông/bà đến quầy tiếp đón" in page
        assert "Chưa dùng được chip của thẻ" in page
        assert "Nhân viên đang đến" not in page.partition('id="help-coming" hidden')[0]
        pages.append(screen.heading)
        screen.press("/leave")
        clock.pass_time(seconds=1)
    assert pages[0] in {pages[1], "Số thứ tự của ông/bà"}


@pytest.mark.parametrize(
    ("phase", "words"),
    [(CardPhase.NEEDS_NUMBER, "Máy đã thấy thẻ"), (CardPhase.LIFT, "Trên đầu đọc đang có một thẻ")],
)
def test_a_card_that_lies_there_already_asks_for_its_code(
    screen: PlainBrowser, station: LocalCheckIns, phase: CardPhase, words: str
) -> None:
    view = station.start(HERE, "vi")
    station.card_state(HERE, view.id, CardState(phase))
    page = screen.open()
    assert words in page
    assert "Không có mã? Nhập số" in page


def test_a_typed_number_is_followed_by_the_offer_and_if_need_be_the_expiry_date(
    screen: PlainBrowser, station: LocalCheckIns
) -> None:
    view = station.claim(HERE, "001190012345", SignalSource.TYPED)
    assert "không cần nhập ngày sinh" in screen.open()
    view = station.answer_birth_date(HERE, view.id, view.version, PartialDate(1990, 3, 5))
    station.card_state(HERE, view.id, CardState(CardPhase.PROBLEM, CardProblem.WRONG_KEY, tries_left=2))
    assert 'href="/expiry"' in screen.open()
    screen.open("/expiry")
    assert "hết hạn" in screen.heading
    assert "chưa hợp lệ" in screen.press("/expiry", day="31", month="2", year="2030")
    screen.open("/expiry")
    page = screen.press("/expiry", day="5", month="3", year="2030")
    assert "Mời ông/bà đặt thẻ lên đầu đọc" in page
    facts = station.card_facts(HERE, view.id)
    assert facts
    assert facts.expires_on == date(2030, 3, 5)
    assert screen.open("/expiry")
    assert "hết hạn của thẻ" not in screen.page


def test_a_card_without_expiry_says_so_with_one_touch(screen: PlainBrowser, station: LocalCheckIns) -> None:
    view = station.claim(HERE, "001190012345", SignalSource.TYPED)
    view = station.answer_birth_date(HERE, view.id, view.version, PartialDate(1990, 3, 5))
    screen.open()
    screen.open("/expiry")
    screen.press("/expiry", without="yes")
    facts = station.card_facts(HERE, view.id)
    assert facts
    assert facts.expires_on
    assert f"{facts.expires_on:%y%m%d}" == "991231"


def test_a_scanned_card_never_asks_for_its_expiry(
    screen: PlainBrowser, station: LocalCheckIns, shown: Callable[[], CheckInView]
) -> None:
    view = shown()
    station.card_state(HERE, view.id, CardState(CardPhase.PROBLEM, CardProblem.WRONG_KEY, tries_left=2))
    assert 'href="/expiry"' not in screen.open()
    screen.press("/expiry", without="yes")
    facts = station.card_facts(HERE, view.id)
    assert facts
    assert facts.expires_on is None
