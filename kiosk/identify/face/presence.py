"""Whether the person whose face was taken still stands at the kiosk."""

import cv2
import numpy as np

from kiosk.errors import InputError
from kiosk.identify.face.comparison import to_array
from kiosk.identify.face.eyes import FaceEyes, near
from kiosk.identify.face.image import read_image
from kiosk.identify.face.same_face import SameFace, SameFaceLimits
from kiosk.model.face import FaceFeatures, FaceTrouble
from kiosk.ports.time import Clock

LOOK_SECONDS = 0.5
COMPARE_SECONDS = 1.0


class Presence:
    """Watches over one face, from its sample to the end of what it opens. Not thread-safe.

    Who looks down at the screen or stands beside somebody else is present for a moment without being compared; two
    comparisons that fail, or `gone_seconds` without that one face alone in view, end it for good.

    Args:
        features: of the sample.
        eyes: what looks at the pictures.
        limits: until when it is the same face.
        clock: for time passed.
    """

    def __init__(self, features: FaceFeatures, eyes: FaceEyes, limits: SameFaceLimits, clock: Clock) -> None:
        now = clock.monotonic()
        self._eyes = eyes
        self._clock = clock
        self._same = SameFace(np.array(to_array(features)), limits, now)
        self._looked_at = self._compared_at = now

    @property
    def trouble(self) -> FaceTrouble | None:
        """``left`` or ``swapped`` once it ended."""
        return self._same.trouble

    @property
    def seen_at(self) -> float:
        """When it was in view last, in seconds of the monotonic clock."""
        return self._same.seen_at

    def look(self, jpeg: bytes | None) -> bool:
        """Look at the newest picture, unless one was looked at half a second ago.

        Args:
            jpeg: None while the camera gives none.

        Returns:
            Whether the same face is still there; once it was not, it never is again.
        """
        at = self._clock.monotonic()
        if self.trouble is None and at - self._looked_at >= LOOK_SECONDS:
            self._looked_at = at
            self._look_at(jpeg, at)
        return self.trouble is None

    def _look_at(self, jpeg: bytes | None, at: float) -> None:
        if jpeg is None:
            return self._same.unseen(at)
        try:
            image = read_image(jpeg)
            faces = self._eyes.detector.detect(image)
            if len(near(faces)) != 1:
                return self._same.unseen(at)
            if at - self._compared_at < COMPARE_SECONDS:
                return self._same.seen(at)
            features = self._eyes.recogniser.extract(image, faces[0])
        except (InputError, cv2.error):
            return self._same.unseen(at)
        if self._same.compare(features, at):
            # an unlike face is compared again at the next look
            self._compared_at = at
        return None
