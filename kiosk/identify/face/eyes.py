"""Everything that looks at one picture, together: what a capture and the watch over presence are made with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.identify.face.detection import DetectedFace, FaceDetector
from kiosk.identify.face.feature_extraction import Recogniser, open_recogniser
from kiosk.identify.face.head_turns import HeadYaw, LandmarkYaw
from kiosk.identify.face.image import Image
from kiosk.identify.face.presentation_attack import AttackDetector, NetworkAttackDetector
from kiosk.identify.face.quality import MIN_OTHER_SHARE, QualityLimits, limits
from kiosk.identify.face.weights import find
from kiosk.settings.sections import FaceSettings

SIDE = 480
"""Where the detector looks: a face at a kiosk is large, and half the pixels of 640 take two thirds of the time."""


class Detector(Protocol):
    """Finds faces."""

    def detect(self, image: Image) -> list[DetectedFace]:
        """All of them, the largest first."""


@dataclass(frozen=True, slots=True)
class FaceEyes:
    """The networks and limits of one thread; none of them is thread-safe."""

    detector: Detector
    recogniser: Recogniser
    attack_detector: AttackDetector
    head: HeadYaw
    quality: QualityLimits


def open_eyes(
    settings: FaceSettings,
    models: Path,
    *,
    attack_detector: AttackDetector | None = None,
    head: HeadYaw | None = None,
) -> FaceEyes:
    """Open what the settings name.

    Args:
        settings: of the face.
        models: the folder of the weights.
        attack_detector: instead of the network, for the demo's simulated person.
        head: instead of the landmarks, for the same.

    Raises:
        ConfigurationError: weights or libraries are missing; without attack detection no face is offered.
    """
    return FaceEyes(
        detector=FaceDetector(find(models, "detector"), side=SIDE),
        recogniser=open_recogniser(settings.recogniser, models),
        attack_detector=attack_detector or NetworkAttackDetector(find(models, "attack_detector")),
        head=head or LandmarkYaw(),
        quality=limits(settings),
    )


def near(faces: list[DetectedFace]) -> list[DetectedFace]:
    """Those who stand at the kiosk; who is seen far behind them waits in the hall."""
    widest = max((face.box[2] for face in faces), default=0.0)
    return [face for face in faces if face.box[2] >= MIN_OTHER_SHARE * widest]
