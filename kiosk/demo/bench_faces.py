"""Invented people before the simulated camera: head and shoulders, as the camera of a kiosk sees them."""

from collections.abc import Sequence

import cv2

from kiosk.demo.hospital import InventedPatient
from kiosk.hardware.simulated.drawn_people.frame import camera_frame
from kiosk.hardware.simulated.drawn_people.person import draw_person


def before_camera(people: Sequence[InventedPatient]) -> bytes:
    """One of them, or several side by side, before a wall; as PNG."""
    frame = camera_frame([draw_person(person.name, sex=person.sex) for person in people])
    done, picture = cv2.imencode(".png", frame)
    if not done:
        raise ValueError("the scene cannot be encoded")
    return picture.tobytes()
