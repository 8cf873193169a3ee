from pathlib import Path

import pytest

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.live.memory_bus import MemoryBus
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
def kiosk(services: Services) -> LocalCheckIns:
    return LocalCheckIns(services)
