"""Changed copies of a picture in which a reader may find what it misses in the original.

Each helps with one measured damage (`benchmarks/codes_images.py`): small, out of focus, noisy, turned, light on dark.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""Grey (height, width) or BGR (height, width, 3)."""
Matrix: TypeAlias = NDArray[np.float64]

MAX_VIEW_PIXELS = 4_000_000
ENLARGEMENT = 1.5
TURN_DEGREES = 45


def _same() -> Matrix:
    return np.eye(2, 3)


@dataclass(frozen=True, slots=True)
class View:
    """A copy to read.

    Attributes:
        to_picture: affine map from its coordinates to those of the picture.
        linear_only: the change helps with bars only.
    """

    pixels: Pixels
    to_picture: Matrix = field(default_factory=_same)
    linear_only: bool = False

    def in_picture(self, points: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Points of the view as points of the picture."""
        mapped = np.array(points) @ self.to_picture[:, :2].T + self.to_picture[:, 2]
        return tuple((round(x), round(y)) for x, y in mapped.tolist())


def changed_views(picture: Pixels) -> Iterator[View]:
    """Enlarged, sharpened, smoothed, turned and inverted copies, each made when it is asked for."""
    grey = picture if picture.ndim == 2 else _pixels(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))  # noqa: PLR2004 # axes
    largest = (MAX_VIEW_PIXELS / grey.size) ** 0.5
    yield _scaled(grey, min(ENLARGEMENT, largest))
    base = View(_pixels(grey)) if largest >= 1 else _scaled(grey, largest)
    soft = cv2.GaussianBlur(base.pixels, (0, 0), 3)
    yield View(_pixels(cv2.addWeighted(base.pixels, 3, soft, -2, 0)), base.to_picture)
    yield View(_pixels(cv2.GaussianBlur(base.pixels, (0, 0), 1.2)), base.to_picture)
    yield _turned(base)
    yield View(_pixels(cv2.bitwise_not(base.pixels)), base.to_picture, linear_only=True)


def _scaled(grey: Pixels, factor: float) -> View:
    height, width = (max(1, round(side * factor)) for side in grey.shape)
    kind = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return View(_pixels(cv2.resize(grey, (width, height), interpolation=kind)), _same() / factor)


def _turned(view: View) -> View:
    height, width = view.pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), TURN_DEGREES, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    new_width, new_height = round(width * cosine + height * sine), round(width * sine + height * cosine)
    turn[:, 2] += ((new_width - width) / 2, (new_height - height) / 2)
    pixels = cv2.warpAffine(view.pixels, turn, (new_width, new_height))
    back = np.vstack([view.to_picture, [0, 0, 1]]) @ np.vstack([cv2.invertAffineTransform(turn), [0, 0, 1]])
    return View(_pixels(pixels), back[:2], linear_only=True)


def _pixels(array: object) -> Pixels:
    return np.ascontiguousarray(array, dtype=np.uint8)
