"""A printer on the network: a listener on this host plays it."""

import select
import socket
import threading
from collections.abc import Iterator

import pytest

from kiosk.errors import DeviceError
from kiosk.hardware.printer import EscposTicketPrinter
from kiosk.model.events import DeviceState
from kiosk.ports.devices import TicketText
from tests.support.patience import until

pytestmark = pytest.mark.integration

TICKET = TicketText(("Bệnh viện", "Số thứ tự", "Phòng 201"), "7", "c-7")


class ListeningPrinter:
    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.printed = bytearray()
        self.paper: bytes | None = b"\x12"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            if select.select([self.listener], [], [], 0.05)[0]:
                connection, _ = self.listener.accept()
                with connection:
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        while data := connection.recv(65536):
            self.printed += data
            if data.endswith(b"\x10\x04\x04") and self.paper:
                connection.sendall(self.paper)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.listener.close()


@pytest.fixture
def listening() -> Iterator[ListeningPrinter]:
    made = ListeningPrinter()
    yield made
    made.close()


def test_a_ticket_reaches_a_printer_on_the_network(listening: ListeningPrinter) -> None:
    printer = EscposTicketPrinter(f"network:127.0.0.1:{listening.port}", 80)
    assert printer.state() is DeviceState.WORKING
    printer.print(TICKET)
    until(lambda: listening.printed.endswith(b"\x1dV\x00"))
    assert b"\x1dv0\x00" in listening.printed


def test_it_tells_that_its_paper_is_out(listening: ListeningPrinter) -> None:
    listening.paper = b"\x7e"
    printer = EscposTicketPrinter(f"network:127.0.0.1:{listening.port}", 80)
    assert printer.state() is DeviceState.NO_PAPER
    with pytest.raises(DeviceError) as refused:
        printer.print(TICKET)
    assert refused.value.kind == "no_paper"


def test_one_that_never_answers_costs_a_second_and_prints(listening: ListeningPrinter) -> None:
    listening.paper = None
    printer = EscposTicketPrinter(f"network:127.0.0.1:{listening.port}", 80)
    printer.print(TICKET)
    until(lambda: listening.printed.endswith(b"\x1dV\x00"))


def test_one_that_is_switched_off_is_absent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    printer = EscposTicketPrinter(f"network:127.0.0.1:{port}", 80)
    assert printer.state() is DeviceState.ABSENT
    with pytest.raises(DeviceError) as refused:
        printer.print(TICKET)
    assert refused.value.kind == "absent"
