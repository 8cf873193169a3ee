"""The patient's screens in a real browser: sizes, reach, following the station, and what stays behind."""

import io
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, ViewportSize, expect

from kiosk.checkin.services import Services
from kiosk.errors import CardProblem
from kiosk.model.chip_card import ChipReading, ChipVerdict, CitizenData
from kiosk.model.chip_evidence import CardPhase, CardState
from kiosk.model.events import Command, CommandKind, EventKind
from kiosk.model.face import FaceGuide
from kiosk.model.identity import Identifier, IdentifierSystem, PartialDate, Sex
from kiosk.model.queue import PrintState
from tests.conftest import close_gently
from tests.support.patience import until
from tests.support.patient_server import PatientKiosk, serve_patient
from tests.support.patient_site import STATION
from tests.support.small_faces import enrol, face, with_faces
from tests.support.small_hospital import (
    GIA,
    GIA_QR,
    MAU,
    MAU_QR,
    STRANGER_QR,
    SetClock,
    SmallRecord,
    open_small_hospital,
)
from tests.support.staff_server import SwitchedBus

pytestmark = pytest.mark.integration

SHAPES = {"portrait": ViewportSize(width=1080, height=1920), "landscape": ViewportSize(width=1366, height=768)}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TARGET, GAP, BODY, HEADING = 80, 20, 42, 56
"""Pixels at 0.25 mm a pixel: 20 mm, 5 mm, 29 pt and 40 pt."""
SAID_ALIKE = (CardProblem.NO_READER, CardProblem.MALFORMED, CardProblem.WRONG_KEY)
"""In the words of another problem, or last."""
HERS, HIS = face(1), face(2)
NAM_S_NUMBER = Identifier(IdentifierSystem.CITIZEN_ID, "001040000005")
NAM = replace(GIA, id="nam", name="Lê Văn Năm", birth_date=PartialDate(1940), identifiers=(NAM_S_NUMBER,))
GENUINE = ChipReading(
    ChipVerdict.GENUINE,
    citizen=CitizenData("001190012345", "Nguyễn Thị Mẫu", PartialDate(1990, 3, 5), Sex.FEMALE, None),
    portrait=b"\xff\xd8 portrait",
)

MEASURE = """() => {
  const seen = [...document.querySelectorAll("button, a.button")].filter((one) => one.checkVisibility());
  const boxes = seen.map((one) => [one, one.getBoundingClientRect()]);
  const size = (one) => parseFloat(getComputedStyle(one).fontSize);
  const apart = (a, b) => Math.max(b.left - a.right, a.left - b.right, b.top - a.bottom, a.top - b.bottom);
  const near = [];
  boxes.forEach(([one, a], at) => boxes.slice(at + 1).forEach(([other, b]) => {
    if (apart(a, b) < 19.5) near.push(`${one.textContent.trim()} – ${other.textContent.trim()}: ${apart(a, b)}`);
  }));
  const root = document.documentElement;
  const content = document.querySelector(".step__content");
  return {
    small: boxes.filter(([, box]) => box.width < 79.5 || box.height < 79.5).map(([one]) => one.textContent.trim()),
    outside: boxes.filter(([, box]) => box.bottom > innerHeight || box.top < 0 || box.right > innerWidth)
      .map(([one]) => one.textContent.trim()),
    spilled: seen.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent.trim()),
    near,
    scrolls: root.scrollHeight > innerHeight || content.scrollHeight > content.clientHeight + 1,
    text: Math.min(...[...document.querySelectorAll("main *, nav *, header *")]
      .filter((one) => one.checkVisibility() && one.textContent.trim() && !one.closest("svg, .hidden-but-read"))
      .map(size)),
    heading: size(document.querySelector("h1")),
  };
}"""


@pytest.fixture
def bus() -> SwitchedBus:
    return SwitchedBus()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def services(tmp_path: Path, bus: SwitchedBus, clock: SetClock) -> Services:
    """Faces are on; that of one who knows the year of birth only is kept, and every chip shows another one's."""
    record = SmallRecord(patients=[MAU, GIA, NAM])
    small = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)
    known = with_faces(small, tmp_path, clock, portrait=HERS)
    enrol(known, NAM.id, HIS)
    return known


