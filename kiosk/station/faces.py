"""The thread that takes faces: an attempt while one is asked for, and then whether the same face stays in view.

No picture is kept or written. What is held is the mean of a sample's features, for one check-in and in memory only: a
face that is to be kept for the next visit is kept from the very pictures that were compared.
"""

import threading
from contextlib import suppress
from dataclasses import dataclass

import structlog

from kiosk.errors import DeviceError, KioskError, NotFound, StorageError
from kiosk.identify.face.capture import Capture, CaptureLimits
from kiosk.identify.face.departure import Departure
from kiosk.identify.face.eyes import FaceEyes
from kiosk.identify.face.presence import Presence
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import AT_STATION, OVER_WITHOUT_NUMBER, Enrolment, Stage
from kiosk.model.face import AttackOutcome, FaceFeatures, FaceSample, FaceState, FaceTrouble
from kiosk.ports.check_ins import CheckIns
from kiosk.ports.devices import Camera
from kiosk.ports.faces import FaceGallery
from kiosk.ports.time import Clock

FRAME_SECONDS = 1 / 15
WATCH_SECONDS = 0.25
IDLE_SECONDS = 0.25
ASK_SECONDS = 0.25
TELL_SECONDS = 1 / 3
REFRESH_SECONDS = 2.0
"""Longest time that a withdrawn face stays in the index."""
AGAIN_SECONDS = 0.5
STILL_SECONDS = 0.25
"""A picture that does not change is looked at again after that: time passes for whoever is asked to come, or turn."""

ON_SCREEN_SECONDS = 60.0
"""Longest time that what follows the end is on the screen."""

HAND_OVERS = 2
"""Of one sample, while the check-in cannot be kept; then its attempt has failed."""

