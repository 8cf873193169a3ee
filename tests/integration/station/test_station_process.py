"""`kiosk station` as its own process: a real Redis, a real database, the demo's bench."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kiosk import bootstrap
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import BusUnreachable
from kiosk.hardware.simulated.bench import FileBench
from kiosk.live.redis_bus import RedisBus
from kiosk.model.events import Command, CommandKind, DeviceState
from kiosk.settings import load_settings
from kiosk.storage.migrations import upgrade
from tests.contract.live.redis_server import RedisServer
from tests.support.one_clinic import ONE_CLINIC
from tests.support.patience import PATIENCE, until

pytestmark = pytest.mark.integration

HERE = "kiosk-1"
STRANGER_QR = "001085000001||Lê Văn Lạ|01021985|Nam|Số 3 Phố Ví Dụ, Hà Nội|15042021"
SETTINGS = (
    """
mode = "demo"
[station]
camera = "simulated"
scanner = "simulated"
printer = "simulated"
[redis]
url = "{redis}"
[paths]
data = "{folder}/data"
runtime = "{folder}"
"""
    + ONE_CLINIC
)


class Host:
    """A host with its settings, Redis and station."""

    def __init__(self, folder: Path) -> None:
        self.redis = RedisServer(folder)
        self.redis.start()
        self.settings_path = folder / "kiosk.toml"
        self.settings_path.write_text(SETTINGS.format(redis=self.redis.url, folder=folder))
        (folder / "data" / "record").mkdir(parents=True)
        self.settings = load_settings(self.settings_path)
        upgrade(bootstrap.open_engine(self.settings))
        self.bench = FileBench(folder)
        self.bus = RedisBus(self.redis.url)
        self.check_ins = LocalCheckIns(bootstrap.open_services(self.settings))
        self.station = self._start()

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "kiosk", "--settings", str(self.settings_path), *words]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command("station"), stderr=subprocess.PIPE, start_new_session=True)

    def start_again(self) -> None:
        if self.station.poll() is None:
            self.station.kill()
            self.station.communicate()
        # the heartbeat of the one before is no sign of the new one
        until(lambda: not self.devices())
        self.station = self._start()

    def devices(self) -> dict[str, DeviceState]:
        try:
            stations = self.bus.stations()
        except BusUnreachable:
            return {}
        return stations[0].devices if stations else {}

    def working(self) -> bool:
        return set(self.devices()) >= {"camera", "scanner", "printer"}

    def scan_stranger(self) -> str:
        """A code of nobody known: leads to reception's queue at once."""
        before = self.check_ins.newest(HERE)
        if before:
            # the same card on the page that it led to changes nothing
            self.check_ins.leave(HERE, before.id)
        self.bench.scan(STRANGER_QR)
        until(lambda: self.check_ins.newest(HERE) not in (None, before))
        found = self.check_ins.newest(HERE)
        return found.id if found else ""

    def close(self) -> None:
        if self.station.poll() is None:
            os.killpg(self.station.pid, signal.SIGKILL)
        self.station.communicate()
        self.bus.close()
        self.redis.kill()


@pytest.fixture(scope="module")
def one_host() -> Iterator[Host]:
    with TemporaryDirectory(prefix="kiosk-") as folder, closing(Host(Path(folder))) as made:
        yield made


@pytest.fixture
def host(one_host: Host) -> Host:
    if one_host.station.poll() is not None:
        one_host.start_again()
    until(one_host.working)
    return one_host


def test_a_scan_leads_to_a_number_and_the_order_to_print_to_a_ticket(host: Host) -> None:
    before = len(host.bench.state().tickets)
    host.bus.command(HERE, Command(CommandKind.PRINT, host.scan_stranger()))
    until(lambda: len(host.bench.state().tickets) > before)
    assert "Quầy tiếp đón" in host.bench.state().tickets[0]


def test_redis_stopped_and_started_again_is_found_again_and_scans_work_meanwhile(host: Host) -> None:
    before = len(host.bench.state().tickets)
    host.redis.kill()
    check_in = host.scan_stranger()
    assert host.station.poll() is None
    host.redis.start()
    until(host.working)
    host.bus.command(HERE, Command(CommandKind.PRINT, check_in))
    until(lambda: len(host.bench.state().tickets) > before)


def test_a_killed_station_takes_its_place_again(host: Host) -> None:
    host.start_again()
    until(host.working)
    assert host.scan_stranger()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_with_0_and_its_log_names_nobody(host: Host, number: signal.Signals) -> None:
    host.scan_stranger()
    host.station.send_signal(number)
    _, log = host.station.communicate(timeout=PATIENCE)
    assert host.station.returncode == 0
    text = log.decode()
    assert "a code was taken" in text
    for personal in ("001085000001", "Lê Văn Lạ", "Phố Ví Dụ"):
        assert personal not in text
