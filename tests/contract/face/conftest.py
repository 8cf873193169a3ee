from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from kiosk.identify.face.detection import FaceDetector
from kiosk.identify.face.eyes import SIDE
from kiosk.identify.face.opencv import prepare_opencv
from kiosk.identify.face.weights import find
from tests.conftest import ROOT


@pytest.fixture(scope="session", autouse=True)
def opencv() -> None:
    prepare_opencv()


@pytest.fixture(scope="session")
def models() -> Path:
    return ROOT / ".tools" / "models"


@pytest.fixture(scope="session")
def detector(models: Path) -> FaceDetector:
    return FaceDetector(find(models, "detector"), side=SIDE)


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A photograph in the public domain, as a PNG file."""
    pixels = np.asarray(astronaut(), dtype=np.uint8)
    return cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()