@pytest.fixture
def kiosk(services: Services) -> Iterator[PatientKiosk]:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), (150, 160, 170)).save(picture, "JPEG")
    with serve_patient(services, picture.getvalue()) as served:
        yield served


@pytest.fixture
def page(browser: Browser, kiosk: PatientKiosk) -> Iterator[Page]:
    context = browser.new_context(base_url=kiosk.address, viewport=SHAPES["portrait"], reduced_motion="reduce")
    yield opened(context)
    close_gently(context)


def opened(context: BrowserContext) -> Page:
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/")
    return page


def on(page: Page, name: str) -> None:
    expect(page.locator(f"body[data-page={name}]")).to_be_attached(timeout=10_000)
    page.wait_for_load_state("domcontentloaded")


def pass_time(page: Page, seconds: int) -> None:
    """With pauses in which the server answers: the browser's patience with it is of the same clock."""
    for at in range(0, seconds, 10):
        page.clock.run_for(min(10, seconds - at) * 1_000)
        page.wait_for_timeout(150)


def type_keys(page: Page, keys: str) -> None:
    for key in keys:
        page.locator(f"[data-keypad]:not([hidden]) [data-key='{key}']").click()


def fits(page: Page, name: str) -> None:
    """The figures of a screen for older eyes and hands."""
    found = page.evaluate(MEASURE)
    assert {key: found[key] for key in ("small", "outside", "spilled", "near")} == {
        "small": [], "outside": [], "spilled": [], "near": [],
    }, name  # fmt: skip
    assert not found["scrolls"], name
    assert found["text"] >= BODY, name
    assert found["heading"] >= HEADING, name


def judge(page: Page, name: str) -> None:
    """A screen fits, and axe finds nothing: it looks at words, roles and colours, which are the same in both shapes."""
    on(page, name)
    if name == "show":
        expect(page.locator("[data-live]")).to_be_attached()
    fits(page, name)
    if page.viewport_size != SHAPES["portrait"]:
        return
    result = Axe().run(page, options=WCAG)
    assert result.violations_count == 0, f"{name}: {result.generate_report()}"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("contrast", ["usual", "high"])
