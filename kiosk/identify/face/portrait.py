"""The features of a portrait that a chip holds."""

import cv2

from kiosk.errors import InputError
from kiosk.identify.face.comparison import mean_features
from kiosk.identify.face.eyes import FaceEyes, near
from kiosk.identify.face.image import read_image
from kiosk.model.face import FaceFeatures


def portrait_features(eyes: FaceEyes, jpeg: bytes) -> FaceFeatures | None:
    """Features of the one face in a portrait; None where there is none, or more than one.

    Its quality is not judged: a portrait may be small and decades old, and there is no better one.
    """
    try:
        image = read_image(jpeg)
        faces = eyes.detector.detect(image)
        if len(near(faces)) != 1:
            return None
        return mean_features(eyes.recogniser.name, [eyes.recogniser.extract(image, faces[0])])
    except (InputError, cv2.error):
        return None
