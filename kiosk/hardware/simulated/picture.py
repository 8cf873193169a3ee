"""What the simulated camera sees: a picture held up before a grey wall."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.identify.image_header import picture_size

WIDTH, HEIGHT = 1280, 720
LARGEST_BYTES = 20_000_000
LARGEST_PIXELS = 40_000_000
_MARGIN = 20
_GREY = 160


def empty_picture() -> bytes:
    """The wall alone, as JPEG."""
    return _jpeg(_wall())


def as_camera_picture(held_up: bytes, *, fill: bool = False) -> bytes:
    """A PNG or JPEG as the camera sees it, 1280 x 720; made smaller to fit.

    Args:
        held_up: the content of its file.
        fill: made larger too, as somebody stands who stands before a kiosk.

    Raises:
        InputError: kind ``bad_image`` or ``too_large``, field ``picture``.
    """
    width, height = picture_size(held_up)
    if len(held_up) > LARGEST_BYTES or width * height > LARGEST_PIXELS:
        raise InputError("too_large", "picture", "a picture has at most 20 MB and 40 million pixels")
    picture = _decode(held_up)
    fits = min((WIDTH - 2 * _MARGIN) / picture.shape[1], (HEIGHT - 2 * _MARGIN) / picture.shape[0])
    scale = fits if fill else min(1.0, fits)
    if scale != 1:
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        picture = np.asarray(
            cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), dtype=np.uint8
        )
    seen = _wall()
    height, width = picture.shape[:2]
    top, left = (HEIGHT - height) // 2, (WIDTH - width) // 2
    seen[top : top + height, left : left + width] = picture
    return _jpeg(seen)


def _wall() -> NDArray[np.uint8]:
    return np.full((HEIGHT, WIDTH, 3), _GREY, dtype=np.uint8)


def _decode(data: bytes) -> NDArray[np.uint8]:
    try:
        picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        picture = None
    if picture is None:
        raise InputError("bad_image", "picture", "expected a PNG or JPEG picture")
    return np.asarray(picture, dtype=np.uint8)


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