def test_every_screen_fits_its_patient(
    browser: Browser, kiosk: PatientKiosk, shape: str, language: str, contrast: str
) -> None:
    context = browser.new_context(base_url=kiosk.address, viewport=SHAPES[shape], reduced_motion="reduce")
    page = opened(context)
    in_language(page, language)
    if contrast == "high":
        page.locator("[value=contrast]").click()
        expect(page.locator("html[data-contrast=high]")).to_be_attached()
    judge(page, "welcome")
    page.locator(".step__action .big-action").click()
    judge(page, "show")
    page.locator(".step__action a").click()
    judge(page, "number")
    page.locator("[data-pad=letters]").click()
    judge(page, "number")
    type_keys(page, "BN")
    page.locator("[data-pad=digits]").click()
    type_keys(page, "000123")
    page.locator(".typing .big-action").click()
    judge(page, "birth_date")
    type_keys(page, "01011991")
    page.locator(".typing .big-action").click()
    expect(page.locator(".notice").first).to_be_visible()
    judge(page, "birth_date")
    type_keys(page, "05031990")
    page.locator(".typing .big-action").click()
    judge(page, "is_this_you")
    page.locator("[name=answer][value=yes]").click()
    judge(page, "appointments")
    page.locator(".dock__help button").click()
    expect(page.locator("#help-told")).to_be_visible()
    judge(page, "appointments")
    page.locator(".step__action a").click()
    judge(page, "clinics")
    page.locator(".clinics button").first.click()
    judge(page, "ticket")
    page.locator("[data-leaves] button").click()
    on(page, "welcome")
    close_gently(context)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_number_of_reception_and_a_problem_fit_too(browser: Browser, kiosk: PatientKiosk, shape: str) -> None:
    context = browser.new_context(base_url=kiosk.address, viewport=SHAPES[shape], reduced_motion="reduce")
    page = opened(context)
    kiosk.show(STRANGER_QR)
    judge(page, "ticket")
    page.goto("/problem")
    judge(page, "problem")
    close_gently(context)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_whatever_is_said_of_a_card_fits_too(browser: Browser, kiosk: PatientKiosk, shape: str, language: str) -> None:
    context = browser.new_context(base_url=kiosk.address, viewport=SHAPES[shape], reduced_motion="reduce")
    page = opened(context)
    in_language(page, language)
    page.locator(".step__action .big-action").click()
    page.locator(".step__action a").click()
    type_keys(page, "001190012345")
    page.locator(".typing .big-action").click()
    on(page, "birth_date")
    fits_with_every_card_problem(page, kiosk)
    type_keys(page, "05031990")
    page.locator(".typing .big-action").click()
    on(page, "is_this_you")
    fits_with_every_card_problem(page, kiosk)
    judge(page, "is_this_you")
    page.locator("#card-panel a").click()
    judge(page, "expiry")
    page.locator(".typing .big-action").click()
    expect(page.locator(".notice").first).to_be_visible()
    judge(page, "expiry")
    page.locator("[name=without]").click()
    on(page, "is_this_you")
    close_gently(context)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_whatever_is_asked_and_said_of_a_face_fits_too(
    browser: Browser, kiosk: PatientKiosk, clock: SetClock, shape: str, language: str
) -> None:
    context = browser.new_context(base_url=kiosk.address, viewport=SHAPES[shape], reduced_motion="reduce")
    page = opened(context)
    in_language(page, language)
    page.locator(".step__action .big-action").click()
    on(page, "show")
    page.locator("form[action$='/face'] button").click()
    judge(page, "face_consent")
    page.locator("[name=answer][value=yes]").click()
    judge(page, "face")
    fits_with_every_instruction(page, kiosk)
    page.locator(".dock__help button").click()
    expect(page.locator("#help-told")).to_be_visible()
    kiosk.miss_face()
    expect(page.locator(".step__notices > .notice")).to_be_visible()
    judge(page, "face")
    kiosk.take_face(HIS)
    judge(page, "birth_date")
    page.locator("#year").fill("1941")
    page.locator(".typing .big-action").click()
    expect(page.locator(".step__notices > .notice")).to_be_visible()
    judge(page, "birth_date")
    page.locator("#year").fill("1940")
    page.locator(".typing .big-action").click()
    judge(page, "last_four")
    page.locator("[form=use-card]").click()
    on(page, "show")
    clock.pass_time(seconds=1)
    keeping_and_forgetting_fit_too(page, kiosk, language)
    close_gently(context)


def fits_with_every_instruction(page: Page, kiosk: PatientKiosk) -> None:
    """Each on the same page, which is not fetched anew."""
    page.evaluate("document.body.dataset.stayed = ''")
    for step, guide in enumerate(FaceGuide):
        kiosk.tell_of_face(guide, step, len(FaceGuide))
        expect(page.locator(f"#face-words[data-key={guide}]")).to_be_attached()
        fits(page, guide)
    expect(page.locator("body[data-stayed]")).to_be_attached()
    expect(page.locator("#face-progress")).to_have_js_property("value", 93)


