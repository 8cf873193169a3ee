"""What every printer does: the simulated one, and ESC/POS through a pseudo-terminal that plays the printer.

The bytes are drawn again as the picture that would stand on the paper, and read with the product's own reader.
"""

import os
import select
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.errors import ConfigurationError, DeviceError
from kiosk.hardware.printer import EscposTicketPrinter
from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.devices import SimulatedPrinter
from kiosk.identify.codes.images import read_codes
from kiosk.model.events import DeviceState
from kiosk.ports.devices import TicketPrinter, TicketText

TICKET = TicketText(
    lines=("Bệnh viện Phước Hòa", "Số thứ tự · Queue number", "Phòng 201", "Nội tiết · Endocrinology"),
    number="42",
    code="6f1c9f0e2b7a4d5c8e3f1a2b3c4d5e6f",
)
RASTER = b"\x1dv0\x00"
CUT = b"\x1dV\x00"
ASK_PAPER = b"\x10\x04\x04"
PAPER_THERE, PAPER_END = b"\x12", b"\x72"


def papers(data: bytes, width: int) -> list[NDArray[np.uint8]]:
    """The pictures on the paper, cut by cut: GS v 0 as ESC/POS defines it."""
    pieces = []
    for ticket in data.split(CUT)[:-1]:
        rows, at = [], ticket.find(RASTER)
        while at >= 0:
            line_bytes = int.from_bytes(ticket[at + 4 : at + 6], "little")
            height = int.from_bytes(ticket[at + 6 : at + 8], "little")
            raster = np.frombuffer(ticket[at + 8 : at + 8 + line_bytes * height], dtype=np.uint8)
            rows.append(np.unpackbits(raster.reshape(height, line_bytes), axis=1))
            at = ticket.find(RASTER, at + 8 + line_bytes * height)
        black = np.concatenate(rows)
        assert black.shape[1] == width
        pieces.append(np.asarray((1 - black) * 255, dtype=np.uint8))
    return pieces


class PaperPrinter:
    """The far end of a pseudo-terminal: collects what is printed and tells about its paper."""

    def __init__(self) -> None:
        self._ends = list(os.openpty())
        tty.setraw(self._ends[0])
        self.path = os.ttyname(self._ends[1])
        self.printed = bytearray()
        self.paper: bytes | None = PAPER_THERE
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            if select.select([self._ends[0]], [], [], 0.05)[0]:
                data = os.read(self._ends[0], 65536)
                self.printed += data
                if data.endswith(ASK_PAPER) and self.paper:
                    os.write(self._ends[0], self.paper)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        while self._ends:
            os.close(self._ends.pop())


class Desk(Protocol):
    """A printer and the person who fills it."""

    printer: TicketPrinter

    def codes_on_paper(self) -> list[str]: ...
    def take_paper_out(self) -> None: ...
    def put_paper_in(self) -> None: ...
    def unplug(self) -> None: ...
    def clear(self) -> None: ...


class BenchDesk:
    def __init__(self, folder: Path) -> None:
        self._bench = FileBench(folder)
        self.printer: TicketPrinter = SimulatedPrinter(self._bench)

    def codes_on_paper(self) -> list[str]:
        return [text.splitlines()[-1].removeprefix("QR ") for text in reversed(self._bench.state().tickets)]

    def take_paper_out(self) -> None:
        self._bench.set_paper(out=True)

    def put_paper_in(self) -> None:
        self._bench.set_paper(out=False)

    def unplug(self) -> None:
        self._bench.plug("printer", connected=False)

    def clear(self) -> None:
        pass


