"""Where the faces are: YuNet, which gives a box and five landmarks each (Wu et al., 2023)."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ConfigurationError
from kiosk.identify.face.image import Image

MIN_SCORE = 0.6
_OVERLAP = 0.3
_MOST = 200


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """One face in a picture; everything in pixels of that picture.

    Attributes:
        box: left, top, width, height; it may reach beyond the picture.
        landmarks: (5, 2), x and y of right eye, left eye, nose, right and left corner of the mouth: right and left as
            the person says.
        score: of the detector, 0 to 1; neither quality nor identity.
    """

    box: tuple[float, float, float, float]
    landmarks: NDArray[np.float32]
    score: float


class FaceDetector:
    """Finds faces. Not thread-safe: each thread opens its own.

    Args:
        weights: of `weights.find`.
        side: longer side in pixels at which the network looks; pictures are shrunk to it, never enlarged.

    Raises:
        ConfigurationError: OpenCV cannot use the file.
    """

    def __init__(self, weights: Path, *, side: int = 640) -> None:
        try:
            self._network = cv2.FaceDetectorYN.create(str(weights), "", (side, side), MIN_SCORE, _OVERLAP, _MOST)
        except cv2.error as error:
            raise ConfigurationError(f"OpenCV cannot use {weights}") from error
        self._side = side

    def detect(self, image: Image) -> list[DetectedFace]:
        """All faces, the largest first."""
        height, width = image.shape[:2]
        scale = min(1.0, self._side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        smaller = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        self._network.setInputSize(size)
        # OpenCV's stubs leave out that there may be none
        rows = cast("NDArray[np.float32] | None", self._network.detect(smaller)[1])
        if rows is None:
            return []
        back = np.array([width / size[0], height / size[1]], dtype=np.float32)
        faces = [_face(row, back) for row in rows if np.isfinite(row).all()]
        return sorted(faces, key=lambda face: -face.box[2] * face.box[3])


def _face(row: NDArray[np.float32], back: NDArray[np.float32]) -> DetectedFace:
    """YuNet's fifteen numbers: box, five points, score."""
    points = row[:14].reshape(7, 2) * back
    (left, top), (width, height) = points[0].tolist(), points[1].tolist()
    return DetectedFace((left, top, width, height), points[2:].astype(np.float32), float(row[14]))