def keeping_and_forgetting_fit_too(page: Page, kiosk: PatientKiosk, language: str) -> None:
    """From a code and a chip to a face that is kept; and then forgotten."""
    view = kiosk.show(MAU_QR)
    on(page, "is_this_you")
    kiosk.station.claim_chip(STATION, view.id, GENUINE)
    expect(page.locator("[data-card=done]")).to_be_attached()
    page.locator("[name=answer][value=yes]").click()
    judge(page, "face_consent")
    page.locator("[name=answer][value=yes]").click()
    on(page, "face")
    kiosk.take_face(HERS)
    judge(page, "enrol_consent")
    page.locator("[name=answer][value=yes]").click()
    on(page, "appointments")
    kiosk.station.enrol_face(STATION, view.id, HERS)
    page.locator(".step__action .big-action").click()
    expect(page.locator("#enrolment-note")).to_be_visible()
    judge(page, "ticket")
    page.locator("[data-leaves] button").click()
    on(page, "welcome")
    in_language(page, language)
    page.locator("form[action$='/forget'] button").click()
    judge(page, "show")
    kiosk.show(MAU_QR)
    judge(page, "birth_date")
    type_keys(page, "05031990")
    page.locator(".typing .big-action").click()
    on(page, "is_this_you")
    page.locator("[name=answer][value=yes]").click()
    judge(page, "forgotten")


def in_language(page: Page, language: str) -> None:
    """The screen begins in Vietnamese."""
    if language == "en":
        page.get_by_role("button", name="English").click()
        expect(page.locator("html[lang=en]")).to_be_attached()


def fits_with_every_card_problem(page: Page, kiosk: PatientKiosk) -> None:
    """One after the other; the last is the wrong key."""
    panel = page.locator("#card-panel p")
    for problem in (*(one for one in CardProblem if one not in SAID_ALIKE), CardProblem.WRONG_KEY):
        before = panel.inner_text()
        kiosk.tell_of_card(CardState(CardPhase.PROBLEM, problem))
        expect(panel).not_to_have_text(before)
        page.wait_for_load_state("load")
        fits(page, problem)


def test_the_lowered_screen_keeps_everything_in_reach(page: Page) -> None:
    page.locator("[value=low]").click()
    expect(page.locator("html[data-position=low]")).to_be_attached()
    judge(page, "welcome")
    highest = page.evaluate(
        "() => Math.min(...[...document.querySelectorAll('button')].filter((one) => one.checkVisibility())"
        ".map((one) => one.getBoundingClientRect().top))"
    )
    assert highest > SHAPES["portrait"]["height"] / 2
    page.locator(".step__action .big-action").click()
    judge(page, "show")
    page.locator(".step__action a").click()
    judge(page, "number")


def test_the_bench_and_the_gallery_hold_no_barrier(page: Page) -> None:
    for path in ("/bench", "/components", "/components?screen=kiosk"):
        page.goto(path)
        result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert result.violations_count == 0, f"{path}: {result.generate_report()}"


@pytest.mark.parametrize("redis", ["on", "off"])
def test_the_screen_follows_the_station(page: Page, kiosk: PatientKiosk, bus: SwitchedBus, redis: str) -> None:
    bus.off = redis == "off"
    kiosk.show(MAU_QR)
    expect(page.locator("main")).to_contain_text("NGUYỄN T** M**", timeout=3000)
    page.get_by_role("button", name="Đúng là tôi").click()
    page.get_by_role("button", name="Lấy số thứ tự").click()
    expect(page.locator(".ticket__number")).to_have_text("1")
    kiosk.show(GIA_QR)
    expect(page.locator("main")).to_contain_text("TRẦN V** G**", timeout=3000)


def test_a_double_tap_gives_one_number(page: Page, kiosk: PatientKiosk, services: Services, clock: SetClock) -> None:
    kiosk.show(GIA_QR)
    page.get_by_role("button", name="Đúng là tôi").dblclick()
    on(page, "clinics")
    page.locator(".clinics button").first.dblclick()
    on(page, "ticket")
    with services.storage.read() as work:
        assert len(work.check_ins.of_patient("gia", clock.today())) == 1


def test_help_loses_nothing_that_was_typed(page: Page, kiosk: PatientKiosk) -> None:
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_role("link", name="Không có mã? Nhập số").click()
    type_keys(page, "00119")
    page.get_by_role("button", name="Tôi cần giúp đỡ").click()
    expect(page.locator("#help-told")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.locator("#number")).to_have_value("00119")
    type_keys(page, "0012345")
    page.get_by_role("button", name="Tiếp tục").click()
    on(page, "birth_date")
    assert kiosk.here
    assert kiosk.here.help_told


