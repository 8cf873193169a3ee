"""One attempt to take a face: good pictures, head turns, and the same face throughout.

The pictures whose features are taken are the very ones that attack detection judges. Nothing is kept of a picture but
that, and nothing at all of a face when another person is at the kiosk too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.identify.face.comparison import mean_features, to_array
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.eyes import FaceEyes, near
from kiosk.identify.face.guidance import TO_TURN, Guidance, to_mend
from kiosk.identify.face.head_turns import HeadTurns, TurnsOutcome
from kiosk.identify.face.image import Image, read_image
from kiosk.identify.face.presentation_attack import FRAMES, outcome
from kiosk.identify.face.quality import measure, problems
from kiosk.identify.face.same_face import SameFace, SameFaceLimits, same_face_limits
from kiosk.model.face import AttackOutcome, FaceAttempt, FaceFeatures, FaceGuide, FaceSample, FaceState, FaceTrouble
from kiosk.ports.time import Clock
from kiosk.settings.sections import FaceSettings

_Step: TypeAlias = Callable[[Image, list[DetectedFace], float], None]

_SAME = SameFaceLimits()
_FAILED_TURN = {TurnsOutcome.WRONG: FaceTrouble.WRONG_TURN, TurnsOutcome.TOO_LATE: FaceTrouble.TOO_LATE}


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """What an attempt demands.

    Attributes:
        live, doubtful: see `presentation_attack.outcome`.
        turn_degrees: how far the head must turn from where it looked ahead.
        turn_seconds: for each turn.
        frame_gap_seconds: between two pictures that are taken; closer ones show the same.
        same: until when the face is the same one.
    """

    live: float = 0.8
    doubtful: float = 0.5
    turn_degrees: float = 30.0
    turn_seconds: float = 8.0
    frame_gap_seconds: float = 0.1
    same: SameFaceLimits = _SAME


def capture_limits(settings: FaceSettings) -> CaptureLimits:
    """As the settings say."""
    return CaptureLimits(
        live=settings.attack_live,
        doubtful=settings.attack_doubtful,
        turn_degrees=settings.turn_degrees,
        same=same_face_limits(settings),
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is kept of one good picture."""

    features: NDArray[np.float32]
    liveness: float
    yaw: float
    at: float


