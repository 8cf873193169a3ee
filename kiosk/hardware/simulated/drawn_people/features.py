"""Eyes, brows, nose, mouth and what else is painted on a face."""

import numpy as np
from numpy.typing import NDArray

from kiosk.hardware.simulated.drawn_people.appearance import Appearance
from kiosk.hardware.simulated.drawn_people.canvas import Canvas, Colour, arc, mirrored, shade
from kiosk.hardware.simulated.drawn_people.lots import Lot

_DARK: Colour = (26, 26, 34)
_SEEN = 0.2
"""Wrinkles below this share are none on a forehead."""


def paint_features(canvas: Canvas, person: Appearance, lot: Lot) -> None:
    """All of them, from the skin upward."""
    _skin_marks(canvas, person, lot)
    _wrinkles(canvas, person)
    _nose(canvas, person)
    _mouth(canvas, person)
    _beard(canvas, person, lot)
    for side in (-1, 1):
        _eye(canvas, person, side)
        _brow(canvas, person, side, lot)
    _glasses(canvas, person)


def _skin_marks(canvas: Canvas, person: Appearance, lot: Lot) -> None:
    skin, marks = person.skin, person.marks
    for side in (-1, 1):
        canvas.blot(side * 52, 46, (30, 24), shade(skin, 0.92, 18), 0.45 * marks.blush)
        canvas.blot(side * person.eyes.apart, 15, (22, 9), shade(skin, 0.72), 0.5 * person.eyes.bags)
    if marks.birthmark:
        x, y, wide, tone = marks.birthmark
        canvas.blot(x, y, (wide, wide * 0.8), shade(skin, tone, 30), 0.7)
    for x, y, size in marks.moles:
        canvas.blot(x, y, (size, size), shade(skin, 0.32), 0.9)
    for x, y in lot.normal((0, 26), (38, 16), (marks.freckles, 2)):
        canvas.blot(x, y, (1.6, 1.6), shade(skin, 0.66), 0.55)


def _wrinkles(canvas: Canvas, person: Appearance) -> None:
    aged, eyes, dark = person.marks.wrinkles, person.eyes, shade(person.skin, 0.55)
    for number in range(3 if aged > _SEEN else 0):
        y = -person.brows.above - 24 - 15 * number
        canvas.stroke(
            arc([(-48, y + 4), (-16, y - 3), (16, y - 3), (48, y + 4)]), dark, 2, soft=1.2, strength=0.6 * aged
        )
    for side in (-1, 1):
        x = side * (eyes.apart + eyes.half + 5)
        for slope in (-9, 0, 9):
            canvas.stroke([(x, slope * 0.3), (x + side * 16, slope * 1.3)], dark, 2, soft=1, strength=0.6 * aged)
        nose = person.nose
        fold = arc(
            [(side * (nose.wings + 3), nose.length - 12), (side * (nose.wings + 16), nose.length + 8),
             (side * (person.mouth.half + 8), nose.length + person.mouth.below + 6)]
        )  # fmt: skip
        canvas.stroke(fold, dark, 3, soft=2, strength=0.55 * person.marks.folds)


def _nose(canvas: Canvas, person: Appearance) -> None:
    nose, dark = person.nose, shade(person.skin, 0.42)
    for side in (-1, 1):
        wing = arc(
            [(side * nose.wings * 0.9, nose.length - 16), (side * (nose.wings + 5), nose.length - 6),
             (side * nose.wings, nose.length + 5), (side * nose.wings * 0.6, nose.length + 3)]
        )  # fmt: skip
        canvas.stroke(wing, dark, 2, soft=1.6, strength=0.6)
        canvas.blot(side * nose.wings * 0.48, nose.length + 4, (nose.wings * 0.27, 2.2 + 3 * nose.nostrils), dark, 0.95)
    base = arc([(-nose.wings * 0.7, nose.length + 4), (0, nose.length + 12), (nose.wings * 0.7, nose.length + 4)])
    canvas.stroke(base, dark, 3, soft=2.4, strength=0.5)


