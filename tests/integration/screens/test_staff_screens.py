"""The staff's screens in a real browser: live, by keyboard, on a phone, for everybody."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from kiosk.checkin import lists, queue
from kiosk.checkin.correct import correct
from kiosk.checkin.station import LocalCheckIns
from kiosk.model.checkin import Stage
from kiosk.model.correction import Correction, CorrectionReason
from kiosk.model.events import DeviceState, StationHealth
from kiosk.model.staff import Role
from kiosk.ports.devices import SignalSource
from tests.conftest import close_gently
from tests.support.small_hospital import GIA_QR, MAU_QR, STRANGER_QR, SetClock, open_small_hospital
from tests.support.staff_server import StaffSite, SwitchedBus, serve_staff
from tests.support.staff_site import AREA_OF, OPERATOR, PASSWORD, FullRecord, add_staff, arrive

pytestmark = pytest.mark.integration

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desk": (1366, 768), "phone": (375, 812)}


@pytest.fixture
def bus() -> SwitchedBus:
    return SwitchedBus()


@pytest.fixture
def site(tmp_path: Path, bus: SwitchedBus) -> Iterator[StaffSite]:
    services = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", FullRecord(), bus, SetClock())
    for role in Role:
        add_staff(services, role.value, role, *(["noi"] if role in {Role.DOCTOR, Role.DISPLAY} else []))
    with serve_staff(services) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: StaffSite) -> Iterator[Page]:
    context = browser.new_context(base_url=site.address, viewport={"width": 1366, "height": 768})
    yield context.new_page()
    close_gently(context)


def sign_in(page: Page, role: Role) -> None:
    page.goto(f"/{AREA_OF[role]}/sign-in")
    page.fill("#name", role.value)
    page.fill("#password", PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(f"**/{AREA_OF[role]}/")


def test_an_arrival_slides_into_the_list_by_itself(page: Page, site: StaffSite) -> None:
    sign_in(page, Role.DOCTOR)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    arrive(site.services, MAU_QR, "noi")
    expect(page.locator("#rows .queue__item")).to_contain_text("Nguyễn Thị Mẫu", timeout=3000)
    arrive(site.services, GIA_QR, "noi")
    expect(page.locator("#rows .queue__item").first).to_contain_text("Trần Văn Già", timeout=3000)
    expect(page.get_by_text("Hôm nay chưa có ai")).to_have_count(0)


def test_nothing_moves_under_the_pointer(page: Page, site: StaffSite) -> None:
    arrive(site.services, MAU_QR, "noi")
    sign_in(page, Role.DOCTOR)
    row = page.locator("#rows .queue__item").first
    row.hover()
    before = row.bounding_box()
    arrive(site.services, GIA_QR, "noi")
    expect(page.locator("#newcomers")).to_be_visible(timeout=3000)
    assert page.locator("#rows .queue__item").first.bounding_box() == before
    expect(page.locator("#rows .queue__item").first).to_contain_text("Nguyễn Thị Mẫu")
    page.mouse.move(900, 500)
    expect(page.locator("#rows .queue__item").first).to_contain_text("Trần Văn Già")


def test_without_the_live_channel_the_page_says_so_and_polls(page: Page, site: StaffSite, bus: SwitchedBus) -> None:
    sign_in(page, Role.DOCTOR)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    bus.off = True
    expect(page.get_by_text("cập nhật mỗi 5 giây")).to_be_visible(timeout=4000)
    arrive(site.services, MAU_QR, "noi")
    expect(page.locator("#rows")).to_contain_text("Nguyễn Thị Mẫu", timeout=7000)
    bus.off = False
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible(timeout=4000)
    arrive(site.services, GIA_QR, "noi")
    expect(page.locator("#rows")).to_contain_text("Trần Văn Già", timeout=3000)


def test_a_connection_that_fell_silent_is_noticed_and_comes_back(
    browser: Browser, tmp_path: Path, bus: SwitchedBus
) -> None:
    services = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", FullRecord(), bus, SetClock())
    add_staff(services, Role.DOCTOR.value, Role.DOCTOR, "noi")
    with serve_staff(services, keep_alive=600) as silent:
        context = browser.new_context(base_url=silent.address)
        page = context.new_page()
        page.clock.install()
        sign_in(page, Role.DOCTOR)
        expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
        page.route("**/doctor/live?**", lambda _: None)
        page.clock.run_for(31_000)
        expect(page.get_by_text("cập nhật mỗi 5 giây")).to_be_visible()
        arrive(services, MAU_QR, "noi")
        expect(page.locator("#rows")).to_contain_text("Nguyễn Thị Mẫu", timeout=9000)
        expect(page.get_by_text("cập nhật mỗi 5 giây")).to_be_visible()
        page.unroute("**/doctor/live?**")
        page.clock.run_for(31_000)
        expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
        close_gently(context)


def test_a_connection_that_says_that_it_lives_stays(page: Page) -> None:
    page.clock.install()
    sign_in(page, Role.DOCTOR)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        page.clock.run_for(12_000)
        page.wait_for_timeout(2_500)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    assert not [address for address in asked if "/live" in address or "/list" in address]


def test_a_list_whose_answer_never_comes_does_not_pass_for_live(page: Page, site: StaffSite) -> None:
    sign_in(page, Role.DOCTOR)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    page.route("**/doctor/rows/*", lambda _: None)
    page.route("**/doctor/list*", lambda _: None)
    arrive(site.services, MAU_QR, "noi")
    expect(page.get_by_text("danh sách có thể đã cũ")).to_be_visible(timeout=8000)
    page.unroute("**/doctor/rows/*")
    page.unroute("**/doctor/list*")
    expect(page.locator("#rows")).to_contain_text("Nguyễn Thị Mẫu", timeout=14_000)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()


def test_an_ended_session_is_said_on_the_open_page(page: Page, site: StaffSite, bus: SwitchedBus) -> None:
    sign_in(page, Role.DOCTOR)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    with site.services.storage.write() as work:
        for account in work.staff.all():
            work.staff.end_sessions_of(account.id)
    bus.off = True
    expect(page.get_by_text("Phiên làm việc đã kết thúc")).to_be_visible(timeout=8000)


def test_the_whole_consultation(page: Page, site: StaffSite) -> None:
    check_in = arrive(site.services, MAU_QR, "noi")
    sign_in(page, Role.DOCTOR)
    page.get_by_role("button", name="Mời tiếp theo").click()
    expect(page).to_have_url(re.compile(check_in.id))
    assert "1990" not in page.content()
    page.get_by_label("Ngày sinh người bệnh nói").fill("05/03/1990")
    page.get_by_role("button", name="Đối chiếu và mở hồ sơ").click()
    expect(page.get_by_text("Penicillin")).to_be_visible()
    expect(page.locator(".person")).to_contain_text("đã đối chiếu 08:00")
    assert page.title() == "Bác sĩ"
    page.get_by_role("button", name="Đã khám xong").click()
    expect(page.get_by_text("Đã ghi nhận: khám xong")).to_be_visible()


def test_a_record_is_printed_without_anybody_else(page: Page, site: StaffSite) -> None:
    arrive(site.services, MAU_QR, "noi")
    arrive(site.services, GIA_QR, "noi", "kiosk-2")
    sign_in(page, Role.DOCTOR)
    page.get_by_role("link", name="Nguyễn Thị Mẫu").click()
    page.fill("input[name=birth_date]", "05/03/1990")
    page.get_by_role("button", name="Đối chiếu và mở hồ sơ").click()
    expect(page.get_by_text("Penicillin")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text("Penicillin")).to_be_visible()
    printed = page.evaluate("document.body.innerText")
    assert "Nguyễn Thị Mẫu" in printed
    assert "Trần Văn Già" not in printed
    assert "Mời tiếp theo" not in printed


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.DOCTOR])
def test_a_list_is_printed_without_names(page: Page, site: StaffSite, role: Role) -> None:
    arrive(site.services, MAU_QR, "noi")
    sign_in(page, role)
    expect(page.get_by_text("Nguyễn Thị Mẫu").first).to_be_visible()
    page.emulate_media(media="print")
    assert "Nguyễn" not in page.evaluate("document.body.innerText")


def test_reception_loses_neither_the_case_nor_what_was_chosen(page: Page, site: StaffSite) -> None:
    view = arrive(site.services, GIA_QR, "noi")
    sign_in(page, Role.RECEPTION)
    page.goto(f"/reception/check-ins/{view.id}")
    page.select_option("#move", "mat")
    queue.call_next(site.services, clinic_id="noi", by=OPERATOR)
    page.get_by_role("button", name="Chuyển và cấp số mới").click()
    expect(page.get_by_text("điều vừa chọn vẫn còn")).to_be_visible()
    expect(page.locator("#move")).to_have_value("mat")
    assert page.url.endswith(f"/reception/check-ins/{view.id}")
    page.get_by_role("button", name="Chuyển và cấp số mới").click()
    expect(page.get_by_text("Đã chuyển phòng và cấp số mới")).to_be_visible()


def test_the_tab_counts_who_needs_somebody(page: Page, site: StaffSite) -> None:
    sign_in(page, Role.RECEPTION)
    expect(page).to_have_title("Quầy tiếp đón")
    LocalCheckIns(site.services).claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA)
    expect(page).to_have_title("(1) Quầy tiếp đón")
    chime = page.locator("#chime")
    chime.click()
    expect(chime).to_have_attribute("aria-pressed", "true")


def test_a_call_appears_in_the_waiting_room(page: Page, site: StaffSite) -> None:
    arrive(site.services, MAU_QR, "noi")
    sign_in(page, Role.DISPLAY)
    expect(page.get_by_text("Chưa mời số nào")).to_be_visible()
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    queue.call_next(site.services, clinic_id="noi", by=OPERATOR)
    expect(page.locator(".call--newest")).to_contain_text("Phòng 101", timeout=3000)
    capitals = page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.call td')).fontSize) * 0.714 / innerWidth"
    )
    assert capitals * 740 >= 49.5, "capitals of 50 mm on a picture 740 mm wide"


def test_reception_works_by_keyboard(page: Page, site: StaffSite) -> None:
    sign_in(page, Role.RECEPTION)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    LocalCheckIns(site.services).claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA)
    expect(page.locator("#needs")).to_contain_text("Chưa có hồ sơ", timeout=3000)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".person__name")).to_have_text("Lê Văn Lạ")
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("BN000123")
    page.keyboard.press("Enter")
    expect(page.locator(".candidate")).to_contain_text("Nguyễn Thị Mẫu")
    assert "BN000123" not in page.url
    page.get_by_label("Đến phòng", exact=True).select_option("noi")
    page.get_by_label("Vì sao vẫn là người này").select_option("shown_by_another")
    page.get_by_role("button", name="Vẫn gắn hồ sơ khác này: chưa xác minh, cấp số mới").click()
    expect(page.get_by_text("Đã gắn hồ sơ và cấp số")).to_be_visible()
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    expect(page.locator("form.undo")).to_be_visible()
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Đã hoàn tác")).to_be_visible()


def test_the_doctor_reaches_every_button_by_a_single_key_and_presses_none(page: Page, site: StaffSite) -> None:
    check_in = arrive(site.services, MAU_QR, "noi")
    sign_in(page, Role.DOCTOR)
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Đến nút mời tiếp theo")
    page.keyboard.press("?")
    page.keyboard.press("j")
    expect(page.locator("#rows a")).to_be_focused()
    page.keyboard.press("n")
    expect(page.get_by_role("button", name="Mời tiếp theo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(check_in.id))
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    for key, name in (("d", "Đã khám xong"), ("v", "Vắng mặt")):
        page.keyboard.press(key)
        expect(page.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("m")
    expect(page.get_by_label("Ngày sinh người bệnh nói")).to_be_focused()


def test_single_keys_can_be_switched_off(page: Page, site: StaffSite) -> None:
    arrive(site.services, MAU_QR, "noi")
    sign_in(page, Role.RECEPTION)
    page.keyboard.press("?")
    page.get_by_label("Dùng phím tắt trên máy này").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")


def test_all_areas_are_open_and_live_in_one_browser(page: Page, site: StaffSite) -> None:
    for role in Role:
        sign_in(page, role)
    pages = [page.context.new_page() for _ in range(4)]
    for one, area in zip(pages, ("doctor", "reception", "display", "doctor"), strict=True):
        one.goto(f"/{area}/")
        expect(one.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Tài khoản")).to_be_visible()
    check_in = arrive(site.services, MAU_QR, "noi")
    expect(pages[0].locator("#rows")).to_contain_text("Nguyễn Thị Mẫu", timeout=3000)
    expect(pages[1].locator("#right")).to_contain_text("Nguyễn Thị Mẫu", timeout=3000)
    assert lists.one(site.services, check_in.id).version == check_in.version


@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [("desk", "light", "vi"), ("desk", "dark", "en"), ("phone", "dark", "vi"), ("phone", "light", "en")],
)
def test_every_screen_is_for_everybody(
    browser: Browser, site: StaffSite, bus: SwitchedBus, size: str, scheme: str, language: str
) -> None:
    paths = a_busy_morning(site, bus)
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=site.address,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    for role in Role:
        sign_in(page, role)
    context.add_cookies([{"name": "kiosk_language", "value": language, "url": site.address}])
    for path in paths:
        page.goto(path)
        results = Axe().run(page, options={"runOnly": WCAG})
        assert results.violations_count == 0, f"{path}: {results.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    close_gently(context)


def a_busy_morning(site: StaffSite, bus: SwitchedBus) -> list[str]:
    """Somebody at every stage; the addresses of every screen."""
    services = site.services
    mau, gia = arrive(services, MAU_QR, "noi"), arrive(services, GIA_QR, "noi")
    queue.call_next(services, clinic_id="noi", by=OPERATOR)
    kiosk = LocalCheckIns(services)
    stranger = kiosk.claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA)
    kiosk.help("kiosk-2", None)
    devices = {"camera": DeviceState.WORKING, "printer": DeviceState.NO_PAPER}
    bus.beat(StationHealth("kiosk-1", services.clock.now(), devices), timedelta(minutes=5))
    return [
        "/",
        "/doctor/sign-in?note=refused",
        "/doctor/",
        f"/doctor/check-ins/{mau.id}?note=wrong-date",
        f"/doctor/check-ins/{gia.id}",
        "/doctor/check-ins/nobody",
        "/reception/",
        f"/reception/check-ins/{stranger.id}",
        f"/reception/check-ins/{mau.id}?note=moved",
        "/display/",
        "/admin/",
    ]


def test_what_differs_is_red_with_a_word_before_the_button_and_the_doctor_reads_it(page: Page, site: StaffSite) -> None:
    case = LocalCheckIns(site.services).claim("kiosk-1", STRANGER_QR, SignalSource.CAMERA)
    sign_in(page, Role.RECEPTION)
    page.goto(f"/reception/check-ins/{case.id}")
    page.get_by_label("Số căn cước, số thẻ BHYT hoặc mã người bệnh").fill("BN000123")
    page.keyboard.press("Enter")
    for field in ("Số", "Họ tên", "Ngày sinh", "Giới tính"):
        expect(
            page.locator(".candidate tr", has=page.get_by_role("rowheader", name=field, exact=True))
        ).to_contain_text("khác")
    assert "001085000001" not in page.content()
    page.get_by_label("Vì sao vẫn là người này").select_option("other_document")
    page.get_by_label("Đến phòng", exact=True).select_option("noi")
    assert not [one["id"] for one in Axe().run(page).response["violations"]]
    page.get_by_role("button", name="Vẫn gắn hồ sơ khác này: chưa xác minh, cấp số mới").click()
    expect(page.locator("form.undo")).to_be_visible()
    expect(page.get_by_label("Mật khẩu của đồng nghiệp")).to_be_visible()
    sign_in(page, Role.DOCTOR)
    page.goto(f"/doctor/check-ins/{case.id}")
    expect(page.get_by_role("alert")).to_contain_text("số giấy tờ, họ tên, ngày sinh, giới tính")


def test_the_doctor_takes_back_a_consultation_that_was_ended_by_mistake(page: Page, site: StaffSite) -> None:
    check_in = arrive(site.services, MAU_QR, "noi")
    sign_in(page, Role.DOCTOR)
    page.get_by_role("button", name="Mời tiếp theo").click()
    again = page.get_by_role("button", name="Gọi lại").bounding_box()
    done = page.get_by_role("button", name="Đã khám xong").bounding_box()
    assert again
    assert done
    assert done["y"] >= again["y"] + again["height"] + 20
    page.get_by_role("button", name="Đã khám xong").click()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_text("Đã hoàn tác")).to_be_visible()
    assert lists.one(site.services, check_in.id).stage is Stage.CALLED
    page.get_by_role("button", name="Không đúng người").click()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_role("button", name="Đã khám xong")).to_be_visible()


def test_a_record_that_reception_takes_off_leaves_the_doctors_screen(page: Page, site: StaffSite) -> None:
    check_in = arrive(site.services, MAU_QR, "noi")
    sign_in(page, Role.DOCTOR)
    page.goto(f"/doctor/check-ins/{check_in.id}")
    page.get_by_label("Ngày sinh người bệnh nói").fill("05/03/1990")
    page.get_by_role("button", name="Đối chiếu và mở hồ sơ").click()
    expect(page.get_by_text("Penicillin")).to_be_visible()
    expect(page.get_by_text("Cập nhật trực tiếp")).to_be_visible()
    version = lists.one(site.services, check_in.id).version
    what, why = Correction.PERSON, CorrectionReason.WRONG_PERSON
    correct(site.services, check_in.id, version=version, what=what, reason=why, by=OPERATOR)
    expect(page.get_by_text("Hồ sơ đang xem vừa được đóng")).to_be_visible()
    expect(page.get_by_text("Penicillin")).to_have_count(0)
