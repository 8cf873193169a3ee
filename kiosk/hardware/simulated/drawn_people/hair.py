"""Hair: what hangs behind the head, and what lies on it."""

import numpy as np
from numpy.typing import NDArray

from kiosk.hardware.simulated.drawn_people.appearance import Appearance, HairStyle
from kiosk.hardware.simulated.drawn_people.canvas import Canvas, arc, mirrored, shade
from kiosk.hardware.simulated.drawn_people.lots import Lot
from kiosk.hardware.simulated.drawn_people.relief import half_width

_THICK = {
    HairStyle.SHORT: 14, HairStyle.CREW: 7, HairStyle.RECEDING: 8, HairStyle.BALD: 0, HairStyle.PARTED: 18,
    HairStyle.FRINGE: 18, HairStyle.BOB: 22, HairStyle.LONG: 18, HairStyle.TIED: 10, HairStyle.BUN: 10,
}  # fmt: skip
"""Pixels above the crown."""


def paint_hair_behind(canvas: Canvas, person: Appearance) -> None:
    """Painted before the face."""
    head, thick, dark = person.head, _THICK[person.style], shade(person.hair, 0.8)
    falls = {HairStyle.BOB: head.length * 0.85, HairStyle.LONG: head.length + 130, HairStyle.BALD: -500.0}
    down = falls.get(person.style, 6.0)
    wide = head.half + thick * (1.35 if down > head.length * 0.5 else 0.75)
    if person.style is HairStyle.BUN:
        knot = arc([(-30, -head.crown + 10), (-60, -head.crown - 70), (60, -head.crown - 70), (30, -head.crown + 10)])
        canvas.fill(knot, dark, soft=1.5)
    if person.style is HairStyle.BALD:
        wide, down = head.half + 4, 10.0
    top = -head.crown - thick if person.style is not HairStyle.BALD else -head.crown * 0.35
    side = arc([(0, top), (wide * 0.75, top), (wide * 1.08, top * 0.55), (wide, 0), (wide * 1.02, down)], 40)
    canvas.fill(np.concatenate([side, mirrored(side)[::-1]]), dark, soft=1.5)


def paint_hair(canvas: Canvas, person: Appearance, lot: Lot) -> None:
    """Painted on the face."""
    if person.style is HairStyle.BALD:
        return
    line = _hairline(person)
    head, thick = person.head, _THICK[person.style]
    rows = np.linspace(float(line[-1, 1]), -head.crown * 0.999, 40)
    rim = half_width(head, rows.astype(np.float32)).astype(np.float64) + 2 + thick * 0.6
    right = np.stack([rim, rows - thick * np.linspace(0, 1, 40)], axis=1)
    left = np.stack(
        [-rim, np.linspace(float(line[0, 1]), -head.crown * 0.999, 40) - thick * np.linspace(0, 1, 40)], axis=1
    )
    canvas.fill(np.concatenate([line, right, left[::-1]]), person.hair, soft=2.0)
    _strands(canvas, person, line, lot)


def _hairline(person: Appearance) -> NDArray[np.float64]:
    """From the person's right temple to the left one."""
    head, style = person.head, person.style
    high = -head.crown * person.hairline
    side = head.half + 1
    temple = 4.0 if style in (HairStyle.BOB, HairStyle.LONG) else -14.0
    if style is HairStyle.RECEDING:
        high = -head.crown * 0.93
    if style is HairStyle.FRINGE:
        high = -person.brows.above - 16
        return arc([(-side, temple), (-side * 0.95, high), (0, high * 1.02), (side * 0.95, high), (side, temple)], 40)
    if style in (HairStyle.PARTED, HairStyle.BOB, HairStyle.LONG):
        part = person.parting * side * 0.6
        left = arc(
            [(-side, temple), (-side * 0.86, high * 0.55), (part - 25, high * 1.05), (part, -head.crown * 0.9)], 20
        )
        return np.concatenate(
            [
                left,
                arc(
                    [(part, -head.crown * 0.9), (part + 25, high * 1.05), (side * 0.86, high * 0.55), (side, temple)],
                    20,
                ),
            ]
        )
    return arc(
        [(-side, temple), (-side * 0.9, high * 0.75), (-side * 0.55, high * 1.25), (0, high * 1.05),
         (side * 0.55, high * 1.25), (side * 0.9, high * 0.75), (side, temple)], 40
    )  # fmt: skip


def _strands(canvas: Canvas, person: Appearance, line: NDArray[np.float64], lot: Lot) -> None:
    """Lighter and darker lines from the hairline up to the crown."""
    top = np.array([person.parting * 40, -person.head.crown - _THICK[person.style] * 0.6])
    for start, tone in zip(line[2:-2:1], lot.uniform(0.6, 1.9, len(line)), strict=False):
        bend = (start + top) / 2 + (start[0] * 0.35, -14)
        points = arc([tuple(start), tuple(bend), (float(top[0] + start[0] * 0.25), float(top[1] + 6))], 12)
        canvas.stroke(points, shade(person.hair, tone, 8 * (tone > 1)), 2, soft=1.3, strength=0.45)
