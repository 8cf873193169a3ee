"""Painting with soft edges."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Points = Sequence[tuple[float, float]] | NDArray[np.floating]
Colour = tuple[float, float, float]
"""Blue, green, red, 0 to 255."""

_SHIFT = 4


class Canvas:
    """Colours and coverage of a figure; places are pixels from the middle between the eyes, y down.

    Args:
        width: of the canvas.
        height: of the canvas.
        eyes: where the middle between the eyes is.
    """

    def __init__(self, width: int, height: int, eyes: tuple[int, int]) -> None:
        self.pixels = np.zeros((height, width, 3), dtype=np.float32)
        self.cover = np.zeros((height, width), dtype=np.float32)
        self.eyes = eyes

    def fill(self, points: Points, colour: Colour, *, soft: float = 0.0, strength: float = 1.0) -> None:
        """Paint the area within a closed line.

        Args:
            points: of the line.
            colour: of the paint.
            soft: how far the edge is blurred, in pixels.
            strength: 1 covers what is below.
        """
        places, box = self._box(points, 3 * soft + 2)
        if box is not None:
            mask = np.zeros(box.shape, dtype=np.uint8)
            cv2.fillPoly(mask, [_fixed(places, box)], 255, cv2.LINE_AA, _SHIFT)
            self._blend(box, mask, colour, soft, strength)

    def stroke(self, points: Points, colour: Colour, width: float, *, soft: float = 0.0, strength: float = 1.0) -> None:
        """Paint along an open line of that width in pixels."""
        places, box = self._box(points, 3 * soft + width + 2)
        if box is not None:
            mask = np.zeros(box.shape, dtype=np.uint8)
            cv2.polylines(mask, [_fixed(places, box)], False, 255, max(1, round(width)), cv2.LINE_AA, _SHIFT)  # noqa: FBT003 # OpenCV takes no names
            self._blend(box, mask, colour, soft, strength)

    def blot(self, x: float, y: float, radius: tuple[float, float], colour: Colour, strength: float) -> None:
        """Paint a spot that fades away from its middle: a shadow, a blush, a mole."""
        turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        points = np.stack([x + radius[0] * np.cos(turns), y + radius[1] * np.sin(turns)], axis=1)
        self.fill(points, colour, soft=min(radius) * 0.45, strength=strength)

    def _box(self, points: Points, margin: float) -> tuple[NDArray[np.float64], "_Box | None"]:
        places = np.asarray(points, dtype=np.float64) + self.eyes
        low = np.maximum(np.floor(places.min(axis=0) - margin), 0).astype(int)
        high = np.minimum(np.ceil(places.max(axis=0) + margin), self.cover.shape[::-1]).astype(int)
        box = _Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
        return places, box if min(box.shape) > 0 else None

    def _blend(self, box: "_Box", mask: NDArray[np.uint8], colour: Colour, soft: float, strength: float) -> None:
        share = mask.astype(np.float32) * np.float32(strength / 255)
        if soft > 0:
            share = np.asarray(cv2.GaussianBlur(share, (0, 0), soft), dtype=np.float32)
        rows, columns = box.slices
        pixels, cover = self.pixels[rows, columns], self.cover[rows, columns]
        pixels += share[..., None] * (np.asarray(colour, dtype=np.float32) - pixels)
        np.maximum(cover, share, out=cover)


class _Box:
    def __init__(self, left: int, top: int, right: int, bottom: int) -> None:
        self.corner = (left, top)
        self.shape = (bottom - top, right - left)
        self.slices = (slice(top, bottom), slice(left, right))


def _fixed(places: NDArray[np.float64], box: _Box) -> NDArray[np.int32]:
    return np.round((places - box.corner) * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)


def mirrored(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same line on the other side of the face."""
    return points * (-1.0, 1.0)


def arc(knots: Sequence[tuple[float, float]], steps: int = 24) -> NDArray[np.float64]:
    """A smooth line near these points, through the first and the last (a Bézier curve)."""
    points = np.repeat(np.asarray(knots, dtype=np.float64)[None], steps, axis=0)
    share = np.linspace(0, 1, steps)[:, None, None]
    while points.shape[1] > 1:
        points = points[:, :-1] * (1 - share) + points[:, 1:] * share
    return points[:, 0]


def shade(colour: Colour, factor: float, red: float = 0.0) -> Colour:
    """A colour made darker or lighter, and redder."""
    blue, green, own_red = (float(np.clip(part * factor, 0, 255)) for part in colour)
    return blue, green, min(own_red + red, 255.0)
