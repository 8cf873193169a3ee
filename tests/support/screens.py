"""The screens as the people before them use them: journeys read as sentences."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from playwright.sync_api import BrowserContext, Error, Locator, Page, expect
from playwright.sync_api import TimeoutError as TookTooLong

from tests.support.running_demo import RunningDemo

WORDS = {
    "vi": {
        "start": "Bắt đầu",
        "take number": "Lấy số thứ tự",
        "me": "Đúng là tôi",
        "not me": "Không phải tôi",
        "number": "Không có mã? Nhập số",
        "by face": "Bằng khuôn mặt",
        "compare": "So khuôn mặt của tôi",
        "a person": "Nhân viên đối chiếu",
        "keep face": "Lưu khuôn mặt của tôi",
        "forget face": "Xóa khuôn mặt của tôi",
        "cannot turn": "Tôi không quay đầu được",
        "next": "Tiếp tục",
        "help": "Tôi cần giúp đỡ",
        "back": "Quay lại",
        "done": "Xong",
        "sign in": "Đăng nhập",
        "open": "Đối chiếu và mở hồ sơ",
        "call": "Mời tiếp theo",
    },
    "en": {
        "start": "Start",
        "take number": "Get my number",
        "me": "Yes, that is me",
        "not me": "No, not me",
        "number": "No code? Type a number",
        "by face": "By face",
        "compare": "Compare my face",
        "a person": "A person will look",
        "keep face": "Keep my face",
        "forget face": "Forget my face",
        "cannot turn": "I cannot turn my head",
        "next": "Continue",
        "help": "I need help",
        "back": "Back",
        "done": "Done",
        "sign in": "Sign in",
        "open": "Compare and open the record",
        "call": "Call next",
    },
}


def remembered_page(context: BrowserContext, demo: RunningDemo) -> Page:
    """A page whose addresses are kept, to be searched for what must not be in one."""
    page = context.new_page()
    page.on("request", lambda request: demo.visited.append(request.url))
    return page


@dataclass
class KioskScreen:
    """The patient's screen."""

    page: Page
    demo: RunningDemo
    language: str = "vi"

    @classmethod
    def at(cls, context: BrowserContext, demo: RunningDemo, url: str | None = None) -> Self:
        page = remembered_page(context, demo)
        page.goto(url or demo.kiosk_url)
        return cls(page, demo).at_welcome()

    def at_welcome(self) -> Self:
        """Leave whatever the one before left open."""
        start = self.page.get_by_role("button", name=self.word("start"), exact=True)
        steps = self.page.locator("[data-leaves] button, form[action$='/back'] button:not([disabled])")
        for _ in range(6):
            expect(start.or_(steps).first).to_be_visible()
            if start.is_visible():
                break
            steps.first.click(no_wait_after=True)
            self.page.wait_for_timeout(500)
        expect(start).to_be_visible()
        return self

    def word(self, key: str) -> str:
        return WORDS[self.language][key]

    def in_english(self) -> Self:
        self.page.get_by_role("button", name="English").click()
        self.language = "en"
        expect(self.page.get_by_role("button", name="Start")).to_be_visible()
        return self

    def press(self, key: str) -> None:
        self.page.get_by_role("button", name=self.word(key), exact=True).click()

    def start(self) -> None:
        self.press("start")
        expect(self.page.locator("#preview")).to_be_visible()

    def hold_up(self, picture: bytes) -> None:
        self.demo.bench.hold_up(picture)

    def by_face(self) -> None:
        """As far as the picture in the oval."""
        self.start()
        self.press("by face")
        self.press("compare")

    def asks_birth_date(self) -> None:
        """A face was taken; what came of it is not said."""
        self.page.locator("#day").wait_for(timeout=30_000)
        self.page.wait_for_load_state("load")

    def enter_number(self, number: str) -> None:
        self.page.get_by_role("link", name=self.word("number")).click()
        self.page.locator("#number").fill(number)
        self.press("next")

    def enter_birth_date(self, day: int, month: int, year: int) -> None:
        typed = {"day": str(day), "month": str(month), "year": str(year)}
        self.page.locator("#day").wait_for()
        self.page.wait_for_load_state("load")
        for name, value in typed.items():
            self.page.locator(f"#{name}").fill(value)
        for name, value in typed.items():
            expect(self.page.locator(f"#{name}")).to_have_value(value)
        self.press("next")

    def see(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text, timeout=10_000)

    def that_is_me(self) -> None:
        self.press("me")

    def choose(self, text: str) -> None:
        """One of several appointments or clinics."""
        self.page.locator("main").get_by_role("button").filter(has_text=text).first.click()

    def take_number(self) -> None:
        """For the only appointment of today."""
        self.press("take number")

    @property
    def text(self) -> str:
        """What can be read, once the page's scripts have opened what they open."""
        self.page.wait_for_load_state("load")
        return self.page.locator("main").inner_text()

    @property
    def source(self) -> str:
        """All that the page holds; one that is just being fetched anew is read a little later."""
        for _ in range(20):
            with suppress(Error):
                return self.page.content()
            self.page.wait_for_timeout(100)
        return self.page.content()

    @property
    def number(self) -> int:
        shown = self.page.locator(".ticket__number")
        expect(shown).to_be_visible()
        return int(shown.inner_text())


@dataclass
class StaffScreen:
    """A screen of the staff, signed in."""

    page: Page
    demo: RunningDemo
    language: str = "vi"

    @classmethod
    def signed_in(cls, context: BrowserContext, demo: RunningDemo, area: str, name: str) -> Self:
        page = remembered_page(context, demo)
        page.goto(f"{demo.staff_url}/{area}/")
        page.locator("input[name=name]").fill(name)
        page.locator("input[type=password]").fill(demo.password(name))
        page.locator("main").get_by_role("button").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        return cls(page, demo)

    def word(self, key: str) -> str:
        return WORDS[self.language][key]

    def row(self, text: str) -> Locator:
        return self.page.locator(".queue__item, li, tr").filter(has_text=text).first

    def sees(self, text: str, seconds: float = 5) -> None:
        expect(self.page.locator("main")).to_contain_text(text, timeout=seconds * 1000)


class DoctorScreen(StaffScreen):
    """The doctor's list and record."""

    def open_row(self, text: str) -> None:
        self.page.locator("#rows-box a").filter(has_text=text).first.click()

    def answer(self, birth_date: str) -> None:
        self.page.locator("input[name=birth_date]").fill(birth_date)
        self.page.get_by_role("button", name=self.word("open")).click()


def take_picture(page: Page, file: Path) -> None:
    """Keep what a screen shows; Chromium never answers for one that goes on in that moment, so it is asked again."""
    for _ in range(3):
        with suppress(TookTooLong):
            page.screenshot(path=file, animations="disabled", timeout=4_000)
            return
    page.screenshot(path=file, animations="disabled")
