"""Who stands before a camera, as a test says: eyes that see the scene instead of looking at pixels."""

from dataclasses import dataclass, field
from datetime import timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.eyes import FaceEyes
from kiosk.identify.face.image import Image
from kiosk.identify.face.quality import QualityLimits
from kiosk.model.face import FaceAttempt, Turn
from tests.support.small_hospital import MORNING, SetClock

WIDTH, HEIGHT = 640, 480
LOOKS_AHEAD = np.array([[38.3, 51.6], [73.5, 51.6], [56.0, 71.7], [41.5, 92.3], [70.7, 92.3]], dtype=np.float32)


def picture(brightness: int = 128) -> bytes:
    """Grey, with as much grain as a face has edges."""
    grain = np.random.default_rng(1).normal(brightness, 20, (HEIGHT, WIDTH)).clip(0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", cv2.cvtColor(grain, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def face(x: float = WIDTH / 2, y: float = HEIGHT / 2, width: float = 150) -> DetectedFace:
    """One that looks ahead, its middle at that place."""
    scale = width / 112
    corner = np.array([x - width / 2, y - width / 2], dtype=np.float32)
    box = (float(corner[0]), float(corner[1]), width, width)
    return DetectedFace(box, (LOOKS_AHEAD * scale + corner).astype(np.float32), 0.9)


def features(person: int, likeness: float = 1.0) -> NDArray[np.float32]:
    """A person's own direction; a picture of less likeness leans away from it."""
    vector = np.zeros(128, dtype=np.float32)
    vector[person], vector[127] = likeness, np.sqrt(1 - likeness**2)
    return vector


@dataclass
class Scene:
    """What is before the camera now, and what was looked at.

    Attributes:
        liveness: of each next picture; the last one stays.
        extracted: how often features were taken.
    """

    faces: list[DetectedFace] = field(default_factory=list)
    person: int = 1
    likeness: float = 1.0
    yaw: float | None = 0.0
    liveness: list[float] = field(default_factory=lambda: [0.97])
    extracted: int = 0
    breaks: bool = False

    @property
    def eyes(self) -> FaceEyes:
        return FaceEyes(SceneDetector(self), SceneRecogniser(self), SceneAttack(self), SceneHead(self), QualityLimits())


@dataclass
class SceneDetector:
    scene: Scene

    def detect(self, image: Image) -> list[DetectedFace]:  # noqa: ARG002 # the scene knows
        return self.scene.faces


@dataclass
class SceneRecogniser:
    scene: Scene
    name: str = "scene"

    def extract(self, image: Image, face: DetectedFace) -> NDArray[np.float32]:  # noqa: ARG002 # the scene knows
        self.scene.extracted += 1
        if self.scene.breaks:
            raise cv2.error("a network that cannot go on")
        return features(self.scene.person, self.scene.likeness)


@dataclass
class SceneAttack:
    scene: Scene

    def liveness(self, image: Image, face: DetectedFace) -> float:  # noqa: ARG002 # the scene knows
        scores = self.scene.liveness
        return scores.pop(0) if len(scores) > 1 else scores[0]


@dataclass
class SceneHead:
    scene: Scene

    def yaw(self, image: Image, face: DetectedFace, asked: Turn | None) -> float | None:  # noqa: ARG002 # the scene knows
        return self.scene.yaw


def attempt(*turns: Turn, seconds: float = 30) -> FaceAttempt:
    """A permission of today."""
    return FaceAttempt("attempt-1", "check-in-1", "kiosk-1", turns, MORNING, MORNING + timedelta(seconds=seconds))


@dataclass
class Watch:
    """A clock that goes on with each picture."""

    clock: SetClock = field(default_factory=SetClock)

    def next(self, seconds: float = 1 / 15) -> None:
        self.clock.seconds += seconds