AFTER_FACE = AT_STATION - {Stage.STARTED, Stage.FACE_CONSENT, Stage.FACE}
"""The steps that rest on a face which was taken: it must stay in view until they are done."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FaceParts:
    """What faces are taken with; all of it belongs to the thread, but for the gallery.

    Attributes:
        gallery: kept as the store is, in time for the next search.
    """

    eyes: FaceEyes
    limits: CaptureLimits
    gallery: FaceGallery


@dataclass(slots=True)
class _Taking:
    """An attempt that runs, or whose end was not yet handed over."""

    check_in_id: str
    attempt_id: str
    capture: Capture
    hand_overs: int = HAND_OVERS
    told: FaceState | None = None
    told_at: float = float("-inf")


@dataclass(slots=True)
class _Held:
    """A face that was taken, until its check-in needs it no longer."""

    check_in_id: str
    presence: Presence
    features: FaceFeatures | None
    hand_overs: int = HAND_OVERS
    told_at: float = float("-inf")


class FaceWatch:
    """The thread. It shares the camera with the one that looks for codes: both get the newest picture."""

    def __init__(self, station_id: str, check_ins: CheckIns, camera: Camera, parts: FaceParts, clock: Clock) -> None:
        self._station_id = station_id
        self._check_ins = check_ins
        self._camera = camera
        self._parts = parts
        self._clock = clock
        self._taking: _Taking | None = None
        self._held: _Held | None = None
        # whose number is on the screen, and whether they are still there
        self._leaving: tuple[str, Departure] | None = None
        self._seen: bytes | None = None
        self._view: CheckInView | None = None
        self._asked_at = self._refreshed_at = self._looked_at = float("-inf")
        # the check-in of whose face nothing is left to say
        self._settled: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Look, until stopped."""
        while not stop.is_set():
            began = self._clock.monotonic()
            try:
                pause = self._look()
            except KioskError as error:
                # what was taken is handed over at the next look
                self._asked_at = float("-inf")
                _log.warning("a step with a face failed", exception_type=type(error).__name__)
                pause = AGAIN_SECONDS
            stop.wait(max(0.0, pause - (self._clock.monotonic() - began)))

    def _look(self) -> float:
        """One picture, if one is needed.

        Returns:
            Seconds until the next.
        """
        view = self._asked()
        self._distrust(view)
        self._let_go(view)
        if view and view.stage is Stage.FACE:
            self._settled = None
            return self._take(view)
        self._taking = None
        self._refresh()
        if view and self._held:
            self._watch_over(self._held, view)
            return WATCH_SECONDS
        self._see_off(view)
        return IDLE_SECONDS

    def _asked(self) -> CheckInView | None:
        now = self._clock.monotonic()
        if now - self._asked_at >= ASK_SECONDS:
            self._view = self._check_ins.current(self._station_id)
            self._asked_at = now
        return self._view

    def _distrust(self, view: CheckInView | None) -> None:
        """A face that is not watched counts no more: it was taken before this process began, or let go meanwhile."""
        if view is None or view.stage not in AFTER_FACE or (self._held and self._held.check_in_id == view.id):
            return
        # an attempt that was broken off took no face
        broken_off = self._taking is not None and self._taking.check_in_id == view.id
        if self._settled != view.id and not broken_off:
            self._check_ins.face_left(self._station_id, view.id)
        self._settled = view.id

    def _let_go(self, view: CheckInView | None) -> None:
        """Forget the face of a check-in that is over or begins anew; one that agreed just before is kept first."""
        held, rests_on_it = self._held, AFTER_FACE | {Stage.FACE} if self._taking else AFTER_FACE
        if held is None or (view and view.id == held.check_in_id and view.stage in rests_on_it):
            return
        with suppress(NotFound):
            after = self._check_ins.view(self._station_id, held.check_in_id)
            if held.features:
                self._enrol(held, after)
            if view is None and (after.ticket or after.stage in OVER_WITHOUT_NUMBER):
                self._leaving = held.check_in_id, Departure(self._parts.eyes, self._clock, ON_SCREEN_SECONDS)
        self._held = None

    def _take(self, view: CheckInView) -> float:
        taking = self._begun(view)
        if taking is None:
            return IDLE_SECONDS
        if not taking.capture.ended:
            self._look_once(taking)
        self._tell(taking)
        if taking.capture.ended:
            self._hand_over(taking)
        return FRAME_SECONDS

    def _begun(self, view: CheckInView) -> _Taking | None:
        if self._taking is None or self._taking.check_in_id != view.id:
            attempt = self._check_ins.face_attempt(self._station_id, view.id)
            if attempt is None:
                self._asked_at = float("-inf")
                return None
            capture = Capture(attempt, self._parts.eyes, self._parts.limits, self._clock)
            self._taking = _Taking(view.id, attempt.id, capture)
        return self._taking

    def _look_once(self, taking: _Taking) -> None:
        frame = self._frame()
        if frame is None:
            taking.capture.fail(FaceTrouble.CAMERA)
        elif frame is not self._seen or self._clock.monotonic() - self._looked_at >= STILL_SECONDS:
            # a camera gives the same picture again until there is a newer one
            self._seen, self._looked_at = frame, self._clock.monotonic()
            taking.capture.look(frame)

    def _frame(self) -> bytes | None:
        try:
            return self._camera.frame()
        except DeviceError:
            # the thread that shares the camera says so in the heartbeat
            return None

    def _next_frame(self) -> bytes | None:
        """None also for the same picture again: a camera that stopped says nothing of who is there now."""
        before, self._seen = self._seen, self._frame()
        return self._seen if self._seen is not before else None

    def _tell(self, taking: _Taking) -> None:
        state, now = taking.capture.state, self._clock.monotonic()
        due = now - taking.told_at >= TELL_SECONDS or taking.capture.sample is not None
        if due and state != taking.told:
            taking.told, taking.told_at = state, now
            self._check_ins.face_state(self._station_id, taking.check_in_id, state)

    def _hand_over(self, taking: _Taking) -> None:
        """To the use cases; while the check-in cannot be kept, again at the next look."""
        sample = taking.capture.sample
        try:
            if sample and taking.hand_overs:
                self._claim(taking, sample)
            else:
                self._held = None
                self._fail(taking, taking.capture.trouble or FaceTrouble.CAMERA)
        except StorageError:
            taking.hand_overs = max(0, taking.hand_overs - 1)
            raise
        except KioskError:
            if not sample or not taking.hand_overs:
                self._taking = None
            taking.hand_overs = 0
            raise
        self._taking = None
        self._asked_at = float("-inf")

    def _claim(self, taking: _Taking, sample: FaceSample) -> None:
        if sample.attack is AttackOutcome.LIVE and self._held is None:
            # before it is handed over: search and comparison take their time, and it may count though no answer comes
            presence = Presence(sample.features, self._parts.eyes, self._parts.limits.same, self._clock)
            self._held = _Held(taking.check_in_id, presence, sample.features)
        view = self._check_ins.claim_face(self._station_id, taking.check_in_id, sample)
        _log.info("a face was taken", check_in=view.id, stage=view.stage.value, kind=sample.attack.value)
        if view.stage not in AFTER_FACE:
            self._held = None
        if self._held is None:
            self._settled = view.id

    def _fail(self, taking: _Taking, trouble: FaceTrouble) -> None:
        view = self._check_ins.face_failed(self._station_id, taking.check_in_id, taking.attempt_id, trouble)
        self._settled = view.id
        _log.info("a face was not taken", check_in=view.id, stage=view.stage.value, kind=trouble.value)

    def _watch_over(self, held: _Held, view: CheckInView) -> None:
        if held.presence.look(self._next_frame()):
            self._enrol(held, view)
            if held.presence.seen_at > held.told_at:
                self._check_ins.face_seen(self._station_id, held.check_in_id)
                held.told_at = held.presence.seen_at
            return
        self._held = None
        _log.info("a face left", check_in=held.check_in_id)
        self._distrust(view)

    def _see_off(self, view: CheckInView | None) -> None:
        """Once nobody is there after the end, say so; somebody who began anew is not asked to go."""
        if self._leaving is None:
            return
        check_in_id, departure = self._leaving
        if view is not None or departure.is_over:
            self._leaving = None
        elif departure.look(self._frame()):
            self._leaving = None
            self._check_ins.gone(self._station_id, check_in_id)

    def _enrol(self, held: _Held, view: CheckInView) -> None:
        if view.face.enrolment is not Enrolment.WANTED or held.features is None:
            return
        try:
            features = held.features if held.hand_overs else None
            self._check_ins.enrol_face(self._station_id, held.check_in_id, features)
        except KioskError as error:
            held.hand_overs = max(0, held.hand_overs - 1) if isinstance(error, StorageError) else 0
            raise
        held.features = None
        self._asked_at = float("-inf")

    def _refresh(self) -> None:
        now = self._clock.monotonic()
        if now - self._refreshed_at >= REFRESH_SECONDS:
            self._refreshed_at = now
            try:
                self._parts.gallery.refresh()
            except KioskError as error:
                _log.warning("the index of faces may be behind", exception_type=type(error).__name__)
