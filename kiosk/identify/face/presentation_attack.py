"""Is a person before the camera, or a photograph? The passive part of presentation attack detection (ISO/IEC 30107-3).

It resists printed photographs. A video that is fed in instead of the camera's is not resisted, nor was a replayed one
measured.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Protocol

import cv2
import numpy as np

from kiosk.errors import ConfigurationError
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.image import Image
from kiosk.model.face import AttackOutcome

FRAMES = 5
"""So many pictures are judged together: by their median, one bad moment neither refuses nor lets pass."""
FACE_WIDTHS = 2.7
"""Side of what the network sees: the edge of a print and the hand that holds it lie around the face."""

_SIDE = 128
_LIVE = 0


class AttackDetector(Protocol):
    """Judges one face in one picture. Not thread-safe: each thread opens its own."""

    def liveness(self, image: Image, face: DetectedFace) -> float:
        """0 for an attack to 1 for a live person; of one picture alone it decides nothing."""


class NetworkAttackDetector:
    """The pinned network of two classes, on pixels as OpenCV has them: blue, green, red, 0 to 255.

    Args:
        weights: of `weights.find`.

    Raises:
        ConfigurationError: OpenCV cannot use the file.
    """

    def __init__(self, weights: Path) -> None:
        try:
            self._network = cv2.dnn.readNetFromONNX(str(weights))
        except cv2.error as error:
            raise ConfigurationError(f"OpenCV cannot use {weights}") from error

    def liveness(self, image: Image, face: DetectedFace) -> float:
        """Of the face and what is around it."""
        self._network.setInput(cv2.dnn.blobFromImage(_surroundings(image, face), size=(_SIDE, _SIDE)))
        answers = np.asarray(self._network.forward(), dtype=np.float64).ravel()
        shares = np.exp(answers - answers.max())
        live = float(shares[_LIVE] / shares.sum())
        return live if np.isfinite(live) else 0.0


def outcome(scores: Sequence[float], live: float, doubtful: float) -> AttackOutcome:
    """What the pictures of one capture say together.

    Args:
        scores: of `AttackDetector.liveness`, at least `FRAMES`.
        live: the median is a live person's from here on.
        doubtful: and an attack's below this.

    Raises:
        ValueError: too few pictures to judge.
    """
    if len(scores) < FRAMES:
        raise ValueError(f"attack detection judges {FRAMES} pictures, not {len(scores)}")
    middle = median(scores)
    if middle >= live:
        return AttackOutcome.LIVE
    return AttackOutcome.DOUBTFUL if middle >= doubtful else AttackOutcome.ATTACK


def _surroundings(image: Image, face: DetectedFace) -> Image:
    """A square of 2.7 face widths around the face, moved into the picture where it would reach beyond."""
    height, width = image.shape[:2]
    left, top, across, down = face.box
    side = max(1, min(round(across * FACE_WIDTHS), width, height))
    x = round(min(max(0.0, left + across / 2 - side / 2), width - side))
    y = round(min(max(0.0, top + down / 2 - side / 2), height - side))
    square = image[y : y + side, x : x + side]
    return np.asarray(cv2.resize(square, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)
