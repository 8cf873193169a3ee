"""The colours of static/tokens.css against WCAG 2.2: 7:1 for text, 3:1 for graphics (1.4.6, 1.4.11)."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "kiosk" / "web" / "static" / "tokens.css"

TEXT = (
    ("ink", "ground"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("ink", "action-soft"),
    ("ink", "good-soft"),
    ("ink", "warn-soft"),
    ("ink", "alarm-soft"),
    ("ink-soft", "ground"),
    ("ink-soft", "surface"),
    ("ink-soft", "sunken"),
    ("action", "ground"),
    ("action", "surface"),
    ("action", "action-soft"),
    ("action-ink", "action"),
    ("action-ink", "action-strong"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("alarm", "surface"),
    ("alarm", "ground"),
    ("alarm", "alarm-soft"),
    ("alarm-ink", "alarm"),
)
GRAPHICS = (("line", "ground"), ("line", "surface"), ("focus", "ground"), ("focus", "surface"), ("warn", "surface"))
SCHEMES = {
    "light": r":root \{",
    "dark": r':root\[data-screen="staff"\] \{',
    "high contrast": r':root\[data-contrast="high"\] \{',
}


def colours(scheme: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for opening in (SCHEMES["light"], SCHEMES[scheme]):
        block = re.search(rf"{opening}(.*?)\n *\}}", TOKENS.read_text(encoding="utf-8"), re.DOTALL)
        assert block
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block[1]))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_is_told_from_its_ground(scheme: str, front: str, back: str) -> None:
    found = colours(scheme)
    assert contrast(found[front], found[back]) >= 7


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back"), GRAPHICS)
def test_graphics_are_told_from_their_ground(scheme: str, front: str, back: str) -> None:
    found = colours(scheme)
    assert contrast(found[front], found[back]) >= 3
