"""What holds for every test: no network in unit tests, and the shared data only where they are."""

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, sync_playwright
from pytest_socket import disable_socket, enable_socket

from tests.support.pcscd import Pcscd

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
WITHOUT_NETWORK = ("unit", "architecture")
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def close_gently(context: BrowserContext) -> None:
    """Chromium may wait for ever for a context that is closed while a page still sends something."""
    for page in context.pages:
        page.wait_for_timeout(300)
        with suppress(Error):
            # a screen that just went on to its next page refuses; it has nothing under way then
            page.goto("about:blank")
    context.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def only_pcscd() -> Iterator[Pcscd]:
    """The library under pyscard looks once in a process where pcscd is, so there is one for all tests."""
    pcscd = Pcscd()
    os.environ["PCSCLITE_CSOCK_NAME"] = str(pcscd.address)
    yield pcscd
    del os.environ["PCSCLITE_CSOCK_NAME"]
    pcscd.close()


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that ran in this process leaves its log with a closed stream: each later line is then an error."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Block sockets in unit tests; those of the event loop and of devices are unix sockets."""
    if item.path.relative_to(ROOT / "tests").parts[0] in WITHOUT_NETWORK:
        disable_socket(allow_unix_socket=True)
    else:
        enable_socket()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, by name, what needs data that this checkout has not beside it."""
    if SHARED_DATA.is_dir():
        return
    without = [item for item in items if item.get_closest_marker("shared_data")]
    items[:] = [item for item in items if item not in without]
    config.hook.pytest_deselected(items=without)
    config.stash[DESELECTED] = [item.nodeid for item in without]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which tests did not run for want of data."""
    for name in config.stash.get(DESELECTED, []):
        terminalreporter.write_line(f"deselected, the shared data are not here: {name}")


DESELECTED = pytest.StashKey[list[str]]()
