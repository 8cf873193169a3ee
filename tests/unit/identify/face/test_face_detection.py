from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from kiosk.errors import ConfigurationError
from kiosk.identify.face.detection import DetectedFace, FaceDetector
from kiosk.identify.face.feature_extraction import SFace
from kiosk.identify.face.image import Image
from kiosk.identify.face.weights import find
from tests.support.face_models import MODELS


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector(find(MODELS, "detector"))


@pytest.fixture
def picture() -> Image:
    return np.asarray(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR), dtype=np.uint8)


def test_one_face_is_found_with_its_landmarks_inside(detector: FaceDetector, picture: Image) -> None:
    faces = detector.detect(picture)
    left, top, width, height = faces[0].box
    x, y = faces[0].landmarks.T
    assert len(faces) == 1
    assert faces[0].score > 0.8
    assert (x > left).all()
    assert (x < left + width).all()
    assert (y > top).all()
    assert (y < top + height).all()


def test_right_and_left_are_the_persons_own(detector: FaceDetector, picture: Image) -> None:
    right_eye, left_eye, nose, right_mouth, left_mouth = detector.detect(picture)[0].landmarks
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


@pytest.mark.parametrize("factor", [0.5, 2, 4])
def test_places_are_in_pixels_of_the_picture_whatever_its_size(
    detector: FaceDetector, picture: Image, factor: float
) -> None:
    other = np.asarray(cv2.resize(picture, None, fx=factor, fy=factor), dtype=np.uint8)
    expected, found = detector.detect(picture)[0], detector.detect(other)[0]
    assert np.array(found.box) / factor == pytest.approx(np.array(expected.box), abs=8)


def test_the_largest_face_comes_first(detector: FaceDetector, picture: Image) -> None:
    small = cv2.resize(picture, (200, 200))
    both = np.zeros((512, 712, 3), dtype=np.uint8)
    both[:200, :200], both[:, 200:] = small, picture
    first, second = detector.detect(both)
    assert first.box[2] > second.box[2]
    assert first.box[0] > 200


@pytest.mark.parametrize("shape", [(480, 640, 3), (32, 32, 3), (33, 250, 3), (1, 1, 3)])
def test_no_face_is_found_where_there_is_none(detector: FaceDetector, shape: tuple[int, int, int]) -> None:
    assert detector.detect(np.full(shape, 120, dtype=np.uint8)) == []


def test_no_face_is_found_in_noise(detector: FaceDetector) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    assert detector.detect(noise) == []


def test_a_file_that_is_no_detector_is_said(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.onnx"
    wrong.write_bytes(b"not a network")
    with pytest.raises(ConfigurationError, match=r"wrong\.onnx"):
        FaceDetector(wrong)


def test_a_file_that_is_no_recogniser_is_said_with_the_first_face(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.onnx"
    wrong.write_bytes(b"not a network")
    somebody = DetectedFace((10, 10, 80, 80), np.zeros((5, 2), np.float32), 0.9)
    with pytest.raises(ConfigurationError, match=r"wrong\.onnx"):
        SFace(wrong).extract(np.zeros((112, 112, 3), np.uint8), somebody)
