"""The process that owns a kiosk's devices: a thread for each, a queue between them and the use cases."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from kiosk.errors import BusUnreachable, DeviceError
from kiosk.model.events import DeviceState, StationHealth
from kiosk.ports.check_ins import CheckIns
from kiosk.ports.devices import Camera, CardReader, CodeScanner, SignalSource, TicketPrinter
from kiosk.ports.live import Bus, PreviewSink
from kiosk.ports.time import Clock
from kiosk.station.cards import Cards, ReadChip
from kiosk.station.commands import Commands
from kiosk.station.faces import FaceParts, FaceWatch
from kiosk.station.health import Health
from kiosk.station.signals import Signals
from kiosk.station.ticket import TicketWords
from kiosk.station.watch import Watch

BEAT_SECONDS = 2.0
EXPIRES = timedelta(seconds=6)
SCAN_WAIT_MS = 500
LOST_SECONDS = 1.0
END_SECONDS = 1.2
"""How long the threads may take to end; one that is inside a driver is left behind."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Devices:
    """What the settings name; None where there is none."""

    camera: Camera | None = None
    scanner: CodeScanner | None = None
    printer: TicketPrinter | None = None
    preview: PreviewSink | None = None
    card_reader: CardReader | None = None
    read_chip: ReadChip | None = None
    faces: FaceParts | None = None


class Station:
    """One kiosk's devices at work."""

    def __init__(  # each is a part of its own
        self,
        station_id: str,
        check_ins: CheckIns,
        bus: Bus,
        clock: Clock,
        devices: Devices,
        words: TicketWords,
        name: str = "",
    ) -> None:
        self._station_id = station_id
        self._name = name
        self._bus = bus
        self._clock = clock
        self._devices = devices
        self._health = Health()
        self._signals = Signals(station_id, check_ins, clock, self._health)
        self._commands = Commands(station_id, check_ins, bus, devices.printer, words, clock, self._health)
        self._watch = (
            Watch(station_id, check_ins, devices.camera, devices.preview, self._signals, clock, self._health)
            if devices.camera
            else None
        )
        self._faces = (
            FaceWatch(station_id, check_ins, devices.camera, devices.faces, clock)
            if devices.camera and devices.faces
            else None
        )
        self._cards = (
            Cards(
                station_id,
                check_ins,
                devices.card_reader,
                devices.read_chip,
                self._signals,
                clock,
                self._health,
            )
            if devices.card_reader and devices.read_chip
            else None
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; ends within 2 s of it.

        Raises:
            DeviceError: ``fault``, a thread ended by itself; whoever supervises this process starts it anew.
        """
        threads = [threading.Thread(target=run, args=(stop,), name=name, daemon=True) for name, run in self._tasks()]
        for thread in threads:
            thread.start()
        try:
            while not stop.is_set():
                self._beat()
                stop.wait(BEAT_SECONDS)
                ended = [thread.name for thread in threads if not thread.is_alive()]
                if ended and not stop.is_set():
                    raise DeviceError("fault", f"the station's {ended[0]} thread ended")
        finally:
            stop.set()
            self._end(threads)

    def _tasks(self) -> list[tuple[str, Callable[[threading.Event], None]]]:
        tasks: list[tuple[str, Callable[[threading.Event], None]]] = [
            ("claims", self._signals.run),
            ("printer", self._commands.run),
        ]
        if self._watch:
            tasks.append(("camera", self._watch.run))
        if self._devices.scanner:
            tasks.append(("scanner", self._scan))
        if self._faces:
            tasks.append(("faces", self._faces.run))
        if self._cards:
            tasks.append(("card_reader", self._cards.run))
        return tasks

    def _scan(self, stop: threading.Event) -> None:
        scanner = self._devices.scanner
        while scanner and not stop.is_set():
            try:
                line = scanner.line(SCAN_WAIT_MS)
            except DeviceError as error:
                self._health.note_error("scanner", error)
                stop.wait(LOST_SECONDS)
                continue
            self._health.note("scanner", DeviceState.WORKING)
            if line is not None:
                self._signals.offer(line, SignalSource.SCANNER)

    def _beat(self) -> None:
        try:
            states = self._health.states()
            self._bus.beat(StationHealth(self._station_id, self._clock.now(), states, self._name), EXPIRES)
        except BusUnreachable:
            _log.debug("no heartbeat", reason="bus unreachable", station=self._station_id)

    def _end(self, threads: list[threading.Thread]) -> None:
        ends = self._clock.monotonic() + END_SECONDS
        for thread in threads:
            thread.join(max(0.0, ends - self._clock.monotonic()))
        if self._devices.preview:
            self._devices.preview.close()
