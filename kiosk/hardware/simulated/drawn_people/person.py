"""A whole figure: head and shoulders of an invented person, looking ahead or turned aside."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.hardware.simulated.drawn_people.appearance import Appearance
from kiosk.hardware.simulated.drawn_people.canvas import Canvas, arc, mirrored, shade
from kiosk.hardware.simulated.drawn_people.features import paint_features
from kiosk.hardware.simulated.drawn_people.hair import paint_hair, paint_hair_behind
from kiosk.hardware.simulated.drawn_people.lots import Lot, appearance_of
from kiosk.hardware.simulated.drawn_people.relief import lit, outline, relief, turn
from kiosk.model.identity import Sex

WIDTH, HEIGHT = 800, 720
EYES = (400, 290)
"""Where the middle between the eyes is."""

_HEAD = (340, 400)
_EYES = (170, 204)
_UNEVEN = ((50, 2.8), (95, 7.5))
"""Step of the noise in pixels, and how far places move."""

Figure = NDArray[np.uint8]
"""(HEIGHT, WIDTH, 4): blue, green, red, and how far the person covers what is behind."""


def draw_person(name: str, *, sex: Sex | None = None, turned: float = 0.0) -> Figure:
    """Head and shoulders, the face about 210 pixels wide.

    Args:
        name: always the same person for the same name and sex.
        sex: where it is known; drawn by lot otherwise.
        turned: degrees to the person's own left, negative to the right; up to about 50.
    """
    return draw(appearance_of(name, sex), turned)


def draw(person: Appearance, turned: float = 0.0) -> Figure:
    """A person of that appearance."""
    lot = np.random.default_rng(person.seed)
    body, head = Canvas(WIDTH, HEIGHT, EYES), Canvas(_HEAD[0], _HEAD[1], _EYES)
    paint_hair_behind(body, person)
    _paint_body(body, person)
    _paint_ears(head, person)
    head.fill(outline(person.head), person.skin, soft=0.8)
    form = relief(person, _steps(_HEAD[0], _EYES[0]), _steps(_HEAD[1], _EYES[1]))
    _shade_skin(head, person, form, lot)
    paint_features(head, person, lot)
    paint_hair(head, person, lot)
    layers = _uneven(np.dstack([head.pixels, head.cover, form]), lot)
    layer = np.ascontiguousarray(layers[..., :4])
    return _together(body, turn(layer, layers[..., 4], turned) if turned else layer, lot)


def _steps(count: int, zero: int) -> NDArray[np.float32]:
    return (np.arange(count) - zero).astype(np.float32)


def _paint_body(canvas: Canvas, person: Appearance) -> None:
    head, clothes = person.head, person.clothes
    neck, chin = head.half * 0.56, head.length
    shoulder = 215.0 if person.sex is Sex.MALE else 190.0
    throat = [
        (-neck, chin - 70),
        (neck, chin - 70),
        (neck * 1.15, chin + 70),
        (0, chin + 130),
        (-neck * 1.15, chin + 70),
    ]
    line = arc([(neck * 0.9, chin + 26), (neck + 20, chin + 62), (shoulder, chin + 70), (shoulder + 26, chin + 330)])
    canvas.fill(np.concatenate([line, mirrored(line)[::-1]]), clothes, soft=1)
    canvas.fill(throat, shade(person.skin, 0.86), soft=2)
    canvas.fill(
        [(-neck * 0.95, chin - 40), (neck * 0.95, chin - 40), (neck * 0.7, chin + 24), (-neck * 0.7, chin + 24)],
        shade(person.skin, 0.55),
        soft=6,
        strength=0.6,
    )
    for side in (-1, 1):
        collar = [(side * neck, chin + 40), (side * (neck + 24), chin + 66), (side * 12, chin + 140), (0, chin + 126)]
        canvas.fill(collar, shade(clothes, 1.25), soft=1)


def _paint_ears(canvas: Canvas, person: Appearance) -> None:
    size = person.head.ears
    ear = arc([(-4, -26), (14, -34), (22, -6), (12, 30), (-6, 34)]) * (size, size)
    for side in (-1, 1):
        place = np.array([side * person.head.half * 0.98, 16.0])
        canvas.fill((ear if side > 0 else mirrored(ear)) + place, shade(person.skin, 0.88), soft=1)
        canvas.blot(float(place[0]) + side * 6 * size, 16.0, (4 * size, 14 * size), shade(person.skin, 0.6), 0.6)


def _shade_skin(canvas: Canvas, person: Appearance, form: NDArray[np.float32], lot: Lot) -> None:
    """Light from one side, and the unevenness of any skin."""
    bright = 0.45 + 0.62 * lit(form, person.light, 2.2)
    spots = sum(strength * _smooth_noise(lot, step) for step, strength in ((60, 0.05), (26, 0.04), (9, 0.015)))
    bright *= 1 + person.marks.blotches * spots
    inside = (form > 0)[..., None]
    np.multiply(canvas.pixels, bright[..., None], out=canvas.pixels, where=inside)


def _smooth_noise(lot: Lot, step: int) -> NDArray[np.float32]:
    """About 1 high, and as wide as `step` pixels."""
    coarse = lot.normal(0, 1, (_HEAD[1] // step + 2, _HEAD[0] // step + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, _HEAD, interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _uneven(layer: NDArray[np.float32], lot: Lot) -> NDArray[np.float32]:
    """No face is the same on both sides."""
    across, down = (
        sum(pixels * _smooth_noise(lot, step) for step, pixels in _UNEVEN) + places
        for places in (_steps(_HEAD[0], 0)[None, :], _steps(_HEAD[1], 0)[:, None])
    )
    return np.asarray(cv2.remap(layer, across, down, cv2.INTER_LINEAR), dtype=np.float32)


def _together(body: Canvas, head: NDArray[np.float32], lot: Lot) -> Figure:
    left, top = EYES[0] - _EYES[0], EYES[1] - _EYES[1]
    place = (slice(top, top + _HEAD[1]), slice(left, left + _HEAD[0]))
    share = head[..., 3:]
    body.pixels[place] = body.pixels[place] * (1 - share) + head[..., :3] * share
    np.maximum(body.cover[place], head[..., 3], out=body.cover[place])
    pixels = (
        cv2.GaussianBlur(body.pixels, (0, 0), 0.7) + lot.standard_normal((HEIGHT, WIDTH, 1), dtype=np.float32) * 1.5
    )
    return np.dstack([pixels, body.cover * 255]).clip(0, 255).astype(np.uint8)