def test_a_switch_of_the_dock_loses_nothing_that_was_typed(page: Page) -> None:
    page.locator(".step__action .big-action").click()
    on(page, "show")
    page.locator(".step__action a").click()
    on(page, "number")
    page.locator("[data-pad=letters]").click()
    type_keys(page, "BN")
    page.locator("[value=contrast]").click()
    expect(page.locator("html[data-contrast=high]")).to_be_attached()
    expect(page.locator("#number")).to_have_value("BN")
    type_keys(page, "A")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html[lang=en]")).to_be_attached()
    expect(page.locator("#number")).to_have_value("BNA")
    assert page.evaluate("sessionStorage.getItem('typed')") is None
    page.locator(".dock__back").click()
    on(page, "show")
    page.locator(".step__action a").click()
    on(page, "number")
    expect(page.locator("#number")).to_have_value("")


def test_after_a_problem_help_and_back_stand_in_their_place(page: Page) -> None:
    dock = page.locator(".dock").bounding_box()
    page.locator("[value=contrast]").click()
    expect(page.locator("html[data-contrast=high]")).to_be_attached()
    page.goto("/problem")
    expect(page.locator("html[data-contrast=high]")).to_be_attached()
    assert page.locator(".dock").bounding_box() == dock
    page.locator(".dock__help button").click()
    expect(page.locator("#help-told")).to_be_visible()
    page.goto("/problem")
    page.locator(".dock__back").click()
    on(page, "show")


def test_a_list_longer_than_its_room_has_a_button_for_the_rest(page: Page, kiosk: PatientKiosk) -> None:
    page.set_viewport_size({"width": 1366, "height": 600})
    kiosk.show(GIA_QR)
    on(page, "is_this_you")
    page.locator("[name=answer][value=yes]").click()
    on(page, "clinics")
    last = page.locator(".clinics button").last
    expect(last).not_to_be_in_viewport(ratio=0.9)
    page.locator("#more").click()
    expect(last).to_be_in_viewport(ratio=0.9)


def test_an_answer_that_help_overtook_takes_nothing_from_under_the_fingers(page: Page) -> None:
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_role("link", name="Không có mã? Nhập số").click()
    on(page, "number")
    late: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        late.append((route, route.fetch()))

    page.route("**/state", hold, times=1)
    type_keys(page, "00119")
    page.wait_for_timeout(5500)
    assert late, "the page asks at least every five seconds"
    page.get_by_role("button", name="Tôi cần giúp đỡ").click()
    expect(page.locator("#help-told")).to_be_visible()
    for route, answer in late:
        route.fulfill(response=answer)
    page.wait_for_timeout(500)
    expect(page.locator("#number")).to_have_value("00119")


def test_news_of_the_chip_card_take_nothing_from_under_the_fingers(page: Page, kiosk: PatientKiosk) -> None:
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_role("link", name="Không có mã? Nhập số").click()
    type_keys(page, "001190012345")
    page.get_by_role("button", name="Tiếp tục").click()
    on(page, "birth_date")
    type_keys(page, "0503")
    page.evaluate("document.body.dataset.stayed = ''")
    kiosk.tell_of_card(CardState(CardPhase.READING, done=1, total=6))
    expect(page.locator("#card-progress")).to_have_js_property("value", 1)
    expect(page.locator("body[data-stayed]")).to_be_attached()
    expect(page.locator("#day")).to_have_value("05")
    expect(page.locator("#month")).to_have_value("03")
    type_keys(page, "1990")
    page.get_by_role("button", name="Tiếp tục").click()
    on(page, "is_this_you")


def test_who_faces_the_camera_is_there_though_nothing_is_touched(page: Page, kiosk: PatientKiosk) -> None:
    page.clock.install()
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_role("button", name="Bằng khuôn mặt").click()
    page.get_by_role("button", name="So khuôn mặt của tôi").click()
    on(page, "face")
    for guide, asked in ((FaceGuide.CLOSER, False), (FaceGuide.TURN_LEFT, False), (FaceGuide.COME, True)):
        pass_time(page, 20)
        kiosk.tell_of_face(guide)
        expect(page.locator(f"#face-words[data-key={guide}]")).to_be_attached()
        pass_time(page, 12)
        expect(page.locator("#still-there")).to_be_visible(visible=asked)


