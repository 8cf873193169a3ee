"""The network of face_recognition (dlib's ResNet, 2017), as a baseline: never the default, at thresholds of equal FMR.

Only dlib's five-point landmarks are used: the licence of its 68-point file excludes commercial use.
"""

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ConfigurationError
from kiosk.identify.face.comparison import unit
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.image import Image


class DlibRecogniser:
    """dlib's recogniser on faces that YuNet found; its own vectors are not of length one, these are.

    Raises:
        ConfigurationError: the libraries are not installed.
    """

    name = "dlib-resnet-v1"

    def __init__(self) -> None:
        try:
            import dlib  # noqa: PLC0415 # 100 MB that only a host has which chose this recogniser
            import face_recognition_models as models  # noqa: PLC0415 # the same
        except ImportError as error:
            raise ConfigurationError("recogniser face-recognition needs the packages of the group `face`") from error
        self._rectangle = dlib.rectangle
        self._landmarks = dlib.shape_predictor(models.pose_predictor_five_point_model_location())
        self._network = dlib.face_recognition_model_v1(models.face_recognition_model_location())

    def extract(self, image: Image, face: DetectedFace) -> NDArray[np.float32]:
        """128 values of length one."""
        colours = np.ascontiguousarray(image[:, :, ::-1])
        shape = self._landmarks(colours, self._rectangle(*_square(face)))
        return unit(np.array(self._network.compute_face_descriptor(colours, shape), dtype=np.float32))


def _square(face: DetectedFace) -> tuple[int, int, int, int]:
    """Left, top, right, bottom as dlib's detector frames a face: a square from the brows to the chin."""
    left, top, width, height = face.box
    half = (width + height) / 4
    across, down = left + width / 2, top + height / 2
    return round(across - half), round(down - half), round(across + half), round(down + half)
