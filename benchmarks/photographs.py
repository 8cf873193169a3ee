"""Codes as a bad camera sees them: rendered, put into a scene and damaged, the same each time for the same seed."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Change = Callable[[Picture], Picture]
SCENE = (720, 1280)
"""Height and width of the camera's frame."""


def render_qr(text: str, scale: int = 4) -> Picture:
    """A clean QR, `scale` pixels a module: bytes of UTF-8 without a declared character set, as cards have it."""
    parameters = cv2.QRCodeEncoder.Params()
    parameters.mode = cv2.QRCodeEncoder_MODE_BYTE
    parameters.correction_level = cv2.QRCodeEncoder_CORRECT_LEVEL_M
    modules = cv2.QRCodeEncoder.create(parameters).encode(text)
    code = cv2.resize(modules, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    # The encoder leaves two modules of white around; ISO/IEC 18004 asks for four.
    return np.pad(np.asarray(code, dtype=np.uint8), 2 * scale, constant_values=255)


def render_bars(text: str, scale: int = 4) -> Picture:
    """A clean Code 128."""
    return np.array(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=scale), dtype=np.uint8)


def in_scene(code: Picture, *, width: int, at: tuple[int, int] = (640, 360)) -> Picture:
    """The code `width` pixels wide around the point `at` (x, y), on a grey frame with a light gradient."""
    height = max(1, round(code.shape[0] * width / code.shape[1]))
    small = cv2.resize(code, (width, height), interpolation=cv2.INTER_AREA)
    scene = np.tile(np.linspace(95, 160, SCENE[1], dtype=np.uint8), (SCENE[0], 1))
    left, top = at[0] - width // 2, at[1] - height // 2
    scene[top : top + height, left : left + width] = small
    return scene


def rotated(picture: Picture, degrees: float) -> Picture:
    """Turned around the middle."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=(120,)), dtype=np.uint8)


def turned_point(point: tuple[int, int], degrees: float) -> tuple[float, float]:
    """Where a point of the scene lies after `rotated`."""
    turn = cv2.getRotationMatrix2D((SCENE[1] / 2, SCENE[0] / 2), degrees, 1.0)
    x, y = (turn @ np.array([*point, 1])).tolist()
    return x, y


def tilted(picture: Picture, share: float) -> Picture:
    """Seen from the side: the left edge is `share` shorter than the right one."""
    height, width = picture.shape[:2]
    inset = height * share / 2
    seen = np.array([[width * share / 2, inset], [width, 0], [width, height], [width * share / 2, height - inset]])
    square = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    matrix = cv2.getPerspectiveTransform(square.astype(np.float32), seen.astype(np.float32))
    return np.asarray(cv2.warpPerspective(picture, matrix, (width, height), borderValue=(120,)), dtype=np.uint8)


def blurred(picture: Picture, sigma: float) -> Picture:
    """Out of focus, `sigma` in pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.uint8)


def shaken(picture: Picture, length: int) -> Picture:
    """Moved sideways by `length` pixels while the shutter was open."""
    kernel = np.full((1, length), 1 / length, dtype=np.float32)
    return np.asarray(cv2.filter2D(picture, -1, kernel), dtype=np.uint8)


def noisy(picture: Picture, sigma: float, seed: int) -> Picture:
    """Gaussian noise of a dark room."""
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def glare(picture: Picture, radius: int, at: tuple[int, int] = (700, 330)) -> Picture:
    """A lamp's reflection, white in the middle and fading out at `radius` pixels."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    distance = np.hypot(columns - at[0], rows - at[1])
    light = 255 * np.clip(1.3 - 1.3 * distance / radius, 0, 1)
    return np.asarray(np.clip(picture + light, 0, 255), dtype=np.uint8)


def faint(picture: Picture, contrast: float) -> Picture:
    """Contrast lowered to this share around middle grey."""
    return np.asarray(128 + (picture.astype(np.float64) - 128) * contrast, dtype=np.uint8)


def compressed(picture: Picture, quality: int) -> Picture:
    """Through JPEG of this quality and back."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def inverted(picture: Picture) -> Picture:
    """Light on dark, as some telephones show it."""
    return np.asarray(255 - picture, dtype=np.uint8)


def _all_together(code: Picture, sample: int) -> Picture:
    seen = tilted(rotated(in_scene(code, width=440), 17 * sample), 0.03 * sample)
    return compressed(noisy(blurred(seen, 0.5 + 0.16 * sample), 4 + 4 * sample, sample), 80 - 6 * sample)


@dataclass(frozen=True)
class Damage:
    """One way to damage a picture, with a strength for each of the samples."""

    name: str
    apply: Callable[[Picture, int], Picture]
    """Takes the rendered code and the number of the sample, from 0 (mild) to 9 (hard)."""


DAMAGES = (
    Damage("straight", lambda code, n: in_scene(code, width=400 + 20 * n)),
    Damage("rotated", lambda code, n: rotated(in_scene(code, width=400), 9 + 36 * n)),
    Damage("tilted", lambda code, n: tilted(in_scene(code, width=420), 0.1 + 0.08 * n)),
    Damage("small", lambda code, n: in_scene(code, width=240 - 18 * n)),
    Damage("out of focus", lambda code, n: blurred(in_scene(code, width=400), 0.8 + 0.4 * n)),
    Damage("shaken", lambda code, n: shaken(in_scene(code, width=400), 2 + 2 * n)),
    Damage("noisy", lambda code, n: noisy(in_scene(code, width=400), 15 + 15 * n, n)),
    Damage("glare", lambda code, n: glare(in_scene(code, width=400), 60 + 20 * n)),
    Damage("faint", lambda code, n: noisy(faint(in_scene(code, width=400), 0.5 - 0.05 * n), 4, n)),
    Damage("JPEG", lambda code, n: compressed(in_scene(code, width=280), 40 - 4 * n)),
    Damage("inverted", lambda code, n: inverted(in_scene(code, width=400 - 15 * n))),
    Damage("all together", _all_together),
)