def test_a_keyboard_types_as_well_as_the_keys_on_the_screen(page: Page) -> None:
    page.keyboard.press("Enter")
    on(page, "show")
    page.get_by_role("link", name="Không có mã? Nhập số").press("Enter")
    on(page, "number")
    page.keyboard.type("bn000123")
    page.keyboard.press("Enter")
    on(page, "birth_date")
    page.keyboard.type("05031990")
    page.keyboard.press("Enter")
    on(page, "is_this_you")


def test_a_step_that_takes_too_long_calls_a_person_and_keeps_the_place(page: Page, kiosk: PatientKiosk) -> None:
    page.clock.install()
    page.get_by_role("button", name="Bắt đầu").click()
    on(page, "show")
    pass_time(page, 20)
    page.mouse.click(5, 5)
    pass_time(page, 21)
    expect(page.locator("#help-told")).to_be_visible()
    on(page, "show")
    assert kiosk.here
    assert kiosk.here.help_told


def test_more_time_is_given_ten_times_and_then_everything_is_wiped(page: Page, kiosk: PatientKiosk) -> None:
    page.clock.install()
    kiosk.show(MAU_QR)
    on(page, "is_this_you")
    for _ in range(10):
        pass_time(page, 31)
        expect(page.locator("#still-there")).to_be_visible()
        page.get_by_role("button", name="Thêm thời gian").click()
        expect(page.locator("#still-there")).to_be_hidden()
    on(page, "is_this_you")
    pass_time(page, 31)
    pass_time(page, 20)
    on(page, "welcome")
    assert kiosk.here is None


def test_a_number_that_nobody_pressed_for_is_printed_once(page: Page, kiosk: PatientKiosk, bus: SwitchedBus) -> None:
    view = kiosk.show(STRANGER_QR)
    on(page, "ticket")
    expect(page.locator(".ticket__number")).to_have_text("1")
    page.wait_for_timeout(500)
    kiosk.station.printed(view.id, PrintState.PRINTED)
    expect(page.locator("main")).to_contain_text("Mời ông/bà lấy phiếu.")
    page.wait_for_timeout(500)
    assert [command for _, command in bus.commands(STATION, "0-0", 0)] == [Command(CommandKind.PRINT, view.id)]


def test_a_finished_ticket_stays_twenty_seconds(page: Page, kiosk: PatientKiosk) -> None:
    page.clock.install()
    kiosk.show(STRANGER_QR)
    on(page, "ticket")
    page.clock.run_for(19_000)
    on(page, "ticket")
    page.clock.run_for(2_000)
    on(page, "welcome")


def test_a_late_word_that_nobody_is_there_wipes_nothing_of_who_just_touched_the_screen(
    page: Page, kiosk: PatientKiosk, bus: SwitchedBus
) -> None:
    page.clock.install()
    view = kiosk.show(STRANGER_QR)
    on(page, "ticket")
    page.wait_for_timeout(500)
    page.clock.run_for(6_000)
    page.mouse.click(5, 5)
    kiosk.station.gone(STATION, view.id)
    bus_has(bus, EventKind.GONE, 1)
    on(page, "ticket")
    expect(page.locator("body")).to_be_visible()
    page.clock.run_for(6_000)
    kiosk.station.gone(STATION, view.id)
    on(page, "welcome")


def bus_has(bus: SwitchedBus, kind: EventKind, times: int) -> None:
    """And every page had a moment to hear it."""
    until(lambda: sum(one.event.kind is kind for one in bus.events("0-0", 0)) >= times)
    time.sleep(0.5)


