"""Whether this demo can offer the face: only where the networks are."""

from pathlib import Path

from kiosk.errors import ConfigurationError
from kiosk.identify.face.weights import PINNED, find
from kiosk.settings.sections import FaceSettings

FOLDER_VARIABLE = "KIOSK_MODELS"
"""Names the folder where `make models` keeps the networks, so that a fresh demo does not fetch them again."""


def demo_face(folder: Path) -> tuple[FaceSettings, str]:
    """The demo's `[face]`, and why it is off; an empty text where it is on.

    Its attack detection is the stand-in that answers what the bench says: before a simulated camera there is no
    person.
    """
    try:
        for weights in PINNED:
            find(folder, weights.role)
    except ConfigurationError as error:
        return FaceSettings(enabled=False, attack_detection="simulated"), f"Face is off: {error}"
    return FaceSettings(enabled=True, attack_detection="simulated", models=str(folder.resolve())), ""
