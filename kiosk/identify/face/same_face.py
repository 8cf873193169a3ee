"""Whether the face in view is still the one that came first."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from kiosk.model.face import FaceTrouble
from kiosk.settings.sections import FaceSettings

_REMEMBERED = 3
_TOO_MANY_UNLIKE = 2


@dataclass(frozen=True, slots=True)
class SameFaceLimits:
    """Until when a face is the same one.

    Attributes:
        ahead: comparison score of a face that looks at the camera, from here on; within one visit they are far above.
        turned: the same of a turned head, which resembles itself less.
        gone_seconds: longest time out of view.
    """

    ahead: float = 0.50
    turned: float = 0.30
    gone_seconds: float = 2.0


_SCALES: Mapping[str, tuple[float, float]] = MappingProxyType({"sface": (0.50, 0.30), "face-recognition": (0.97, 0.91)})
"""Ahead and turned; by dlib's network all faces resemble each other far more."""


def same_face_limits(settings: FaceSettings) -> SameFaceLimits:
    """As the settings say, on the scale of the recogniser that they name."""
    ahead, turned = _SCALES[settings.recogniser]
    return SameFaceLimits(ahead, turned, settings.gone_seconds)


class SameFace:
    """Follows one face.

    Args:
        first: its features, of length one.
        limits: until when it is the same.
        at: when it was seen, in seconds of a monotonic clock; `seen_at` is when it was last.
    """

    def __init__(self, first: NDArray[np.float32], limits: SameFaceLimits, at: float) -> None:
        self._first = first
        self._limits = limits
        self.seen_at = at
        self._unlike: deque[bool] = deque(maxlen=_REMEMBERED)
        self.trouble: FaceTrouble | None = None

    def compare(self, features: NDArray[np.float32], at: float, *, turned: bool = False) -> bool:
        """Whether these features are of the same face. One bad picture is forgiven, a second one of three is not."""
        self.unseen(at)
        alike = float(features @ self._first) >= (self._limits.turned if turned else self._limits.ahead)
        self._unlike.append(not alike)
        if sum(self._unlike) >= _TOO_MANY_UNLIKE:
            self.trouble = self.trouble or FaceTrouble.SWAPPED
        if alike and not self.trouble:
            self.seen_at = at
        return alike and not self.trouble

    def seen(self, at: float) -> None:
        """One face is in view, which nobody compared this time."""
        self.unseen(at)
        if not self.trouble and not (self._unlike and self._unlike[-1]):
            self.seen_at = at

    def unseen(self, at: float) -> None:
        """It is not in view, or not alone."""
        if at - self.seen_at > self._limits.gone_seconds:
            self.trouble = self.trouble or FaceTrouble.LEFT
