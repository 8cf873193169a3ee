"""The picture of the curves."""

import xml.etree.ElementTree as ET

import numpy as np

from kiosk.identify.face.det_plot import HEIGHT, WIDTH, Curve, draw

SVG = "{http://www.w3.org/2000/svg}"
CURVE = np.array([[1e-7, 0.9], [1e-3, 0.1], [1, 0]])


def texts(picture: str) -> list[str | None]:
    return [text.text for text in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314 # our own picture


def lines(picture: str) -> list[list[tuple[float, float]]]:
    found = ET.fromstring(picture).iter(f"{SVG}polyline")  # noqa: S314 # our own picture
    points = [line.attrib["points"].split() for line in found]
    return [[(float(x), float(y)) for x, y in (point.split(",") for point in line)] for line in points]


def test_each_curve_has_a_line_inside_the_picture_and_its_name() -> None:
    picture = draw("A pilot", [Curve("1:1", CURVE), Curve("1:N", CURVE)])
    assert {"A pilot", "1:1", "1:N", "FMR, or FPIR", "FNMR, or FNIR"} <= set(texts(picture))
    assert len(lines(picture)) == 2
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for line in lines(picture) for x, y in line)


def test_fewer_errors_are_lower_and_to_the_left() -> None:
    ((first, second, third),) = lines(draw("A pilot", [Curve("1:1", CURVE)]))
    assert first[0] < second[0] < third[0]
    assert first[1] < second[1] < third[1]


def test_what_is_not_measurable_says_so_instead_of_a_line() -> None:
    picture = draw("A pilot", [Curve("1:N", np.empty((0, 2)))])
    assert lines(picture) == []
    assert "1:N: not measurable here" in texts(picture)


def test_a_name_is_text_and_no_markup() -> None:
    assert "<b>&" in texts(draw("<b>&", []))
