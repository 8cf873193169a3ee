"""The ticket printer, ESC/POS: the only home of python-escpos."""

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from escpos.constants import RT_STATUS_PAPER
from escpos.escpos import Escpos
from escpos.exceptions import Error as EscposError
from escpos.printer import Network, Serial, Usb

from kiosk.errors import ConfigurationError, DeviceError
from kiosk.hardware.printer_file import DeviceFile
from kiosk.hardware.ticket_layout import draw_ticket, fonts_of_host
from kiosk.model.events import DeviceState
from kiosk.ports.devices import TicketText

WRITE_SECONDS = 8.0
ANSWER_SECONDS = 1.0
SERIAL_BAUD = 115_200

_PROFILES = {58: "RP-F10-58mm", 80: "TM-T20II"}
"""python-escpos checks the picture's width against these; they cut, and feed where there is no cutter."""

_FIXED_BITS, _FIXED_VALUE = 0x93, 0x12
_PAPER_END = 0x60


class EscposTicketPrinter:
    """Port `TicketPrinter`. Opens the device for each ticket, so that one switched off and on again is found.

    Args:
        setting: ``file:/dev/usb/lp0``, ``network:HOST:PORT``, ``usb:VVVV:PPPP`` (hexadecimal) or ``serial:/dev/…``.
        paper_mm: 58 or 80.

    Raises:
        ConfigurationError: the setting has none of these forms, or its library is missing.
    """

    def __init__(self, setting: str, paper_mm: int) -> None:
        self._connect = _connection(setting, _PROFILES[paper_mm])
        self._setting = setting
        self._paper_mm = paper_mm
        self._fonts = fonts_of_host()

    def print(self, ticket: TicketText) -> None:
        """Print and cut.

        Raises:
            DeviceError: ``no_paper``, ``absent`` or ``fault``.
        """
        picture = draw_ticket(ticket, self._paper_mm, self._fonts)
        with self._opened() as printer:
            if _paper_is_out(printer):
                raise DeviceError("no_paper", "the printer has no paper")
            printer.hw("INIT")
            printer.image(picture, impl="bitImageRaster")
            printer.cut()

    def state(self) -> DeviceState:
        """Its health; a printer that does not tell about its paper is taken to have some."""
        try:
            with self._opened() as printer:
                return DeviceState.NO_PAPER if _paper_is_out(printer) else DeviceState.WORKING
        except DeviceError as error:
            return DeviceState.ABSENT if error.kind == "absent" else DeviceState.FAULT

    @contextmanager
    def _opened(self) -> Iterator[Escpos]:
        printer = self._connect()
        try:
            printer.open()
        except (EscposError, OSError) as error:
            raise DeviceError("absent", f"no printer at {self._setting}") from error
        try:
            yield printer
        except (EscposError, OSError) as error:
            raise DeviceError("fault", f"the printer at {self._setting} does not take the ticket") from error
        finally:
            printer.close()


def _paper_is_out(printer: Escpos) -> bool:
    """Real-time status 4, roll paper sensor (ESC/POS DLE EOT); no answer, or a strange one, says nothing."""
    try:
        answer = bytes(printer.query_status(RT_STATUS_PAPER))
    except OSError:
        return False
    if not answer or answer[-1] & _FIXED_BITS != _FIXED_VALUE:
        return False
    return answer[-1] & _PAPER_END == _PAPER_END


class _NetworkPrinter(Network):  # type: ignore[misc] # python-escpos ships no types
    """Leaves no socket open when nobody answers, and does not wait long for a printer that never tells its state."""

    def open(self, raise_not_found: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 # python-escpos's signature
        self.device = socket.create_connection((self.host, self.port), timeout=self.timeout)

    def _read(self) -> bytes:
        answered, _, _ = select.select([self.device], [], [], ANSWER_SECONDS)
        return bytes(self.device.recv(16)) if answered else b""


class _SerialPrinter(Serial):  # type: ignore[misc] # python-escpos ships no types
    """With a limit for writing: a printer that is off holds the line."""

    def open(self, raise_not_found: bool = True) -> None:  # noqa: FBT001, FBT002 # python-escpos's signature
        super().open(raise_not_found)
        if self.device:
            self.device.write_timeout = WRITE_SECONDS


def _connection(setting: str, profile: str) -> Callable[[], Escpos]:
    kind, _, address = setting.partition(":")
    match kind:
        case "file" if address.startswith("/"):
            return lambda: DeviceFile(address, WRITE_SECONDS, ANSWER_SECONDS, profile)
        case "serial" if address.startswith("/"):
            return lambda: _SerialPrinter(address, SERIAL_BAUD, timeout=ANSWER_SECONDS, profile=profile)
        case "network":
            host, port = _host_and_port(address)
            return lambda: _NetworkPrinter(host, port, timeout=WRITE_SECONDS, profile=profile)
        case "usb":
            vendor, product = _usb_ids(address)
            return lambda: Usb(vendor, product, timeout=int(WRITE_SECONDS * 1000), profile=profile)
    raise ConfigurationError(f"station.printer: expected file:, network:, usb: or serial:, not {setting!r}")


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004 # 16 bits
        raise ConfigurationError("station.printer: expected network:HOST:PORT, such as network:192.0.2.7:9100")
    return host.strip("[]"), int(port)


def _usb_ids(address: str) -> tuple[int, int]:
    try:
        vendor, product = (int(part, 16) for part in address.split(":"))
    except ValueError as error:
        raise ConfigurationError("station.printer: expected usb:VVVV:PPPP, as lsusb shows them") from error
    try:
        from usb.backend import libusb1  # noqa: PLC0415 # only a USB printer needs it
    except ImportError as error:
        raise ConfigurationError("station.printer: usb: needs pyusb, of the group `hardware`") from error
    if libusb1.get_backend() is None:
        raise ConfigurationError("station.printer: usb: needs the system package libusb-1.0-0")
    return vendor, product
