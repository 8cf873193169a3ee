from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copy

import pytest
from flask import Flask

from kiosk.checkin.services import Services
from kiosk.model.staff import Role
from kiosk.settings import Settings
from kiosk.storage.engine import open_engine
from kiosk.storage.migrations import upgrade
from kiosk.web.live import LiveFeed, Pace
from kiosk.web.staff_app import StaffParts, create_staff_app
from tests.support.compiled_templates import with_compiled_templates
from tests.support.small_hospital import SetClock, SmallRecord, open_small_hospital
from tests.support.staff_server import SwitchedBus
from tests.support.staff_site import Browser, FullRecord, add_staff


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def record() -> FullRecord:
    return FullRecord()


@pytest.fixture
def bus() -> SwitchedBus:
    return SwitchedBus()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: the migrations have their own tests."""
    path = tmp_path_factory.mktemp("database") / "kiosk.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def services(tmp_path: Path, empty_database: Path, clock: SetClock, record: SmallRecord, bus: SwitchedBus) -> Services:
    copy(empty_database, tmp_path / "kiosk.sqlite")
    return open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)


@pytest.fixture
def app(services: Services) -> Iterator[Flask]:
    feed = LiveFeed(services.bus, pace=Pace(wait=0.05, retry=0.05, keep_alive=0.05, longest=0.2))
    yield with_compiled_templates(create_staff_app(StaffParts(Settings(mode="demo"), services, feed)))
    feed.close()


@pytest.fixture
def signed_in(app: Flask, services: Services) -> Callable[..., Browser]:
    """A browser of a new account: ``signed_in(Role.DOCTOR, "noi")``."""

    def open_browser(role: Role, *clinics: str) -> Browser:
        name = f"{role}-{'-'.join(clinics)}"
        add_staff(services, name, role, *clinics)
        browser = Browser(app)
        assert browser.sign_in(role, name).status_code == 303
        return browser

    return open_browser


@pytest.fixture
def doctor(signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(Role.DOCTOR, "noi")


@pytest.fixture
def reception(signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(Role.RECEPTION)
