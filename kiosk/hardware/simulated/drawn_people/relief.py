"""The form of a head in depth: for light and shadow, and for how it looks when it is turned."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.hardware.simulated.drawn_people.appearance import Appearance, Head

Field = NDArray[np.float32]
_DEPTH = 0.95
"""Of a head, from the plane of the ears to the cheeks, in halves of its width."""
_DEPTH_TURNED = 1.3
"""Drawn faces are flat: with this the pose of a turned one is estimated as what it was turned by."""


def outline(head: Head) -> NDArray[np.float64]:
    """The line around a face without hair."""
    down = np.concatenate([np.linspace(-head.crown, head.length, 90) * 0.9999])
    half = half_width(head, down.astype(np.float32))
    right = np.stack([half, down], axis=1)
    return np.concatenate([right, right[::-1] * (-1.0, 1.0)])


def half_width(head: Head, down: Field) -> Field:
    """Half of the face's width at each height."""
    above = np.clip(-down / head.crown, 0, 1)
    below = np.clip(down / head.length, 0, 1)
    crown = np.power(1 - np.power(above, 2.4), 0.42)
    jaw = np.power(1 - np.power(below, head.jaw), head.chin)
    bones = 1 + 0.05 * head.cheekbones * np.exp(-(((down - 38) / 22) ** 2))
    return np.asarray(head.half * crown * jaw * bones, dtype=np.float32)


def relief(person: Appearance, across: Field, down: Field) -> Field:
    """How far each point of a face stands out, in pixels; 0 beside it.

    Args:
        person: whose.
        across: x of each column, from the middle of the face.
        down: y of each row, from the eyes.
    """
    x, y = across[None, :], down[:, None]
    head = person.head
    half = np.maximum(half_width(head, down), 1e-3)[:, None]
    along = np.where(y < 0, -y / head.crown, y / head.length)
    dome = np.sqrt(np.clip(1 - (x / half) ** 2, 0, 1)) * np.power(np.clip(1 - np.abs(along) ** 3, 0, 1), 0.4)
    features = _nose(person, x, y) + _around_the_eyes(person, x, y) + _lower_face(person, x, y)
    return np.asarray(_DEPTH * head.half * dome + features * np.minimum(dome * 3, 1), dtype=np.float32)


def _hill(x: Field, y: Field, at: tuple[float, float], wide: float, high: float) -> Field:
    return np.asarray(np.exp(-(((x - at[0]) / wide) ** 2)) * np.exp(-(((y - at[1]) / high) ** 2)), dtype=np.float32)


def _pair(x: Field, y: Field, at: tuple[float, float], wide: float, high: float) -> Field:
    return _hill(x, y, at, wide, high) + _hill(x, y, (-at[0], at[1]), wide, high)


def _nose(person: Appearance, x: Field, y: Field) -> Field:
    nose = person.nose
    share = np.clip((y + 12) / (nose.length + 4), 0, 1)
    high = nose.bridge + (nose.tip - nose.bridge) * share**1.4
    wide = nose.ridge + (nose.tip_wide - nose.ridge) * share**2
    fade = _falling((y - nose.length - 1) / 3.0) * _falling(-(y + 14) / 7.0)
    ridge = high * np.exp(-((x / wide) ** 2)) * fade
    wings = 11 * _pair(x, y, (nose.wings * 0.78, nose.length - 5), nose.wings * 0.34, 9)
    return np.asarray(ridge + wings, dtype=np.float32)


def _falling(x: Field) -> Field:
    return np.asarray(0.5 - 0.5 * np.tanh(x / 2), dtype=np.float32)


def _around_the_eyes(person: Appearance, x: Field, y: Field) -> Field:
    eyes, brows = person.eyes, person.brows
    sockets = (5 + 9 * eyes.socket) * _pair(x, y, (eyes.apart * 0.92, -4), 26, 17)
    ridge = (2 + 5 * eyes.socket) * _pair(x, y, (eyes.apart * 0.9, -brows.above), 34, 9)
    balls = 5 * _pair(x, y, (eyes.apart, 0), eyes.half * 0.9, 10)
    bags = 4 * eyes.bags * _pair(x, y, (eyes.apart, 17), 18, 5)
    return np.asarray(ridge + balls + bags - sockets, dtype=np.float32)


def _lower_face(person: Appearance, x: Field, y: Field) -> Field:
    nose, mouth, head = person.nose, person.mouth, person.head
    lips = nose.length + mouth.below
    bones = (3 + 9 * head.cheekbones) * _pair(x, y, (head.half * 0.62, nose.length * 0.62), 26, 20)
    folds = 7 * person.marks.folds * _pair(x, y, (nose.wings + 14, nose.length + 18), 6, 24)
    lip = 5 * _hill(x, y, (0, lips - mouth.upper * 0.5), mouth.half * 0.8, mouth.upper * 0.7 + 2)
    lip = lip + 6 * _hill(x, y, (0, lips + mouth.lower * 0.6), mouth.half * 0.7, mouth.lower * 0.6 + 2)
    groove = 3 * _hill(x, y, (0, lips + mouth.lower + 9), mouth.half * 0.6, 5)
    chin = 7 * _hill(x, y, (0, head.length - 22), 24, 14)
    philtrum = 2 * _hill(x, y, (0, nose.length + mouth.below * 0.5), 5, mouth.below * 0.4)
    return np.asarray(bones + lip + chin - folds - groove - philtrum, dtype=np.float32)


def lit(form: Field, light: tuple[float, float], skin_wide: float) -> Field:
    """How bright each point is, 1 for one that looks into the light."""
    smooth = cv2.GaussianBlur(form, (0, 0), skin_wide)
    right, lower = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    length = np.sqrt(right**2 + lower**2 + 1)
    toward = np.array([light[0], -light[1], 1.0])
    toward /= np.linalg.norm(toward)
    facing = (-right * toward[0] - lower * toward[1] + toward[2]) / length
    return np.asarray(np.clip(facing, 0, 1), dtype=np.float32)


def turn(layer: Field, form: Field, degrees: float) -> Field:
    """A picture of a head as seen when it turned to its own left, with what is then hidden left out.

    Args:
        layer: (height, width, channels).
        form: how far each of its points stands out.
        degrees: negative to its own right.
    """
    if degrees < 0:
        mirrored = np.ascontiguousarray(layer[:, ::-1]), np.ascontiguousarray(form[:, ::-1])
        return np.ascontiguousarray(turn(*mirrored, -degrees)[:, ::-1])
    columns = np.arange(layer.shape[1], dtype=np.float32)
    across = columns - layer.shape[1] / 2
    angle = np.deg2rad(degrees)
    seen = across * np.cos(angle) + _DEPTH_TURNED * form * np.sin(angle)
    seen = np.maximum.accumulate(seen + 1e-4 * across, axis=1)
    source = np.stack([np.interp(across, row, columns) for row in seen]).astype(np.float32)
    rows = np.repeat(np.arange(layer.shape[0], dtype=np.float32)[:, None], layer.shape[1], axis=1)
    return np.asarray(cv2.remap(layer, source, rows, cv2.INTER_LINEAR), dtype=np.float32)
