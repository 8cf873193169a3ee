"""From a face to 128 numbers: SFace (Zhong et al., 2021), or dlib's network as a baseline."""

from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ConfigurationError
from kiosk.identify.face.comparison import unit
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.dlib_recogniser import DlibRecogniser
from kiosk.identify.face.image import Image
from kiosk.identify.face.weights import find

RecogniserKind = Literal["sface", "face-recognition"]


class Recogniser(Protocol):
    """Extracts features. Not thread-safe: each thread opens its own.

    Attributes:
        name: of model and version; features of different names are never compared.
    """

    name: str

    def extract(self, image: Image, face: DetectedFace) -> NDArray[np.float32]:
        """128 values of length one, of this face only."""


class SFace:
    """OpenCV's recogniser on faces that YuNet found; the network's 70 MB of memory are taken with the first face."""

    name = "sface-2021dec"

    def __init__(self, weights: Path) -> None:
        self._weights = weights

    @cached_property
    def _network(self) -> cv2.FaceRecognizerSF:
        try:
            return cv2.FaceRecognizerSF.create(str(self._weights), "")
        except cv2.error as error:
            raise ConfigurationError(f"OpenCV cannot use {self._weights}") from error

    def extract(self, image: Image, face: DetectedFace) -> NDArray[np.float32]:
        """128 values of length one.

        Raises:
            ConfigurationError: OpenCV cannot use the file.
        """
        row = np.concatenate([face.box, face.landmarks.ravel(), [face.score]]).astype(np.float32)
        aligned = self._network.alignCrop(image, row)
        return unit(np.asarray(self._network.feature(aligned), dtype=np.float32).ravel())


def open_recogniser(kind: RecogniserKind, folder: Path) -> Recogniser:
    """The recogniser that the settings name.

    Raises:
        ConfigurationError: its weights or its libraries are missing; the message says what to do.
    """
    return SFace(find(folder, "recogniser")) if kind == "sface" else DlibRecogniser()
