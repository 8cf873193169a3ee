"""A laboratory series as a small picture: a line, its newest point, and the band of the reference range."""

from dataclasses import dataclass

from kiosk.model.summary import LabSeries

WIDTH, HEIGHT, MARGIN = 160.0, 44.0, 5.0


@dataclass(frozen=True, slots=True)
class Trend:
    """Coordinates in a picture of `WIDTH` by `HEIGHT`, time from left to right.

    Attributes:
        points: ``x,y`` pairs for a polyline.
        last: x and y of the newest value.
        beyond: x and y of those whose true value lies beyond what could be measured: the line only tells how far.
        band: y and height of the reference range, as far as it lies in the picture; None without one.
    """

    points: str
    last: tuple[float, float]
    beyond: tuple[tuple[float, float], ...]
    band: tuple[float, float] | None


def trend_of(series: LabSeries) -> Trend:
    """Place the values and the band on one scale."""
    values = [one.value for one in series.values]
    times = [one.at.timestamp() for one in series.values]
    bounds = [bound for bound in (series.low, series.high) if bound is not None]
    lowest, highest = min(values + bounds), max(values + bounds)
    points = [
        (_scaled(at, times[0], times[-1], WIDTH), HEIGHT - _scaled(value, lowest, highest, HEIGHT))
        for at, value in zip(times, values, strict=True)
    ]
    return Trend(
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        last=_rounded(points[-1]),
        beyond=tuple(_rounded(at) for at, one in zip(points, series.values, strict=True) if one.comparator),
        band=_band(series, lowest, highest),
    )


def _band(series: LabSeries, lowest: float, highest: float) -> tuple[float, float] | None:
    if series.low is None and series.high is None:
        return None
    top = 0.0 if series.high is None else HEIGHT - _scaled(series.high, lowest, highest, HEIGHT)
    bottom = HEIGHT if series.low is None else HEIGHT - _scaled(series.low, lowest, highest, HEIGHT)
    return _rounded((top, max(bottom - top, 1.0)))


def _scaled(value: float, lowest: float, highest: float, length: float) -> float:
    """From `MARGIN` to `length` less `MARGIN`; in the middle when there is only one value."""
    if highest == lowest:
        return length / 2
    return MARGIN + (value - lowest) / (highest - lowest) * (length - 2 * MARGIN)


def _rounded(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 1), round(point[1], 1)