@pytest.mark.parametrize("voice", ["with a voice", "without a voice"])
def test_a_process_that_hangs_leaves_no_blank_screen_behind(page: Page, kiosk: PatientKiosk, voice: str) -> None:
    if voice == "without a voice":
        page.add_init_script("delete window.speechSynthesis")
    page.clock.install()
    page.reload()
    kiosk.show(MAU_QR)
    on(page, "is_this_you")
    page.route("**/leave", lambda _: None)
    pass_time(page, 51)
    expect(page.locator("h1")).not_to_be_visible()
    page.evaluate("document.body.dataset.stayed = ''")
    page.clock.run_for(6_000)
    expect(page.locator("body[data-stayed]")).to_have_count(0)
    expect(page.locator("h1")).to_be_visible()


def test_while_the_process_hangs_the_wiped_screen_says_where_to_go(page: Page, kiosk: PatientKiosk) -> None:
    page.clock.install()
    kiosk.show(MAU_QR)
    on(page, "is_this_you")
    page.route("**/leave", lambda _: None)
    pass_time(page, 51)
    shown: list[str] = []
    page.on("console", lambda message: shown.append(message.text))
    page.evaluate(
        "new MutationObserver(() => document.body.hidden || console.log(document.body.innerText))"
        ".observe(document.body, { attributeFilter: ['hidden'] })"
    )
    page.clock.run_for(6_000)
    on(page, "is_this_you")
    assert len(shown) == 1
    assert "đến quầy tiếp đón" in shown[0]
    assert "NGUYỄN" not in shown[0]


def test_an_unanswered_question_for_news_does_not_silence_the_page(page: Page, kiosk: PatientKiosk) -> None:
    page.route("**/state", lambda _: None, times=1)
    page.reload()
    on(page, "welcome")
    kiosk.show(MAU_QR)
    on(page, "is_this_you")


def test_back_ten_times_after_the_end_shows_nothing_of_the_patient(page: Page, kiosk: PatientKiosk) -> None:
    page.get_by_role("button", name="Bắt đầu").click()
    on(page, "show")
    kiosk.show(MAU_QR)
    on(page, "is_this_you")
    page.get_by_role("button", name="Đúng là tôi").click()
    on(page, "appointments")
    page.get_by_role("link", name="Khám phòng khác").click()
    on(page, "clinics")
    page.get_by_role("button", name="Nội tổng quát").click()
    on(page, "ticket")
    page.get_by_role("button", name="Xong").click()
    on(page, "welcome")
    for _ in range(10):
        page.go_back(wait_until="domcontentloaded")
        content = page.content()
        assert "NGUYỄN" not in content
        assert "ticket__number" not in content
        assert not re.search("09:30", content)
        assert re.fullmatch(rf"about:blank|{re.escape(kiosk.address)}/", page.url)
    assert page.evaluate("() => location.href === 'about:blank' || sessionStorage.length") in {0, True}


def test_without_scripts_every_step_works_by_forms(browser: Browser, kiosk: PatientKiosk) -> None:
    context = browser.new_context(base_url=kiosk.address, viewport=SHAPES["landscape"], java_script_enabled=False)
    page = opened(context)
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_role("link", name="Không có mã? Nhập số").click()
    page.locator("#number").fill("BN000123")
    page.get_by_role("button", name="Tiếp tục").click()
    for name, value in (("day", "5"), ("month", "3"), ("year", "1990")):
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Đúng là tôi").click()
    page.get_by_role("button", name="Lấy số thứ tự").click()
    expect(page.locator(".ticket__number")).to_have_text("1")
    page.get_by_role("button", name="Xong").click()
    expect(page.get_by_role("button", name="Bắt đầu")).to_be_visible()
    assert kiosk.station.current(STATION) is None
    close_gently(context)


def test_nothing_is_fetched_from_elsewhere_and_the_policy_is_never_broken(page: Page, kiosk: PatientKiosk) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.reload()
    kiosk.show(STRANGER_QR)
    on(page, "ticket")
    page.goto("/bench")
    page.goto("/components")
    assert [address for address in asked if not address.startswith(kiosk.address)] == []
    assert said == []
