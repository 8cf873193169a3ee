"""Detection error trade-off curves (ISO/IEC 19795-1) as an SVG picture, both axes logarithmic."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 520, 380
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 34, 16, 48
_LEAST = 1e-6, 1e-4
"""The smallest rates that are drawn, across and up; a curve that reaches zero runs along the lower edge."""
_FONT = 'font-family="sans-serif" font-size="11" fill="#1a1a1a"'
_STROKES = ("#0b57a4", "#b3261e", "#1e7d32", "#7a4b00")
_DASHES = ("", "6 3", "2 3", "8 3 2 3")


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One line.

    Attributes:
        points: (n, 2): FMR or FPIR, and FNMR or FNIR, as `trade_off` gives them.
    """

    name: str
    points: NDArray[np.float64]


def draw(title: str, curves: Sequence[Curve]) -> str:
    """The picture; what is not measurable has no line, and its name says so."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {_FONT}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{WIDTH / 2:.0f}" y="20" text-anchor="middle" font-size="13">{escape(title)}</text>',
        *_grid(),
    ]
    for at, curve in enumerate(curves):
        parts += _line(curve, at)
    return "\n".join([*parts, "</svg>", ""])


def _grid() -> list[str]:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    parts = []
    for power in range(round(np.log10(_LEAST[0])), 1):
        x = _across(10.0**power)
        parts.append(f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="#d9d9d9"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{_label(power)}</text>')
    for power in range(round(np.log10(_LEAST[1])), 1):
        y = _up(10.0**power)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#d9d9d9"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_label(power)}</text>')
    middle = (_TOP + bottom) / 2
    parts.append(f'<text x="{(_LEFT + right) / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle">FMR, or FPIR</text>')
    parts.append(f'<text transform="translate(16 {middle:.0f}) rotate(-90)" text-anchor="middle">FNMR, or FNIR</text>')
    return parts


def _line(curve: Curve, at: int) -> list[str]:
    stroke = f'stroke="{_STROKES[at % len(_STROKES)]}" stroke-width="2" stroke-dasharray="{_DASHES[at % len(_DASHES)]}"'
    # lower left, where no curve of a recogniser that is of any use runs
    y = HEIGHT - _BOTTOM - 14 - 16 * at
    name = curve.name if len(curve.points) else f"{curve.name}: not measurable here"
    legend = [
        f'<path d="M{_LEFT + 10} {y - 4}h26" {stroke}/>',
        f'<text x="{_LEFT + 42}" y="{y}">{escape(name)}</text>',
    ]
    if not len(curve.points):
        return legend
    path = " ".join(f"{_across(rate):.1f},{_up(miss):.1f}" for rate, miss in curve.points.tolist())
    return [f'<polyline points="{path}" fill="none" {stroke}/>', *legend]


def _across(rate: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * _share(rate, _LEAST[0])


def _up(miss: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * _share(miss, _LEAST[1])


def _share(rate: float, least: float) -> float:
    """How far along an axis that begins at `least` and ends at 1."""
    return 1 - float(np.log10(max(rate, least)) / np.log10(least))


def _label(power: int) -> str:
    return "1" if power == 0 else f"1e{power}"
