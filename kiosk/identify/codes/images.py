"""Codes in pictures: the only home of zxing-cpp.

The text is always the code's own bytes as strict UTF-8. Without a declared character set zxing-cpp guesses one, and
a wrong guess would change a Vietnamese name.
"""

from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np
import zxingcpp

from kiosk.errors import InputError
from kiosk.identify.codes.views import Pixels, View, changed_views
from kiosk.identify.image_header import picture_size

MAX_PICTURE_BYTES = 20_000_000
MAX_PICTURE_PIXELS = 40_000_000

_LINEAR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128])
_ALL = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix]
)
"""Formats with a check of their own: one misread digit is another patient."""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code in a picture.

    Attributes:
        format: ``QR Code``, ``Code 128`` or ``Data Matrix``.
        corners: (x, y) in pixels, clockwise from the code's own top left.
    """

    text: str
    format: str
    corners: tuple[tuple[int, int], ...]


def read_codes(image: bytes | Pixels, *, thorough: bool = False) -> list[FoundCode]:
    """The codes in a PNG or JPEG picture or in a camera frame, from top to bottom; those that are not UTF-8 left out.

    Args:
        image: a file's bytes, or pixels.
        thorough: where nothing is found, look at changed copies too: for stills, about eight times slower.

    Raises:
        InputError: kind ``too_long`` or ``too_large`` (over 20 MB or 40 million pixels) or ``bad_image``; field
            ``image``.
    """
    pixels = _decode(image) if isinstance(image, bytes) else image
    if pixels.shape[0] * pixels.shape[1] > MAX_PICTURE_PIXELS:
        raise _too_large()
    views = changed_views(pixels) if thorough else ()
    for view in chain([View(pixels)], views):
        found = _read(view)
        if found:
            return found
    return []


def _decode(data: bytes) -> Pixels:
    """Sizes are checked before the decoder reserves memory: a small file may claim a huge picture."""
    if len(data) > MAX_PICTURE_BYTES:
        raise InputError("too_long", "image", f"a picture has at most {MAX_PICTURE_BYTES} bytes")
    width, height = picture_size(data)
    if width * height > MAX_PICTURE_PIXELS:
        raise _too_large()
    try:
        pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise InputError("bad_image", "image", "the picture is damaged")
    return np.asarray(pixels, dtype=np.uint8)


def _too_large() -> InputError:
    return InputError("too_large", "image", f"a picture has at most {MAX_PICTURE_PIXELS} pixels")


def _read(view: View) -> list[FoundCode]:
    formats = _LINEAR if view.linear_only else _ALL
    found = []
    for barcode in zxingcpp.read_barcodes(view.pixels, formats=formats, text_mode=zxingcpp.TextMode.Plain):
        try:
            text = barcode.bytes.decode()
        except UnicodeDecodeError:
            continue
        found.append(FoundCode(text, str(barcode.format), view.in_picture(_corners(barcode.position))))
    return sorted(found, key=lambda code: min((y, x) for x, y in code.corners))


def _corners(position: zxingcpp.Position) -> list[tuple[int, int]]:
    points = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return [(point.x, point.y) for point in points]