def _mouth(canvas: Canvas, person: Appearance) -> None:
    mouth, skin = person.mouth, person.skin
    y, half, corner = person.nose.length + mouth.below, mouth.half, -mouth.smile
    lips: Colour = (skin[0] * 0.66, skin[1] * 0.62, min(skin[2] * 0.84 + mouth.red, 235))
    line = arc([(-half, y + corner), (-half * 0.4, y + 2), (0, y - 1), (half * 0.4, y + 2), (half, y + corner)])
    above = arc(
        [(half, y + corner), (half * 0.45, y - mouth.upper * 1.3), (half * 0.12, y - mouth.upper * 1.5),
         (0, y - mouth.upper * 1.5 + 2 * mouth.bow), (-half * 0.12, y - mouth.upper * 1.5),
         (-half * 0.45, y - mouth.upper * 1.3), (-half, y + corner)]
    )  # fmt: skip
    below = arc(
        [(half, y + corner), (half * 0.6, y + mouth.lower * 1.7), (-half * 0.6, y + mouth.lower * 1.7),
         (-half, y + corner)]
    )  # fmt: skip
    canvas.fill(np.concatenate([line, above]), shade(lips, 0.88), soft=1.0, strength=0.92)
    canvas.fill(np.concatenate([line, below]), lips, soft=1.2, strength=0.92)
    canvas.blot(0, y + mouth.lower * 0.55, (half * 0.35, mouth.lower * 0.2 + 0.5), shade(lips, 1.3), 0.5)
    canvas.stroke(line, shade(lips, 0.35), 2, soft=0.7, strength=0.9)
    for side in (-1, 1):
        canvas.blot(side * half, y + corner, (4, 3), shade(skin, 0.5), 0.6)


def _beard(canvas: Canvas, person: Appearance, lot: Lot) -> None:
    marks, mouth, head = person.marks, person.mouth, person.head
    y = person.nose.length + mouth.below
    if marks.beard:
        jaw = arc(
            [(-head.half * 0.93, 30), (-head.half * 0.9, head.length * 0.8), (0, head.length * 1.25),
             (head.half * 0.9, head.length * 0.8), (head.half * 0.93, 30)]
        )  # fmt: skip
        inner = arc(
            [(head.half * 0.66, 44), (mouth.half, y - 6), (0, y + 8), (-mouth.half, y - 6), (-head.half * 0.66, 44)]
        )
        canvas.fill(np.concatenate([jaw, inner]), shade(person.hair, 1.3), soft=7, strength=0.65 * marks.beard)
    if marks.moustache:
        rim = y - mouth.upper * 1.5
        for x, slope in zip(np.linspace(-mouth.half, mouth.half, 46), lot.normal(0, 2, 46), strict=True):
            top = rim - 13 + 9 * abs(x / mouth.half) ** 2
            canvas.stroke(
                [(x, top), (x * 1.06 + slope, rim + 2 + 5 * abs(x / mouth.half))],
                person.hair,
                2,
                soft=0.6,
                strength=0.7 * marks.moustache,
            )
    if marks.goatee:
        canvas.blot(0, y + mouth.lower + 24, (19, 22), person.hair, 0.8 * marks.goatee)


