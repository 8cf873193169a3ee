"""What to ask of the person before the camera: one thing at a time, long enough to be read."""

from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.image import Image
from kiosk.identify.face.quality import QualityReason
from kiosk.model.face import FaceGuide, Turn

CENTRE_ACROSS = 0.2
CENTRE_DOWN = 0.25
"""How far the middle of the face may be from the oval's, as a share of the picture's width and height."""
SCENE_FACE_WIDTHS = 2.2
"""So much of the scene must be seen around a face: attack detection looks at 2.7 widths, and judges well from 2."""
HOLD_SECONDS = 0.5

TO_TURN = {Turn.LEFT: FaceGuide.TURN_LEFT, Turn.RIGHT: FaceGuide.TURN_RIGHT}

_TO_MEND = {
    QualityReason.SEVERAL_FACES: FaceGuide.ONE_PERSON,
    QualityReason.CUT_OFF: FaceGuide.CENTRE,
    QualityReason.TOO_SMALL: FaceGuide.CLOSER,
    QualityReason.TOO_LARGE: FaceGuide.FURTHER,
    QualityReason.COVERED: FaceGuide.UNCOVER,
    QualityReason.TOO_DARK: FaceGuide.MORE_LIGHT,
    QualityReason.TOO_BRIGHT: FaceGuide.LESS_LIGHT,
    QualityReason.NOT_FACING: FaceGuide.LOOK,
    QualityReason.TILTED: FaceGuide.LOOK,
    QualityReason.BLURRED: FaceGuide.HOLD_STILL,
}


def to_mend(image: Image, face: DetectedFace, reasons: list[QualityReason]) -> FaceGuide | None:
    """The first thing that keeps a picture from being good; None for a good one."""
    height, width = image.shape[:2]
    left, top, across, down = face.box
    if across * SCENE_FACE_WIDTHS > min(height, width):
        return FaceGuide.FURTHER
    off_across, off_down = left + across / 2 - width / 2, top + down / 2 - height / 2
    if abs(off_across) > CENTRE_ACROSS * width or abs(off_down) > CENTRE_DOWN * height:
        return FaceGuide.CENTRE
    return _TO_MEND[reasons[0]] if reasons else None


class Guidance:
    """Keeps an instruction on the screen for half a second, so that it does not flicker."""

    def __init__(self) -> None:
        self.shown = FaceGuide.WAIT
        self._since: float | None = None

    def ask(self, guide: FaceGuide, at: float, *, at_once: bool = False) -> None:
        """Ask this as soon as the one before was there long enough.

        Args:
            guide: what to do now.
            at: seconds of a monotonic clock.
            at_once: the one before is done with.
        """
        if guide is self.shown:
            return
        if at_once or self._since is None or at - self._since >= HOLD_SECONDS:
            self.shown, self._since = guide, at
