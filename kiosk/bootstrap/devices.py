"""Opens the devices that the settings name, and the trust folder: real or simulated."""

# ruff: noqa: PLC0415 # a real adapter is imported only when its setting names it

from pathlib import Path
from typing import TYPE_CHECKING

from structlog import get_logger

from kiosk.errors import ConfigurationError, DeviceError
from kiosk.model.chip_card import ChipReading
from kiosk.ports.devices import Camera, CardConnection, CardReader, CodeScanner, TicketPrinter
from kiosk.ports.time import Clock
from kiosk.settings import Settings

if TYPE_CHECKING:
    from kiosk.identify.chip_card.trust_store import TrustStore
    from kiosk.station.cards import Opening, Progress, ReadChip

log = get_logger(__name__)


def open_camera(settings: Settings) -> Camera | None:
    """The station's camera, or None without one.

    Raises:
        ConfigurationError: faces are on, and they must not be taken by the camera that is named.
    """
    if settings.station.camera == "none":
        return None
    if settings.station.camera == "simulated":
        from kiosk.hardware.simulated.bench import FileBench
        from kiosk.hardware.simulated.devices import SimulatedCamera

        return SimulatedCamera(FileBench(settings.runtime_dir))
    from kiosk.hardware.camera import OpenCvCamera
    from kiosk.hardware.camera_device import refusal_of_device, refusal_of_name

    if not settings.face.enabled:
        return OpenCvCamera(settings.station.camera)
    refusal = refusal_of_name(settings.station.camera) or refusal_of_device(Path(settings.station.camera))
    if refusal:
        raise ConfigurationError(f"station.camera: {refusal}")
    return OpenCvCamera(settings.station.camera, refusal=refusal_of_device)


def open_scanner(settings: Settings) -> CodeScanner | None:
    """The station's hand scanner, or None without one.

    Raises:
        ConfigurationError: the setting names no kind of scanner.
    """
    kind, _, path = settings.station.scanner.partition(":")
    if kind == "none":
        return None
    if kind == "simulated":
        from kiosk.hardware.simulated.bench import FileBench
        from kiosk.hardware.simulated.devices import SimulatedScanner

        return SimulatedScanner(FileBench(settings.runtime_dir))
    if kind == "serial":
        from kiosk.hardware.serial_scanner import SerialScanner

        return SerialScanner(path)
    if kind == "evdev":
        from kiosk.hardware.evdev_scanner import WedgeScanner

        return WedgeScanner(path)
    raise ConfigurationError(f"station.scanner: expected none, serial:PATH or evdev:PATH, not {kind}")


def open_printer(settings: Settings) -> TicketPrinter | None:
    """The station's printer, or None without one.

    Raises:
        ConfigurationError: the setting names no kind of printer.
    """
    if settings.station.printer == "none":
        return None
    if settings.station.printer == "simulated":
        from kiosk.hardware.simulated.bench import FileBench
        from kiosk.hardware.simulated.devices import SimulatedPrinter

        return SimulatedPrinter(FileBench(settings.runtime_dir))
    from kiosk.hardware.printer import EscposTicketPrinter

    try:
        return EscposTicketPrinter(settings.station.printer, settings.station.paper_width_mm)
    except DeviceError as error:
        raise ConfigurationError(f"station.printer: {error}") from error


def open_card_reader(settings: Settings) -> CardReader | None:
    """The station's reader for chip cards, or None without one.

    Raises:
        ConfigurationError: the setting names a reader that may not be used.
    """
    if settings.station.card_reader == "none":
        return None
    if settings.station.card_reader == "simulated":
        from kiosk.hardware.simulated.bench import FileBench
        from kiosk.hardware.simulated.card_slot import BenchCardSlot
        from kiosk.hardware.simulated.citizen_card.reader import SimulatedCardReader

        return SimulatedCardReader(BenchCardSlot(FileBench(settings.runtime_dir)))
    from kiosk.hardware.card_reader import PcscCardReader

    return PcscCardReader(settings.station.card_reader, allow_virtual=settings.mode == "demo")


def open_trust(settings: Settings) -> "TrustStore":
    """Whose chips are believed; a demonstration's authority only in the demo.

    Raises:
        ConfigurationError: an anchor cannot be used, or is a demonstration's.
    """
    from kiosk.identify.chip_card.trust_store import TrustStore

    return TrustStore.open(settings.trust_dir, allow_demo=settings.mode == "demo")


def chip_reading(settings: Settings, clock: Clock) -> "ReadChip":
    """How the station reads a card. An anchor that is pinned meanwhile counts from the next card on."""
    from kiosk.identify.chip_card.document import read_document
    from kiosk.identify.chip_card.trust_store import TrustStore

    def read(connection: CardConnection, opening: "Opening", progress: "Progress") -> ChipReading:
        try:
            trust = open_trust(settings)
        except ConfigurationError:
            log.exception("the trust folder cannot be used: no issuer is known", path=str(settings.trust_dir))
            trust = TrustStore()
        document = read_document(
            connection,
            opening.keys,
            trust=trust,
            today=clock.today(),
            claimed=opening.claimed,
            attempts=opening.attempts,
            progress=progress,
        )
        return document.reading

    return read