def _eye(canvas: Canvas, person: Appearance, side: int) -> None:
    eyes, skin = person.eyes, person.skin
    inner, outer = (-eyes.half, 2.0), (eyes.half, -eyes.tilt)
    upper = arc(
        [inner, (-eyes.half * 0.45, -eyes.upper * 1.6), (eyes.half * 0.5, -eyes.upper * 1.7 - eyes.tilt * 0.5), outer]
    )
    lower = arc(
        [outer, (eyes.half * 0.45, eyes.lower * 1.4 - eyes.tilt * 0.3), (-eyes.half * 0.5, eyes.lower * 1.4), inner]
    )
    place = np.array([eyes.apart * side, 0.0])

    def here(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((points if side > 0 else mirrored(points)) + place)

    rim = np.concatenate([upper, lower])
    canvas.fill(here(rim), shade(skin, 0.62), soft=4, strength=0.5)
    if person.marks.painted_lids:
        lid = np.concatenate([upper * (1.1, 1.0), (upper * (1.2, 1.0) - (0, 9 + eyes.crease))[::-1]])
        canvas.fill(here(lid), person.marks.painted_lids, soft=2.5, strength=0.6)
    canvas.fill(here(rim), (222, 228, 232), soft=0.6)
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    disc = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    for radius, colour in ((eyes.iris, eyes.colour), (eyes.iris * 0.45, (8.0, 8.0, 8.0))):
        circle = disc * radius + (0, -eyes.tilt * 0.3)
        line = np.interp(circle[:, 0], upper[:, 0], upper[:, 1])
        floor = np.interp(circle[:, 0], lower[::-1, 0], lower[::-1, 1])
        circle[:, 1] = np.clip(circle[:, 1], line, np.maximum(floor, line))
        canvas.fill(here(circle), colour, soft=0.7)
    canvas.blot(float(place[0]) + 3, -3.0, (2.0, 2.0), (250, 250, 250), 0.8)
    canvas.stroke(here(upper + np.array([0, -0.5])), _DARK, 3 if person.sex == "female" else 2, soft=0.7, strength=0.95)
    canvas.stroke(here(lower), shade(skin, 0.45), 1, soft=0.7, strength=0.7)
    if eyes.crease:
        fold = upper * (1.05, 1.0) - (0, 2.5 + eyes.crease)
        canvas.stroke(here(fold), shade(skin, 0.5), 2, soft=1, strength=0.7)


def _brow(canvas: Canvas, person: Appearance, side: int, lot: Lot) -> None:
    brows = person.brows
    middle = brows.inner + brows.half
    knots = [
        (brows.inner, -brows.above + brows.tilt * 0.4),
        (middle, -brows.above - brows.arch * 1.6),
        (brows.inner + 2 * brows.half, -brows.above - brows.tilt * 0.6 + brows.arch * 0.3 + 4),
    ]
    line = arc(knots, 40)
    thick = brows.thick * np.interp(np.linspace(0, 1, 40), [0, 0.15, 0.6, 1], [0.6, 1, 0.85, 0.2])
    body = np.concatenate(
        [line - np.stack([0 * thick, thick / 2], 1), (line + np.stack([0 * thick, thick / 2], 1))[::-1]]
    )
    colour = shade(person.hair, 1.15)
    canvas.fill(body if side > 0 else mirrored(body), colour, soft=1.8, strength=0.75 * brows.dense)
    for at, (x, y), up in zip(range(40), line, lot.normal(0.5, 0.3, 40), strict=True):
        hair = np.array([(x, y + thick[at] * 0.5), (x + 5, y + thick[at] * (0.5 - up) - 1)])
        canvas.stroke(hair if side > 0 else mirrored(hair), colour, 1, soft=0.5, strength=0.55)


def _glasses(canvas: Canvas, person: Appearance) -> None:
    glasses, eyes = person.glasses, person.eyes
    if glasses is None:
        return
    turns = np.linspace(0, 2 * np.pi, 60)
    power = 2 / glasses.round
    rim = np.stack(
        [
            np.sign(np.cos(turns)) * np.abs(np.cos(turns)) ** power * glasses.half,
            np.sign(np.sin(turns)) * np.abs(np.sin(turns)) ** power * glasses.high + 5,
        ],
        axis=1,
    )
    for side in (-1, 1):
        canvas.stroke(
            rim + np.array([side * (eyes.apart + 1), 0]), glasses.colour, glasses.thick, soft=0.6, strength=0.95
        )
        edge = side * (eyes.apart + glasses.half)
        canvas.stroke([(edge, -2), (side * person.head.half, -8)], glasses.colour, glasses.thick, soft=0.6)
    gap = eyes.apart - glasses.half
    canvas.stroke(arc([(-gap, -1), (0, -7), (gap, -1)]), glasses.colour, glasses.thick, soft=0.6)
