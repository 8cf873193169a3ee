from pathlib import Path

import pytest

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.live.memory_bus import MemoryBus
from tests.support.patient_site import PatientSite, PlainBrowser
from tests.support.small_hospital import SetClock, SmallRecord, open_small_hospital


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def record() -> SmallRecord:
    return SmallRecord()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def services(tmp_path: Path, clock: SetClock, record: SmallRecord, bus: MemoryBus) -> Services:
    return open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", record, bus, clock)


@pytest.fixture
def station(services: Services) -> LocalCheckIns:
    """What the devices' process does: claims what is shown."""
    return LocalCheckIns(services)


@pytest.fixture
def site(station: LocalCheckIns, clock: SetClock, bus: MemoryBus) -> PatientSite:
    return PatientSite(station, clock, bus)


@pytest.fixture
def screen(site: PatientSite) -> PlainBrowser:
    """A kiosk that shows its welcome screen."""
    browser = PlainBrowser(site.app())
    browser.open()
    return browser
