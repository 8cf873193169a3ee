"""What the camera sees: codes for the use cases, and a preview while somebody is asked to show one, or the face."""

import threading
from collections.abc import Iterable

import structlog

from kiosk.errors import DeviceError, InputError, KioskError
from kiosk.identify.codes.images import read_codes
from kiosk.model.checkin import Stage
from kiosk.model.events import DeviceState
from kiosk.ports.check_ins import CheckIns
from kiosk.ports.devices import Camera, SignalSource
from kiosk.ports.live import PreviewSink
from kiosk.ports.time import Clock
from kiosk.station.health import Health
from kiosk.station.signals import CHECK_INS, Signals

PREVIEW_SECONDS = 0.1
FACE_SECONDS = 1 / 15
DECODE_SECONDS = 0.2
IDLE_SECONDS = 0.5
ASK_STAGE_SECONDS = 0.5
LOST_SECONDS = 1.0

AWAY_SECONDS = 3.0
LONGEST_LOOK_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class CodesInView:
    """Tells a code that was just shown from one that is still there.

    A code counts again when it was away for 3 s of looking. Time in which nobody looked does not count: a card left
    lying by the patient before must not be claimed for the next one.
    """

    def __init__(self) -> None:
        self._looked = 0.0
        self._last: float | None = None
        self._seen: dict[int, float] = {}

    def newly_shown(self, texts: Iterable[str], now: float) -> list[str]:
        """Those of the codes seen now that were not in view before; `now` in seconds."""
        if self._last is not None:
            self._looked += min(now - self._last, LONGEST_LOOK_SECONDS)
        self._last = now
        self._seen = {code: at for code, at in self._seen.items() if self._looked - at < AWAY_SECONDS}
        codes = {hash(text): text for text in texts}
        new = [text for code, text in codes.items() if code not in self._seen]
        self._seen |= dict.fromkeys(codes, self._looked)
        return new


class Watch:
    """The camera's thread."""

    def __init__(  # each is a part of its own
        self,
        station_id: str,
        check_ins: CheckIns,
        camera: Camera,
        preview: PreviewSink | None,
        signals: Signals,
        clock: Clock,
        health: Health,
    ) -> None:
        self._station_id = station_id
        self._check_ins = check_ins
        self._camera = camera
        self._preview = preview
        self._signals = signals
        self._clock = clock
        self._health = health
        self._codes = CodesInView()
        self._idle = False
        self._stage: Stage | None = None
        self._asked_at = float("-inf")
        self._decoded_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Look, until stopped."""
        while not stop.is_set():
            stop.wait(self._look())

    def _look(self) -> float:
        """One picture.

        Returns:
            Seconds until the next.
        """
        try:
            frame = self._camera.frame()
        except DeviceError as error:
            self._health.note_error("camera", error)
            return LOST_SECONDS
        self._health.note("camera", DeviceState.WORKING)
        self._ask_stage()
        if self._stage is Stage.STARTED:
            if self._preview:
                self._preview.show(frame)
            self._decode(frame, DECODE_SECONDS)
            return PREVIEW_SECONDS
        if self._stage is Stage.FACE:
            if self._preview:
                self._preview.show(frame)
            return FACE_SECONDS
        if self._idle or self._stage:
            # whoever comes next may show a card while the page of the one before is open
            self._decode(frame, IDLE_SECONDS)
        return IDLE_SECONDS

    def _ask_stage(self) -> None:
        now = self._clock.monotonic()
        if now - self._asked_at < ASK_STAGE_SECONDS:
            return
        self._asked_at = now
        try:
            view = self._check_ins.current(self._station_id)
        except KioskError as error:
            # whose code this is cannot be kept now: look at nothing
            self._stage, self._idle = None, False
            self._health.note(CHECK_INS, DeviceState.FAULT)
            _log.warning("the check-in cannot be read", exception_type=type(error).__name__)
            return
        self._health.note(CHECK_INS, DeviceState.WORKING)
        self._stage, self._idle = (view.stage if view else None), view is None

    def _decode(self, frame: bytes, every_seconds: float) -> None:
        now = self._clock.monotonic()
        if now - self._decoded_at < every_seconds:
            return
        self._decoded_at = now
        try:
            texts = [code.text for code in read_codes(frame)]
        except InputError:
            # half a picture: the next one is a moment away
            return
        for text in self._codes.newly_shown(texts, now):
            self._signals.offer(text, SignalSource.CAMERA)