class EscposDesk:
    kind, width_mm, dots = "file", 80, 576

    def __init__(self, folder: Path) -> None:
        self.paper = PaperPrinter()
        self._link = folder / "lp0"
        self._link.symlink_to(self.paper.path)
        self.printer: TicketPrinter = EscposTicketPrinter(f"{self.kind}:{self._link}", self.width_mm)

    def codes_on_paper(self) -> list[str]:
        return [code.text for paper in papers(bytes(self.paper.printed), self.dots) for code in read_codes(paper)]

    def take_paper_out(self) -> None:
        self.paper.paper = PAPER_END

    def put_paper_in(self) -> None:
        self.paper.paper = PAPER_THERE

    def unplug(self) -> None:
        self._link.unlink()

    def clear(self) -> None:
        self.paper.close()


class NarrowDesk(EscposDesk):
    width_mm, dots = 58, 384


class SerialDesk(EscposDesk):
    kind = "serial"


@pytest.fixture(params=[BenchDesk, EscposDesk, NarrowDesk, SerialDesk])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    made: Desk = request.param(tmp_path)
    yield made
    made.clear()


@pytest.fixture
def escpos_desk(tmp_path: Path) -> Iterator[EscposDesk]:
    made = EscposDesk(tmp_path)
    yield made
    made.clear()


def wait_for(desk: Desk, tickets: int) -> list[str]:
    for _ in range(100):
        found = desk.codes_on_paper()
        if len(found) >= tickets:
            return found
        threading.Event().wait(0.02)
    return desk.codes_on_paper()


def test_the_code_of_each_printed_ticket_can_be_read_from_the_paper(desk: Desk) -> None:
    second = TicketText(TICKET.lines, "43", "00000000000000000000000000000043")
    desk.printer.print(TICKET)
    desk.printer.print(second)
    assert wait_for(desk, 2) == [TICKET.code, second.code]


def test_a_printer_with_paper_works(desk: Desk) -> None:
    assert desk.printer.state() is DeviceState.WORKING


def test_without_paper_it_says_so_and_prints_nothing_until_there_is_some(desk: Desk) -> None:
    desk.take_paper_out()
    assert desk.printer.state() is DeviceState.NO_PAPER
    with pytest.raises(DeviceError) as refused:
        desk.printer.print(TICKET)
    assert refused.value.kind == "no_paper"
    assert desk.codes_on_paper() == []
    desk.put_paper_in()
    desk.printer.print(TICKET)
    assert wait_for(desk, 1) == [TICKET.code]


def test_an_unplugged_printer_says_so(desk: Desk) -> None:
    desk.unplug()
    assert desk.printer.state() is DeviceState.ABSENT
    with pytest.raises(DeviceError) as refused:
        desk.printer.print(TICKET)
    assert refused.value.kind == "absent"


@pytest.mark.parametrize("answer", [None, b"\xff", b"\x00"])
def test_a_printer_that_does_not_tell_about_paper_prints(escpos_desk: EscposDesk, answer: bytes | None) -> None:
    escpos_desk.paper.paper = answer
    escpos_desk.printer.print(TICKET)
    assert wait_for(escpos_desk, 1) == [TICKET.code]


def test_a_printer_that_is_gone_is_not_made_up_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    with pytest.raises(DeviceError):
        EscposTicketPrinter(f"file:{path}", 80).print(TICKET)
    assert not path.exists()


def test_tickets_are_added_to_an_ordinary_file(tmp_path: Path) -> None:
    path = tmp_path / "tickets.bin"
    path.touch()
    printer = EscposTicketPrinter(f"file:{path}", 58)
    printer.print(TICKET)
    printer.print(TICKET)
    assert len(papers(path.read_bytes(), 384)) == 2


@pytest.mark.parametrize(
    "setting",
    [
        *("", "paper", "file:lp0", "file:", "serial:ttyS0", "simulated", "usb:04b8", "usb:xxxx:0e15"),
        *("network:", "network:host", "network:host:0", "network:host:99999"),
    ],
)
def test_a_setting_of_another_form_is_refused_at_start(setting: str) -> None:
    with pytest.raises(ConfigurationError, match=r"station\.printer"):
        EscposTicketPrinter(setting, 80)
