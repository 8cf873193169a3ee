"""Whether nobody stands at the kiosk any more, once all is done there: then the screen need not wait to be wiped."""

import cv2

from kiosk.errors import InputError
from kiosk.identify.face.eyes import FaceEyes
from kiosk.identify.face.image import read_image
from kiosk.ports.time import Clock

LOOK_SECONDS = 0.5
GONE_SECONDS = 5.0
"""Who reads a ticket looks down for a moment, and no face is seen."""


class Departure:
    """Looks for any face as near as one that is taken. It detects and compares nothing: whoever it is stays unknown.

    Args:
        eyes: what looks at the pictures.
        clock: for time passed.
        seconds: for how long to look at all.
    """

    def __init__(self, eyes: FaceEyes, clock: Clock, seconds: float) -> None:
        self._eyes = eyes
        self._clock = clock
        self._seen_at = self._looked_at = clock.monotonic()
        self._until = self._seen_at + seconds

    @property
    def is_over(self) -> bool:
        """Whether it has looked for long enough."""
        return self._clock.monotonic() > self._until

    def look(self, jpeg: bytes | None) -> bool:
        """Look at the newest picture, unless one was looked at half a second ago.

        Args:
            jpeg: None while the camera gives none, which says nothing of who is there.

        Returns:
            Whether nobody has been there for `GONE_SECONDS`.
        """
        at = self._clock.monotonic()
        if at - self._looked_at >= LOOK_SECONDS:
            self._looked_at = at
            if jpeg is None or self._is_somebody(jpeg):
                self._seen_at = at
        return at - self._seen_at >= GONE_SECONDS

    def _is_somebody(self, jpeg: bytes) -> bool:
        try:
            faces = self._eyes.detector.detect(read_image(jpeg))
        except (InputError, cv2.error):
            return True
        return any(face.box[2] >= self._eyes.quality.face_pixels for face in faces)
