"""What every scanner does: a serial one behind a pseudo-terminal, and the simulated one on the bench."""

import os
import time
import tty
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from kiosk.errors import DeviceError
from kiosk.hardware.serial_scanner import SerialScanner
from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.devices import SimulatedScanner
from kiosk.ports.devices import CodeScanner

CITIZEN = "001190012345|012345678|Nguyễn Thị Minh Ánh|05031990|Nữ|Số 8 Đường Lê Lợi, Huế|10052021"


class Desk(Protocol):
    """A scanner and the hand that holds it."""

    scanner: CodeScanner

    def scan(self, line: str) -> None: ...
    def unplug(self) -> None: ...
    def plug_in(self) -> None: ...
    def clear(self) -> None: ...


class BenchDesk:
    def __init__(self, folder: Path) -> None:
        self._bench = FileBench(folder)
        self.scanner: CodeScanner = SimulatedScanner(self._bench)

    def scan(self, line: str) -> None:
        self._bench.scan(line)

    def unplug(self) -> None:
        self._bench.plug("scanner", connected=False)

    def plug_in(self) -> None:
        self._bench.plug("scanner", connected=True)

    def clear(self) -> None:
        pass


class SerialDesk:
    """The far end of a pseudo-terminal plays the scanner; a link plays /dev/serial/by-id."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "scanner"
        self._ends: list[int] = []
        self.serial = SerialScanner(str(self._path))
        self.scanner: CodeScanner = self.serial
        self.plug_in()

    def send(self, data: bytes) -> None:
        os.write(self._ends[0], data)

    def scan(self, line: str) -> None:
        self.send(line.encode() + b"\r\n")

    def unplug(self) -> None:
        self._path.unlink()
        while self._ends:
            os.close(self._ends.pop())

    def plug_in(self) -> None:
        self._ends = list(os.openpty())
        tty.setraw(self._ends[0])
        self._path.symlink_to(os.ttyname(self._ends[1]))
        with suppress(DeviceError):
            self.scanner.line(0)

    def clear(self) -> None:
        self.serial.close()
        if self._ends:
            self.unplug()


@pytest.fixture(params=[BenchDesk, SerialDesk])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    made: Desk = request.param(tmp_path)
    yield made
    made.clear()


@pytest.fixture
def serial_desk(tmp_path: Path) -> Iterator[SerialDesk]:
    made = SerialDesk(tmp_path)
    yield made
    made.clear()


def test_a_line_arrives_once_with_every_letter(desk: Desk) -> None:
    desk.scan(CITIZEN)
    assert desk.scanner.line(2000) == CITIZEN
    assert desk.scanner.line(0) is None


def test_lines_arrive_in_the_order_they_were_scanned(desk: Desk) -> None:
    for line in ("BN000001", "BN000002", "BN000003"):
        desk.scan(line)
    assert [desk.scanner.line(2000) for _ in range(3)] == ["BN000001", "BN000002", "BN000003"]


def test_a_wait_ends_when_nothing_is_scanned(desk: Desk) -> None:
    started = time.monotonic()
    assert desk.scanner.line(300) is None
    assert time.monotonic() - started >= 0.28


def test_empty_lines_are_nothing(desk: Desk) -> None:
    desk.scan("\n\n")
    assert desk.scanner.line(200) is None


def test_a_line_over_4_kb_arrives_one_byte_too_long_to_be_accepted(desk: Desk) -> None:
    desk.scan("A" * 9000)
    line = desk.scanner.line(3000)
    assert line == "A" * 4097
    desk.scan("BN000001")
    assert desk.scanner.line(2000) == "BN000001"


def test_an_unplugged_scanner_says_so_and_is_used_again_when_plugged_in(desk: Desk) -> None:
    desk.scan("BN000001")
    assert desk.scanner.line(2000) == "BN000001"
    desk.unplug()
    for _ in range(2):
        with pytest.raises(DeviceError) as refused:
            desk.scanner.line(500)
        assert refused.value.kind == "absent"
    desk.plug_in()
    desk.scan("BN000002")
    assert desk.scanner.line(2000) == "BN000002"


def test_what_was_begun_before_the_scanner_was_lost_is_not_put_before_the_next_code(serial_desk: SerialDesk) -> None:
    serial_desk.send(b"0011")
    with suppress(DeviceError):
        serial_desk.scanner.line(60)
    serial_desk.unplug()
    with pytest.raises(DeviceError):
        serial_desk.scanner.line(500)
    serial_desk.plug_in()
    serial_desk.scan("BN000002")
    assert serial_desk.scanner.line(2000) == "BN000002"


def test_a_scanner_without_a_suffix_is_understood_by_its_silence(serial_desk: SerialDesk) -> None:
    serial_desk.send("Nguyễn Văn An".encode())
    assert serial_desk.scanner.line(2000) == "Nguyễn Văn An"


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_every_usual_suffix_ends_a_line(serial_desk: SerialDesk, end: bytes) -> None:
    serial_desk.send(b"BN000001" + end + b"BN000002" + end)
    assert [serial_desk.scanner.line(2000), serial_desk.scanner.line(2000)] == ["BN000001", "BN000002"]
    assert serial_desk.scanner.line(200) is None


def test_a_code_in_two_packets_is_one_line(serial_desk: SerialDesk) -> None:
    first, second = CITIZEN.encode()[:21], CITIZEN.encode()[21:]
    serial_desk.send(first)
    assert serial_desk.scanner.line(0) is None
    serial_desk.send(second + b"\r")
    assert serial_desk.scanner.line(2000) == CITIZEN


def test_bytes_that_are_no_text_arrive_as_what_no_code_contains(serial_desk: SerialDesk) -> None:
    serial_desk.send(b"BN\xff0001\r")
    assert serial_desk.scanner.line(2000) == "BN�0001"


def test_a_second_program_does_not_get_the_scanner(serial_desk: SerialDesk, tmp_path: Path) -> None:
    assert serial_desk.scanner.line(0) is None
    second = SerialScanner(str(tmp_path / "scanner"))
    with pytest.raises(DeviceError) as refused:
        second.line(0)
    assert refused.value.kind == "busy"


def test_a_line_that_nobody_took_in_time_is_forgotten_by_the_bench(tmp_path: Path) -> None:
    bench = FileBench(tmp_path)
    bench.scan("BN000001")
    (old,) = (tmp_path / "bench" / "scans").iterdir()
    old.rename(old.with_name(f"{time.time_ns() - 6 * 10**9:020}-old"))
    assert SimulatedScanner(bench).line(0) is None
