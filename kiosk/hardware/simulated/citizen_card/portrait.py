"""The portrait of an invented holder: a drawing, so that nobody's photograph is needed."""

import hashlib
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import InputError

WIDTH, HEIGHT = 480, 640
_BACKGROUND = (226, 218, 208)
_HAIR = ((24, 24, 30), (40, 44, 60), (70, 74, 82), (150, 152, 156))
_SKIN = ((166, 194, 228), (148, 180, 216), (132, 164, 204), (178, 206, 236))
_CLOTHES = ((120, 70, 40), (60, 100, 60), (70, 60, 130), (90, 90, 90), (140, 110, 40))
_WHITE, _DARK, _LIPS = (250, 250, 250), (40, 40, 50), (92, 92, 168)
_GRAIN = 2.4
"""Paper-like noise: it brings the picture to the 15 to 20 KB of a real card's."""

Colour = tuple[int, int, int]
Picture = NDArray[np.uint8]


class PictureFormat(StrEnum):
    """How DG2 stores the portrait."""

    JPEG = ".jpg"
    JPEG_2000 = ".jp2"


_PARAMETERS = {
    PictureFormat.JPEG: [cv2.IMWRITE_JPEG_QUALITY, 70],
    PictureFormat.JPEG_2000: [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 20],
}


def draw_portrait(name: str) -> Picture:
    """A drawn head and shoulders; always the same for the same name."""
    rng = np.random.default_rng(list(hashlib.sha256(name.encode()).digest()))
    hair, skin, clothes = (colours[int(rng.integers(len(colours)))] for colours in (_HAIR, _SKIN, _CLOTHES))
    picture = np.full((HEIGHT, WIDTH, 3), _BACKGROUND, dtype=np.uint8)
    wide, long_hair = int(rng.integers(96, 116)), bool(rng.integers(2))
    _ellipse(picture, (240, 310 if long_hair else 270), (wide + 22, 190 if long_hair else 150), hair)
    _ellipse(picture, (240, 660), (210, 190), clothes)
    cv2.rectangle(picture, (205, 380), (275, 500), skin, cv2.FILLED)
    _ellipse(picture, (240, 300), (wide, 140), skin)
    _ellipse(picture, (240, 185), (wide - 6, int(rng.integers(30, 52))), hair)
    for side in (-1, 1):
        _draw_eye(picture, 240 + side * int(wide * 0.42), glasses=bool(rng.integers(4) == 0) and side == 1)
    cv2.ellipse(picture, (240, 318), (14, 26), 0, 20, 160, _DARK, 3, cv2.LINE_AA)
    cv2.ellipse(picture, (240, 372), (34, int(rng.integers(8, 18))), 0, 10, 170, _LIPS, 6, cv2.LINE_AA)
    grain = rng.normal(0, _GRAIN, picture.shape[:2])[..., None]
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def _draw_eye(picture: Picture, x: int, *, glasses: bool) -> None:
    _ellipse(picture, (x, 278), (20, 11), _WHITE)
    cv2.circle(picture, (x, 278), 9, _DARK, cv2.FILLED, cv2.LINE_AA)
    cv2.line(picture, (x - 24, 254), (x + 24, 252), _DARK, 5, cv2.LINE_AA)
    if glasses:
        cv2.circle(picture, (x, 278), 34, _DARK, 3, cv2.LINE_AA)
        cv2.circle(picture, (2 * 240 - x, 278), 34, _DARK, 3, cv2.LINE_AA)


def _ellipse(picture: Picture, centre: tuple[int, int], axes: tuple[int, int], colour: Colour) -> None:
    cv2.ellipse(picture, centre, axes, 0, 0, 360, colour, cv2.FILLED, cv2.LINE_AA)


def encode(picture: Picture, form: PictureFormat = PictureFormat.JPEG) -> bytes:
    """The picture as DG2 stores it: about 17 KB as JPEG."""
    done, data = cv2.imencode(form, picture, _PARAMETERS[form])
    if not done:
        raise InputError("bad_image", "portrait", "the portrait cannot be encoded")
    return data.tobytes()


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of an encoded picture.

    Raises:
        InputError: kind ``bad_image``.
    """
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if picture is None:
        raise InputError("bad_image", "portrait", "expected a JPEG or JPEG 2000 picture")
    return int(picture.shape[1]), int(picture.shape[0])
