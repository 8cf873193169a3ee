"""A whole station: simulated devices on a bench, the real use cases and their database."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pytest
import zxingcpp

from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.errors import DeviceError
from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.devices import SimulatedCamera, SimulatedPrinter, SimulatedScanner
from kiosk.live.clock import SystemClock
from kiosk.live.memory_bus import MemoryBus
from kiosk.live.preview import UnixPreviewSink, UnixPreviewSource
from kiosk.live.redis_bus import RedisBus
from kiosk.live.set_time import SetTime
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Intent, Reason, Stage
from kiosk.model.events import Command, CommandKind, DeviceState
from kiosk.model.queue import PrintState
from kiosk.ports.devices import SignalSource
from kiosk.ports.live import Bus
from kiosk.ports.time import Clock
from kiosk.station.loop import Devices, Station
from kiosk.station.ticket import TicketWords
from tests.support.at_the_kiosk import show_card
from tests.support.patience import PATIENCE, until
from tests.support.small_hospital import CLINICS, GIA_QR, MAU_QR, SetClock, SmallRecord, open_small_hospital

HERE = "kiosk-1"
WORDS = TicketWords({"vi": "Bệnh viện Ví Dụ", "en": "Example Hospital"}, {clinic.id: clinic for clinic in CLINICS})


def picture_of(payload: str) -> bytes:
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)
    return cv2.imencode(".png", np.asarray(code.to_image(scale=6), dtype=np.uint8))[1].tobytes()


@dataclass
class Hall:
    """A kiosk with its bench, and what the person before it does."""

    services: Services
    kiosk: LocalCheckIns
    bench: FileBench
    bus: Bus
    folder: Path
    stop: threading.Event
    thread: threading.Thread | None = None

    def open(self, clock: Clock | None = None) -> None:
        devices = Devices(
            camera=SimulatedCamera(self.bench),
            scanner=SimulatedScanner(self.bench),
            printer=SimulatedPrinter(self.bench),
            preview=UnixPreviewSink(self.folder / "preview.sock"),
        )
        clock = clock or SystemClock("Asia/Ho_Chi_Minh")
        station = Station(HERE, self.kiosk, self.bus, clock, devices, WORDS)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=station.run, args=(self.stop,))
        self.thread.start()

    def close(self) -> None:
        self.stop.set()
        if self.thread:
            self.thread.join(PATIENCE)
            assert not self.thread.is_alive()

    def stage(self) -> Stage | None:
        view = self.kiosk.current(HERE)
        return view.stage if view else None

    def arrive(self) -> CheckInView:
        view = self.kiosk.claim(HERE, GIA_QR, SignalSource.SCANNER)
        view = self.kiosk.accept_name(HERE, view.id, view.version)
        return self.kiosk.choose_clinic(HERE, view.id, view.version, "noi")

    def print_state(self, check_in_id: str) -> PrintState:
        ticket = self.kiosk.view(HERE, check_in_id).ticket
        return ticket.print_state if ticket else PrintState.NOT_ASKED

    def order_print(self, check_in_id: str) -> None:
        self.bus.command(HERE, Command(CommandKind.PRINT, check_in_id))

    def order_receipt(self, check_in_id: str) -> None:
        self.bus.command(HERE, Command(CommandKind.PRINT_RECEIPT, check_in_id))

    def devices(self) -> dict[str, DeviceState]:
        stations = self.bus.stations()
        return stations[0].devices if stations else {}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with TemporaryDirectory(prefix="kiosk-") as runtime:
        bus = MemoryBus()
        services = open_small_hospital(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", SmallRecord(), bus, SetClock())
        folder = Path(runtime)
        made = Hall(services, LocalCheckIns(services), FileBench(folder), bus, folder, threading.Event())
        yield made
        made.close()


def test_a_line_of_the_hand_scanner_begins_a_check_in(hall: Hall) -> None:
    hall.open()
    hall.bench.scan(MAU_QR)
    until(lambda: hall.stage() is Stage.IS_THIS_YOU)


def test_a_card_held_up_unasked_begins_a_check_in(hall: Hall) -> None:
    hall.bench.hold_up(picture_of(MAU_QR))
    hall.open()
    until(lambda: hall.stage() is Stage.IS_THIS_YOU)


def test_a_card_that_is_still_there_is_not_claimed_again_and_the_next_one_is(hall: Hall) -> None:
    hall.bench.hold_up(picture_of(MAU_QR))
    hall.open()
    until(lambda: hall.stage() is Stage.IS_THIS_YOU)
    view = hall.kiosk.current(HERE)
    assert view
    hall.kiosk.reject_name(HERE, view.id, view.version)
    time.sleep(1.5)
    assert hall.stage() is Stage.STARTED
    hall.bench.hold_up(picture_of(GIA_QR))
    until(lambda: hall.stage() is Stage.IS_THIS_YOU)


def test_a_card_held_up_on_anothers_page_is_seen(hall: Hall) -> None:
    hall.open()
    hall.bench.hold_up(picture_of(MAU_QR))
    until(lambda: hall.stage() is Stage.IS_THIS_YOU)
    view = hall.kiosk.current(HERE)
    assert view
    hall.kiosk.accept_name(HERE, view.id, view.version)
    hall.bench.hold_up(picture_of(GIA_QR))
    until(lambda: hall.stage() is Stage.IS_THIS_YOU)
    after = hall.kiosk.current(HERE)
    assert after
    assert (after.masked_name, after.began_over) == ("TRẦN V** G**", True)


def test_the_preview_is_shown_only_while_a_code_is_asked_for(hall: Hall) -> None:
    hall.open()
    frames = UnixPreviewSource(hall.folder / "preview.sock").frames()
    seen: list[float] = []

    def watch() -> None:
        seen.extend(time.monotonic() for _ in frames)

    watcher = threading.Thread(target=watch)
    watcher.start()
    time.sleep(1)
    assert seen == []
    hall.kiosk.start(HERE, "vi")
    until(lambda: len(seen) > 5)
    hall.kiosk.claim(HERE, MAU_QR, SignalSource.SCANNER)
    time.sleep(0.8)
    count = len(seen)
    time.sleep(0.5)
    assert len(seen) == count
    hall.close()
    watcher.join()


def test_an_ordered_ticket_is_printed_and_noted(hall: Hall) -> None:
    hall.open()
    view = hall.arrive()
    hall.order_print(view.id)
    until(lambda: hall.print_state(view.id) is PrintState.PRINTED)
    (ticket,) = hall.bench.state().tickets
    assert ticket.splitlines()[0] == "1"
    assert "Phòng 101" in ticket
    assert "TRẦN" not in ticket.upper()


def test_without_paper_reception_is_told_and_can_print_it_again(hall: Hall) -> None:
    hall.bench.set_paper(out=True)
    hall.open()
    view = hall.arrive()
    hall.order_print(view.id)
    until(lambda: hall.print_state(view.id) is PrintState.FAILED)
    until(lambda: hall.devices().get("printer") is DeviceState.NO_PAPER)
    with hall.services.storage.read() as work:
        (waiting,) = work.check_ins.needing_help(hall.services.clock.today())
    assert (waiting.id, waiting.help_reason) == (view.id, Reason.TICKET_NOT_PRINTED)
    hall.bench.set_paper(out=False)
    hall.order_print(view.id)
    until(lambda: hall.print_state(view.id) is PrintState.PRINTED)


def test_a_number_shown_again_is_printed_again_for_the_check_in_that_holds_it(hall: Hall) -> None:
    hall.open()
    first = hall.arrive()
    view = show_card(hall.kiosk, GIA_QR)
    again = hall.kiosk.accept_name(HERE, view.id, view.version)
    assert again.again
    hall.order_print(again.id)
    until(lambda: hall.print_state(first.id) is PrintState.PRINTED)
    assert len(hall.bench.state().tickets) == 1


def test_a_ticket_ordered_while_the_station_was_away_is_printed_once(hall: Hall) -> None:
    view = hall.arrive()
    hall.order_print(view.id)
    hall.open()
    until(lambda: hall.print_state(view.id) is PrintState.PRINTED)
    hall.close()
    hall.open()
    time.sleep(0.7)
    assert len(hall.bench.state().tickets) == 1


@pytest.mark.parametrize("wrong", [timedelta(hours=-2), timedelta(hours=18)])
def test_a_station_that_starts_with_a_wrong_clock_prints_no_old_ticket_and_every_new_one(
    hall: Hall, wrong: timedelta
) -> None:
    hall.open()
    old = hall.arrive()
    hall.order_print(old.id)
    until(lambda: hall.print_state(old.id) is PrintState.PRINTED)
    hall.close()
    hall.open(SystemClock("Asia/Ho_Chi_Minh", SetTime(datetime.now(UTC) + wrong)))
    until(lambda: hall.devices().get("printer") is DeviceState.WORKING)
    view = hall.kiosk.claim(HERE, MAU_QR, SignalSource.SCANNER)
    view = hall.kiosk.accept_name(HERE, view.id, view.version)
    view = hall.kiosk.choose_clinic(HERE, view.id, view.version, "noi")
    hall.order_print(view.id)
    until(lambda: hall.print_state(view.id) is PrintState.PRINTED)
    assert len(hall.bench.state().tickets) == 2


def test_a_forgotten_face_is_confirmed_on_paper(hall: Hall) -> None:
    hall.open()
    view = hall.kiosk.start(HERE, "vi", Intent.FORGET_FACE)
    view = hall.kiosk.claim(HERE, GIA_QR, SignalSource.SCANNER)
    view = hall.kiosk.accept_name(HERE, view.id, view.version)
    assert view.stage is Stage.FORGOTTEN
    hall.order_print(view.id)
    until(lambda: hall.bench.state().tickets)
    (receipt,) = hall.bench.state().tickets
    assert "Đã xóa khuôn mặt" in receipt
    assert "TRẦN" not in receipt.upper()
    assert view.id not in receipt


def test_a_face_that_reception_had_forgotten_is_confirmed_on_paper_and_the_ticket_stays_as_it_was(hall: Hall) -> None:
    hall.open()
    view = hall.arrive()
    hall.order_receipt(view.id)
    until(lambda: hall.bench.state().tickets)
    (receipt,) = hall.bench.state().tickets
    assert "Biên nhận" in receipt
    assert "Đã xóa khuôn mặt" in receipt
    assert "Phòng 101" not in receipt
    assert "TRẦN" not in receipt.upper()
    assert view.id not in receipt
    assert hall.print_state(view.id) is PrintState.NOT_ASKED


def test_a_receipt_that_cannot_be_printed_shows_on_the_printer_and_not_as_a_missing_ticket(hall: Hall) -> None:
    hall.bench.set_paper(out=True)
    hall.open()
    view = hall.arrive()
    hall.order_receipt(view.id)
    until(lambda: hall.devices().get("printer") is DeviceState.NO_PAPER)
    time.sleep(0.7)
    with hall.services.storage.read() as work:
        assert not work.check_ins.needing_help(hall.services.clock.today())


def test_an_order_for_nobody_harms_nothing(hall: Hall) -> None:
    hall.open()
    hall.order_print("no-such-check-in")
    view = hall.arrive()
    hall.order_print(view.id)
    until(lambda: hall.print_state(view.id) is PrintState.PRINTED)


def test_unplugged_devices_are_told_and_work_again_when_plugged_in(hall: Hall) -> None:
    hall.open()
    until(lambda: hall.devices() and set(hall.devices().values()) == {DeviceState.WORKING})
    for device in ("camera", "scanner", "printer"):
        hall.bench.plug(device, connected=False)
    until(lambda: list(hall.devices().values()).count(DeviceState.ABSENT) == 3)
    hall.bench.plug("scanner", connected=True)
    until(lambda: hall.devices()["scanner"] is DeviceState.WORKING)
    hall.bench.scan(MAU_QR)
    until(lambda: hall.stage() is Stage.IS_THIS_YOU)


def test_without_redis_a_scan_still_begins_a_check_in_and_the_station_ends(hall: Hall) -> None:
    hall.bus = RedisBus(f"unix://{hall.folder}/no-redis.sock")
    hall.open()
    hall.bench.scan(MAU_QR)
    until(lambda: hall.stage() is Stage.IS_THIS_YOU)
    hall.close()
    hall.bus.close()


def test_a_station_ends_and_leaves_no_socket(hall: Hall) -> None:
    hall.open()
    time.sleep(0.5)
    hall.close()
    assert not (hall.folder / "preview.sock").exists()


class BrokenScanner:
    """Fails in a way that nobody foresaw."""

    def line(self, wait_ms: int) -> str | None:
        raise ZeroDivisionError(wait_ms)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_station_whose_thread_ended_ends_itself_to_be_started_anew(hall: Hall) -> None:
    clock = SystemClock("Asia/Ho_Chi_Minh")
    station = Station(HERE, hall.kiosk, hall.bus, clock, Devices(scanner=BrokenScanner()), WORDS)
    with pytest.raises(DeviceError, match="scanner"):
        station.run(threading.Event())


def test_the_heartbeat_says_what_reception_calls_the_station(hall: Hall) -> None:
    stop = threading.Event()
    clock = SystemClock("Asia/Ho_Chi_Minh")
    station = Station(HERE, hall.kiosk, hall.bus, clock, Devices(), WORDS, "Kiosk cổng A")
    thread = threading.Thread(target=station.run, args=(stop,))
    thread.start()
    until(lambda: [one.name for one in hall.bus.stations()] == ["Kiosk cổng A"])
    stop.set()
    thread.join(PATIENCE)
