"""From a device's code to the use case, when the use case is slow, broken or refuses."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import StorageError
from kiosk.live.clock import SystemClock
from kiosk.live.memory_bus import MemoryBus
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.model.events import DeviceState
from kiosk.ports.devices import SignalSource
from kiosk.station.health import Health
from kiosk.station.signals import CHECK_INS, FRESH_SECONDS, WAITING, Signals
from tests.support.patience import PATIENCE, until
from tests.support.small_hospital import MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"


@dataclass(frozen=True)
class FailingCheckIns(LocalCheckIns):
    """Its database cannot be used for the next few claims."""

    failures: list[StorageError]
    tried: list[str] = field(default_factory=list)

    def claim(self, station_id: str, payload: str, source: SignalSource) -> CheckInView:
        self.tried.append(payload)
        if self.failures:
            raise self.failures.pop()
        return super().claim(station_id, payload, source)


def hospital(tmp_path: Path) -> Services:
    return open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", SmallRecord(), MemoryBus(), SetClock())


@contextmanager
def running(signals: Signals) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=signals.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def wait_until(check_ins: FailingCheckIns, tries: int) -> None:
    until(lambda: len(check_ins.tried) >= tries)
    time.sleep(0.2)


def test_a_code_survives_a_database_that_fails_for_a_moment(tmp_path: Path) -> None:
    check_ins, health = FailingCheckIns(hospital(tmp_path), failures=[StorageError("disk full")] * 2), Health()
    signals = Signals(HERE, check_ins, SystemClock("Asia/Ho_Chi_Minh"), health)
    with running(signals):
        signals.offer(MAU_QR, SignalSource.SCANNER)
        wait_until(check_ins, 3)
    view = check_ins.current(HERE)
    assert view
    assert view.stage is Stage.IS_THIS_YOU
    assert health.states()[CHECK_INS] is DeviceState.WORKING


def test_a_code_that_cannot_be_kept_is_tried_three_times_and_told_to_reception(tmp_path: Path) -> None:
    check_ins, health = FailingCheckIns(hospital(tmp_path), failures=[StorageError("disk full")] * 9), Health()
    signals = Signals(HERE, check_ins, SystemClock("Asia/Ho_Chi_Minh"), health)
    with running(signals):
        signals.offer(MAU_QR, SignalSource.SCANNER)
        wait_until(check_ins, 3)
        time.sleep(0.7)
    assert len(check_ins.tried) == 3
    assert health.states()[CHECK_INS] is DeviceState.FAULT


def test_a_code_that_waited_too_long_is_not_claimed_for_the_next_patient(tmp_path: Path) -> None:
    check_ins, clock = FailingCheckIns(hospital(tmp_path), failures=[]), SetClock()
    signals = Signals(HERE, check_ins, clock, Health())
    signals.offer(MAU_QR, SignalSource.SCANNER)
    clock.seconds += FRESH_SECONDS + 1
    with running(signals):
        time.sleep(0.3)
    assert check_ins.tried == []


def test_a_code_that_is_none_is_logged_and_the_next_is_taken(tmp_path: Path) -> None:
    check_ins = FailingCheckIns(hospital(tmp_path), failures=[])
    signals = Signals(HERE, check_ins, SystemClock("Asia/Ho_Chi_Minh"), Health())
    with running(signals):
        signals.offer("%%%###@@@", SignalSource.CAMERA)
        signals.offer(MAU_QR, SignalSource.CAMERA)
        wait_until(check_ins, 2)
    assert check_ins.current(HERE)


def test_a_flood_of_codes_holds_up_no_device(tmp_path: Path) -> None:
    check_ins = FailingCheckIns(hospital(tmp_path), failures=[])
    signals = Signals(HERE, check_ins, SystemClock("Asia/Ho_Chi_Minh"), Health())
    for _ in range(1000):
        signals.offer("%%%", SignalSource.SCANNER)
    with running(signals):
        wait_until(check_ins, WAITING)
    assert len(check_ins.tried) == WAITING
