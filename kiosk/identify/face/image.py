"""Pictures from outside, read into pixels within limits that hold before a decoder reserves memory."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.identify.image_header import picture_size

Image: TypeAlias = NDArray[np.uint8]
"""Rows from the top, (height, width, 3), blue, green, red."""

MAX_IMAGE_BYTES = 20_000_000
MAX_IMAGE_PIXELS = 40_000_000
MIN_SIDE_PIXELS = 32
MAX_SIDES_RATIO = 8
"""Of the longer to the shorter side; a panorama is no portrait."""


def read_image(data: bytes) -> Image:
    """The pixels of a PNG or JPEG picture, upright as its EXIF orientation says.

    Raises:
        InputError: kind ``too_large`` (over 20 MB or 40 million pixels), ``too_small`` (a side under 32 pixels) or
            ``bad_image`` (another format, damaged, or eight times as long as wide); field ``image``.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise InputError("too_large", "image", f"a picture has at most {MAX_IMAGE_BYTES} bytes")
    _require_sides(*picture_size(data))
    try:
        pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR_BGR)
    except (cv2.error, MemoryError):
        pixels = None
    if pixels is None:
        raise InputError("bad_image", "image", "the picture is damaged")
    # a decoder may find other sides than the header said
    _require_sides(pixels.shape[1], pixels.shape[0])
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def _require_sides(width: int, height: int) -> None:
    if width * height > MAX_IMAGE_PIXELS:
        raise InputError("too_large", "image", f"a picture has at most {MAX_IMAGE_PIXELS} pixels")
    if min(width, height) < MIN_SIDE_PIXELS:
        raise InputError("too_small", "image", f"each side of a picture has at least {MIN_SIDE_PIXELS} pixels")
    if max(width, height) > MAX_SIDES_RATIO * min(width, height):
        raise InputError("bad_image", "image", f"a picture is at most {MAX_SIDES_RATIO} times as long as wide")
