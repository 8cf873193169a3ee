"""The active part of presentation attack detection: the head turns as asked, by yaw and nothing else.

A printed photograph that is bent or turned shows single pictures beyond 30°, but no three of them in a row: so the
median of three pictures decides.
"""

from collections import deque
from collections.abc import Sequence
from enum import StrEnum
from statistics import median
from typing import Protocol

from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.image import Image
from kiosk.identify.face.pose import head_pose
from kiosk.model.face import Turn

FRAMES = 3
FRONT_DEGREES = 15.0
"""A head within this of where it looked at first looks ahead again."""

_SIGN = {Turn.LEFT: 1, Turn.RIGHT: -1}


class HeadYaw(Protocol):
    """Tells how far a head is turned."""

    def yaw(self, image: Image, face: DetectedFace, asked: Turn | None) -> float | None:
        """Degrees, positive to the person's own left; None where it cannot be told.

        Args:
            image: the picture.
            face: whose head.
            asked: what the screen asks now; only a simulated person, who has no eyes to read it, looks at this.
        """


class LandmarkYaw:
    """By the five landmarks of the detector."""

    def yaw(self, image: Image, face: DetectedFace, asked: Turn | None) -> float | None:  # noqa: ARG002 # the port's
        """Degrees, positive to the person's own left."""
        pose = head_pose(face.landmarks, (image.shape[1], image.shape[0]))
        return pose.yaw if pose else None


class TurnsOutcome(StrEnum):
    """How far the challenge is."""

    ASKING = "asking"
    DONE = "done"
    WRONG = "wrong"
    TOO_LATE = "too_late"


class HeadTurns:
    """One challenge: which turn is asked now, and whether it was done, in the order asked and in time.

    A turn to the other side ends the challenge. Two opposite turns are one of two answers; whoever may correct an
    answer gives both, and so does a film of a head that swings. A person who erred begins anew with another drawing.

    Args:
        turns: in the order to ask them.
        ahead: yaw of this head when it looked at the camera, degrees.
        degrees: how far it must turn from there.
        seconds: for each turn.
        at: when the first is asked, in seconds of a monotonic clock.
    """

    def __init__(self, turns: Sequence[Turn], ahead: float, degrees: float, seconds: float, at: float) -> None:
        self._turns = tuple(turns)
        self._ahead = ahead
        self._degrees = degrees
        self._seconds = seconds
        self._asked_at = at
        self._recent: deque[float] = deque(maxlen=FRAMES)
        self._done = 0
        self._looked_ahead = True
        self._failed: TurnsOutcome | None = None

    @property
    def asked(self) -> Turn | None:
        """What to ask now; None when nothing is."""
        return self._turns[self._done] if self.outcome is TurnsOutcome.ASKING else None

    @property
    def seen(self) -> tuple[Turn, ...]:
        """Those that were done."""
        return self._turns[: self._done]

    @property
    def outcome(self) -> TurnsOutcome:
        """How far it is."""
        if self._failed:
            return self._failed
        return TurnsOutcome.DONE if self._done == len(self._turns) else TurnsOutcome.ASKING

    def is_ahead(self, yaw: float | None) -> bool:
        """Whether a head of this yaw looks about where it looked at first."""
        return yaw is not None and abs(yaw - self._ahead) < FRONT_DEGREES

    def see(self, yaw: float | None, at: float) -> TurnsOutcome:
        """Take the next picture's yaw.

        Args:
            yaw: degrees, positive to the person's own left; None when it could not be told.
            at: seconds of the monotonic clock.
        """
        asked = self.asked
        if asked is None:
            return self.outcome
        if yaw is not None:
            self._recent.append(yaw)
        if at - self._asked_at > self._seconds:
            self._failed = TurnsOutcome.TOO_LATE
        elif len(self._recent) == FRAMES:
            self._judge((median(self._recent) - self._ahead) * _SIGN[asked], at)
        return self.outcome

    def _judge(self, turned: float, at: float) -> None:
        """Go on by how far the head is turned to the side that is asked.

        After a turn the head comes back from its side; until it looked ahead, that side is no answer to the next.
        """
        self._looked_ahead = self._looked_ahead or abs(turned) < FRONT_DEGREES
        crossed = self._done > 0 and self._turns[self._done] is not self._turns[self._done - 1]
        if turned >= self._degrees and (self._looked_ahead or crossed):
            self._done += 1
            self._asked_at = at
            self._looked_ahead = False
        elif turned <= -self._degrees and self._looked_ahead:
            self._failed = TurnsOutcome.WRONG
