"""The portrait of an invented holder: a drawing, so that nobody's photograph is needed."""

import hashlib
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.hardware.simulated.drawn_people import person as figures
from kiosk.hardware.simulated.drawn_people.frame import upon
from kiosk.model.identity import Sex

WIDTH, HEIGHT = 480, 640
_BACKGROUND = (226, 218, 208)
_GRAIN = 2.4
"""Paper-like noise: it brings the picture to the 15 to 20 KB of a real card's."""

Picture = NDArray[np.uint8]


class PictureFormat(StrEnum):
    """How DG2 stores the portrait."""

    JPEG = ".jpg"
    JPEG_2000 = ".jp2"


_PARAMETERS = {
    PictureFormat.JPEG: [cv2.IMWRITE_JPEG_QUALITY, 70],
    PictureFormat.JPEG_2000: [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 20],
}


def draw_portrait(name: str, sex: Sex | None = None) -> Picture:
    """A drawn head and shoulders; always the same for the same name and sex."""
    left, top = (figures.WIDTH - WIDTH) // 2, (figures.HEIGHT - HEIGHT) // 2
    picture = upon(figures.draw_person(name, sex=sex), _BACKGROUND)[top : top + HEIGHT, left : left + WIDTH]
    lot = np.random.default_rng(list(hashlib.sha256(name.encode()).digest()))
    return (picture + lot.normal(0, _GRAIN, picture.shape[:2])[..., None]).clip(0, 255).astype(np.uint8)


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
