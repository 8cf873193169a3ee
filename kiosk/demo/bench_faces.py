"""Invented people before the simulated camera: head and shoulders, as the camera of a kiosk sees them."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.demo.hospital import InventedPatient
from kiosk.hardware.simulated.drawn_people.person import HEIGHT as FIGURE_HEIGHT
from kiosk.hardware.simulated.drawn_people.person import WIDTH as FIGURE_WIDTH
from kiosk.hardware.simulated.drawn_people.person import draw_person

WIDTH, HEIGHT = 1280, 720
MOST = 2
_WALL = (200, 196, 190)
_BESIDE = 560
"""Pixels from one face to the other, of two who stand side by side."""


def before_camera(people: Sequence[InventedPatient]) -> bytes:
    """One or two of them before a wall, as PNG."""
    scene = np.full((HEIGHT, WIDTH, 3), _WALL, dtype=np.float32)
    left = (WIDTH - FIGURE_WIDTH - _BESIDE * (len(people[:MOST]) - 1)) // 2
    for number, person in enumerate(people[:MOST]):
        _stand(scene, draw_person(person.name, sex=person.sex), left + number * _BESIDE)
    done, picture = cv2.imencode(".png", scene.clip(0, 255).astype(np.uint8))
    if not done:
        raise ValueError("the scene cannot be encoded")
    return picture.tobytes()


def _stand(scene: NDArray[np.float32], figure: NDArray[np.uint8], left: int) -> None:
    """Put a figure into the scene; what reaches beyond its sides is cut off."""
    first, last = max(0, left), min(WIDTH, left + FIGURE_WIDTH)
    part = figure[:, first - left : last - left].astype(np.float32)
    cover = part[..., 3:] / 255
    place = scene[HEIGHT - FIGURE_HEIGHT :, first:last]
    place[:] = place * (1 - cover) + part[..., :3] * cover
