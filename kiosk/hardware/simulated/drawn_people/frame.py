"""What a camera sees when drawn people stand before it, or hold a photograph into its view."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.hardware.simulated.drawn_people.canvas import Colour

Picture = NDArray[np.uint8]
"""(height, width, 3), blue, green, red; or with a fourth channel, how far it covers what is behind."""

_ROOM: Colour = (206, 204, 198)
_FULL = 720
"""The height for which figures are drawn."""
_BESIDE = 400
_GRAIN = 2.0
_PAPER: Colour = (236, 240, 242)


def camera_frame(people: Picture | Sequence[Picture], size: tuple[int, int] = (1280, 720), *, seed: int = 0) -> Picture:
    """One frame, unmirrored, with a plain wall behind; a single face is about 200 pixels wide in 720 rows.

    Args:
        people: of `draw_person` or `printed_photograph`, from left to right; none for an empty scene.
        size: width and height in pixels.
        seed: of the sensor's noise, which differs from frame to frame.
    """
    pictures = [people] if isinstance(people, np.ndarray) else list(people)
    width, height = size
    room = np.linspace(1.03, 0.95, height, dtype=np.float32)[:, None, None] * np.array(_ROOM, dtype=np.float32)
    frame = np.repeat(room, width, axis=1)
    scale = height / _FULL
    for number, picture in enumerate(pictures):
        middle = width / 2 + (number - (len(pictures) - 1) / 2) * _BESIDE * scale
        _place(frame, picture, scale, round(middle))
    noise = np.random.default_rng(seed).standard_normal((height, width, 1), dtype=np.float32)
    return (frame + _GRAIN * noise).clip(0, 255).astype(np.uint8)


def upon(picture: Picture, colour: Colour) -> Picture:
    """A figure before a plain background of its own size."""
    share = picture[..., 3:].astype(np.float32) / 255
    return (picture[..., :3] * share + np.array(colour, dtype=np.float32) * (1 - share)).astype(np.uint8)


def printed_photograph(figure: Picture, *, tilt: float = 4.0) -> Picture:
    """A passport photograph of a figure, printed and held up: paper around it, dull ink, rows of dots, a sheen.

    Args:
        figure: of `draw_person`.
        tilt: degrees.
    """
    height, width = figure.shape[:2]
    photo = upon(figure, (228, 214, 200))[
        round(height * 0.06) : round(height * 0.9), round(width * 0.2) : round(width * 0.8)
    ]
    dull = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)[..., None] * np.float32(0.35) + photo * np.float32(0.65)
    rows, columns = np.indices(photo.shape[:2], dtype=np.float32)
    dots = 9 * (np.sin(rows * 2.1) * np.sin(columns * 2.1))
    sheen = 34 * np.exp(-(((columns + rows * 0.4 - photo.shape[1] * 0.9) / 70) ** 2))
    ink = 46 + 0.72 * dull + (dots + sheen)[..., None]
    sheet = cv2.copyMakeBorder(ink.clip(0, 255).astype(np.uint8), 22, 22, 22, 22, cv2.BORDER_CONSTANT, value=_PAPER)
    held = np.dstack([sheet, np.full(sheet.shape[:2], 255, dtype=np.uint8)])
    around = cv2.copyMakeBorder(held, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    middle = (around.shape[1] / 2, around.shape[0] / 2)
    turned = cv2.warpAffine(
        around, cv2.getRotationMatrix2D(middle, tilt, 1), around.shape[1::-1], flags=cv2.INTER_LINEAR
    )
    return np.asarray(turned, dtype=np.uint8)


def _place(frame: NDArray[np.float32], picture: Picture, scale: float, middle: int) -> None:
    """Put a picture at the lower edge, its middle in that column."""
    if picture.shape[2] == 3:  # noqa: PLR2004 # colours alone: it covers all that is behind
        picture = np.dstack([picture, np.full(picture.shape[:2], 255, dtype=np.uint8)])
    if scale != 1:
        size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    height, width = picture.shape[:2]
    left, top = middle - width // 2, frame.shape[0] - height
    inside = picture[max(-top, 0) :, max(-left, 0) : frame.shape[1] - left]
    place = frame[max(top, 0) :, max(left, 0) : left + width]
    share = inside[..., 3:].astype(np.float32) / 255
    place += share * (inside[..., :3] - place)