class Capture:
    """Looks at the camera's pictures until there is a sample, or none can be had.

    Its time runs from here on by this host's own clock, as long as the attempt lasts; whoever takes the sample checks
    the attempt itself. Not thread-safe.

    Args:
        attempt: given after consent: without one nothing is extracted.
        eyes: what looks at the pictures.
        limits: what is demanded.
        clock: for time passed, never for dates.
    """

    def __init__(self, attempt: FaceAttempt, eyes: FaceEyes, limits: CaptureLimits, clock: Clock) -> None:
        self._attempt = attempt
        self._eyes = eyes
        self._limits = limits
        self._clock = clock
        self._ends_at = clock.monotonic() + (attempt.expires_at - attempt.issued_at).total_seconds()
        self._guidance = Guidance()
        self._taken: list[_Taken] = []
        self._same: SameFace | None = None
        self._features: FaceFeatures | None = None
        self._turns: HeadTurns | None = None
        self._step: _Step = self._collect
        self.sample: FaceSample | None = None
        self.trouble: FaceTrouble | None = None

    @property
    def state(self) -> FaceState:
        """For the screen: good pictures, turns and the last look are the steps."""
        total = FRAMES + len(self._attempt.turns) + 1
        done = len(self._taken) + (len(self._turns.seen) if self._turns else 0)
        return FaceState(self._guidance.shown, total if self.sample else done, total)

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to look at."""
        return self.sample is not None or self.trouble is not None

    def look(self, jpeg: bytes) -> FaceState:
        """Look at the newest picture; a damaged one is passed over."""
        at = self._clock.monotonic()
        if not self.ended and at > self._ends_at:
            self.fail(FaceTrouble.TOO_LATE)
        if not self.ended:
            try:
                self._look_at(jpeg, at)
            except (cv2.error, InputError):
                # a network that refuses a face which it was shown, or answers what is no number
                self.fail(FaceTrouble.CAMERA)
        return self.state

    def fail(self, trouble: FaceTrouble) -> None:
        """End without a sample, also when the station sees that no further picture will come."""
        if not self.ended:
            self.trouble = trouble
            self._guidance.ask(FaceGuide.WAIT, self._clock.monotonic(), at_once=True)

    def _look_at(self, jpeg: bytes, at: float) -> None:
        try:
            image = read_image(jpeg)
        except InputError:
            return self._nobody(at)
        faces = self._eyes.detector.detect(image)
        if len(near(faces)) == 1:
            return self._step(image, faces, at)
        self._guidance.ask(FaceGuide.ONE_PERSON if faces else FaceGuide.COME, at)
        return self._nobody(at)

    def _nobody(self, at: float) -> None:
        if self._same:
            self._same.unseen(at)
            self._follow(self._same.trouble)
        if self._turns and not self.ended:
            self._follow(_FAILED_TURN.get(self._turns.see(None, at)))

    def _collect(self, image: Image, faces: list[DetectedFace], at: float) -> None:
        """Take good pictures, each compared with the first."""
        if not self._is_good(image, faces, at):
            return
        if self._taken and at - self._taken[-1].at < self._limits.frame_gap_seconds:
            return
        features = self._eyes.recogniser.extract(image, faces[0])
        self._same = self._same or SameFace(features, self._limits.same, at)
        yaw = self._eyes.head.yaw(image, faces[0], None)
        if self._is_same(features, at) and yaw is not None:
            liveness = self._eyes.attack_detector.liveness(image, faces[0])
            self._taken.append(_Taken(features, liveness, yaw, at))
        if len(self._taken) == FRAMES and not self.ended:
            self._judge(at)

    def _judge(self, at: float) -> None:
        """A photograph is told apart here, and asked nothing more; a person turns the head next."""
        self._features = mean_features(self._eyes.recogniser.name, [taken.features for taken in self._taken])
        attack = outcome([taken.liveness for taken in self._taken], self._limits.live, self._limits.doubtful)
        if attack is not AttackOutcome.LIVE:
            return self._finish(attack, at)
        self._same = SameFace(to_array(self._features), self._limits.same, at)
        ahead = median(taken.yaw for taken in self._taken)
        self._turns = HeadTurns(self._attempt.turns, ahead, self._limits.turn_degrees, self._limits.turn_seconds, at)
        return self._ask_next(self._turns, at, at_once=True)

    def _turn(self, image: Image, faces: list[DetectedFace], at: float) -> None:
        """Follow the head, and see that it is the same one."""
        turns = self._turns
        if turns is None:
            return
        asked = turns.asked
        yaw = self._eyes.head.yaw(image, faces[0], asked)
        features = self._eyes.recogniser.extract(image, faces[0])
        alike = self._is_same(features, at, turned=not turns.is_ahead(yaw))
        if not self.ended:
            turns.see(yaw if alike else None, at)
            self._ask_next(turns, at, at_once=turns.asked is not asked)

    def _ask_next(self, turns: HeadTurns, at: float, *, at_once: bool) -> None:
        self._follow(_FAILED_TURN.get(turns.outcome))
        if self.ended:
            return
        if turns.asked:
            self._step = self._turn
            self._guidance.ask(TO_TURN[turns.asked], at, at_once=at_once)
        else:
            self._step = self._look_again
            self._guidance.ask(FaceGuide.LOOK, at, at_once=at_once)

    def _look_again(self, image: Image, faces: list[DetectedFace], at: float) -> None:
        """After the turns the same face looks at the camera once more."""
        if not self._is_good(image, faces, at):
            return
        if self._turns and not self._turns.is_ahead(self._eyes.head.yaw(image, faces[0], None)):
            self._guidance.ask(FaceGuide.LOOK, at)
        elif self._is_same(self._eyes.recogniser.extract(image, faces[0]), at):
            self._finish(AttackOutcome.LIVE, at)

    def _is_good(self, image: Image, faces: list[DetectedFace], at: float) -> bool:
        """Whether the picture can be used; what keeps it from that is asked."""
        reasons = problems(measure(image, faces, faces[0]), self._eyes.quality)
        guide = to_mend(image, faces[0], reasons)
        self._guidance.ask(guide or FaceGuide.HOLD_STILL, at)
        if guide and self._same:
            self._same.seen(at)
            self._follow(self._same.trouble)
        return guide is None

    def _is_same(self, features: NDArray[np.float32], at: float, *, turned: bool = False) -> bool:
        if self._same is None:
            return False
        alike = self._same.compare(features, at, turned=turned)
        self._follow(self._same.trouble)
        return alike

    def _follow(self, trouble: FaceTrouble | None) -> None:
        if trouble:
            self.fail(trouble)

    def _finish(self, attack: AttackOutcome, at: float) -> None:
        if self._features is None:
            return
        seen = self._turns.seen if self._turns else ()
        self.sample = FaceSample(self._attempt.id, self._features, attack, seen, frames=len(self._taken))
        self._guidance.ask(FaceGuide.DONE, at, at_once=True)
