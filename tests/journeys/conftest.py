from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from tests.conftest import close_gently
from tests.support.left_behind import left_behind
from tests.support.running_demo import RunningDemo, running_demo
from tests.support.screens import DoctorScreen, KioskScreen

PORTRAIT = ViewportSize(width=1080, height=1920)
DESK = ViewportSize(width=1366, height=768)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """In whatever order the journeys ran: at the end nothing of anybody is where it must not be."""
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running
        assert left_behind(running) == []
        assert "Traceback" not in running.logs()


@pytest.fixture
def kiosk_context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PORTRAIT, locale="vi-VN")
    context.set_default_timeout(10_000)
    yield context
    close_gently(context)


@pytest.fixture
def staff_context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="vi-VN")
    context.set_default_timeout(10_000)
    yield context
    close_gently(context)


@pytest.fixture
def kiosk(demo: RunningDemo, kiosk_context: BrowserContext) -> Iterator[KioskScreen]:
    demo.bench.hold_up(None)
    yield KioskScreen.at(kiosk_context, demo)
    demo.bench.hold_up(None)
    demo.bench.switch_record(off=False)
    demo.bench.switch_redis(off=False)
    demo.bench.set_paper(out=False)


@pytest.fixture
def doctor(demo: RunningDemo, staff_context: BrowserContext) -> DoctorScreen:
    return DoctorScreen.signed_in(staff_context, demo, "doctor", "bacsi")
