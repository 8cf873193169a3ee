from collections.abc import Callable
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.data import astronaut

from kiosk.identify.face.detection import DetectedFace, FaceDetector
from kiosk.identify.face.image import Image, read_image
from kiosk.identify.face.quality import Quality, QualityLimits, QualityReason, limits, measure, problems
from kiosk.identify.face.weights import find
from kiosk.settings.sections import FaceSettings
from tests.conftest import SHARED_DATA
from tests.support.face_models import MODELS

GOOD = Quality(
    face_pixels=160,
    face_share=0.3,
    yaw=0,
    pitch=0,
    roll=0,
    sharpness=0.3,
    exposure=120,
    covered=4,
    faces=1,
    cut_off=0,
)


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector(find(MODELS, "detector"))


def portrait() -> Image:
    return np.asarray(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR), dtype=np.uint8)


def quality_of(detector: FaceDetector, image: Image) -> Quality:
    faces = detector.detect(image)
    return measure(image, faces, faces[0])


def found(detector: FaceDetector, image: Image) -> list[QualityReason]:
    return problems(quality_of(detector, image), QualityLimits())


def blurred(image: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 6), dtype=np.uint8)


def dark(image: Image) -> Image:
    return np.asarray(image // 8, dtype=np.uint8)


def bright(image: Image) -> Image:
    return np.asarray(255 - (255 - image) // 5, dtype=np.uint8)


def small(image: Image) -> Image:
    return np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def near(image: Image) -> Image:
    return np.ascontiguousarray(image[40:260, 140:310])


def leaning(image: Image) -> Image:
    turn = cv2.getRotationMatrix2D((224, 120), 40, 2)
    return np.asarray(cv2.warpAffine(image, turn, (512, 512), borderMode=cv2.BORDER_REFLECT), dtype=np.uint8)


def cut(image: Image) -> Image:
    return np.ascontiguousarray(image[:, 205:])


def twice(image: Image) -> Image:
    return np.ascontiguousarray(np.hstack([image[:, :380], image]))


def masked(image: Image) -> Image:
    """A blue mask from below the nose to the chin."""
    changed = image.copy()
    cv2.fillPoly(changed, [np.array([[185, 128], [262, 128], [255, 175], [225, 190], [195, 175]])], (190, 150, 70))
    return changed


def test_a_good_portrait_has_nothing_to_better(detector: FaceDetector) -> None:
    assert found(detector, portrait()) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (blurred, QualityReason.BLURRED),
        (dark, QualityReason.TOO_DARK),
        (bright, QualityReason.TOO_BRIGHT),
        (small, QualityReason.TOO_SMALL),
        (near, QualityReason.TOO_LARGE),
        (leaning, QualityReason.TILTED),
        (cut, QualityReason.CUT_OFF),
        (twice, QualityReason.SEVERAL_FACES),
        (masked, QualityReason.COVERED),
    ],
)
def test_each_fault_is_found_by_its_own_number(
    detector: FaceDetector, change: Callable[[Image], Image], reason: QualityReason
) -> None:
    assert reason in found(detector, change(portrait()))


@pytest.mark.parametrize("strength", [0.4, 0.7, 1.0])
def test_sharpness_does_not_follow_the_light(detector: FaceDetector, strength: float) -> None:
    image = portrait()
    dimmed = np.asarray(image * strength, dtype=np.uint8)
    assert quality_of(detector, dimmed).sharpness == pytest.approx(quality_of(detector, image).sharpness, rel=0.25)


def test_somebody_far_behind_does_not_count(detector: FaceDetector) -> None:
    image = portrait()
    far = cv2.resize(image, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    image[300 : 300 + far.shape[0], 300 : 300 + far.shape[1]] = far
    assert len(detector.detect(image)) == 2
    assert quality_of(detector, image).faces == 1


def test_measuring_leaves_the_picture_as_it_was(detector: FaceDetector) -> None:
    image = portrait()
    quality_of(detector, image)
    assert np.array_equal(image, portrait())


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=14, max_size=14))
def test_any_box_and_landmarks_can_be_measured(numbers: list[float]) -> None:
    left, top, width, height = numbers[:4]
    face = DetectedFace(
        (left, top, abs(width), abs(height)), np.array(numbers[4:], dtype=np.float32).reshape(5, 2), 0.9
    )
    quality = measure(np.full((48, 64, 3), 100, dtype=np.uint8), [face], face)
    assert 0 <= quality.cut_off <= 1
    assert 0 <= quality.exposure <= 255
    assert quality.sharpness >= 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (partial(replace, face_pixels=79), QualityReason.TOO_SMALL),
        (partial(replace, face_share=0.51), QualityReason.TOO_LARGE),
        (partial(replace, yaw=-21), QualityReason.NOT_FACING),
        (partial(replace, pitch=26), QualityReason.NOT_FACING),
        (partial(replace, roll=-11), QualityReason.TILTED),
        (partial(replace, sharpness=0.049), QualityReason.BLURRED),
        (partial(replace, exposure=49), QualityReason.TOO_DARK),
        (partial(replace, exposure=221), QualityReason.TOO_BRIGHT),
        (partial(replace, covered=21), QualityReason.COVERED),
        (partial(replace, faces=2), QualityReason.SEVERAL_FACES),
        (partial(replace, cut_off=0.06), QualityReason.CUT_OFF),
    ],
)
def test_one_number_decides_about_one_reason(change: Callable[[Quality], Quality], reason: QualityReason) -> None:
    assert problems(GOOD, QualityLimits()) == []
    assert problems(change(GOOD), QualityLimits()) == [reason]


def test_the_limits_are_those_of_the_settings() -> None:
    assert limits(FaceSettings()) == QualityLimits()
    stricter = limits(FaceSettings(quality_face_pixels=200, quality_yaw=5))
    assert (stricter.face_pixels, stricter.yaw) == (200, 5)


def refused(detector: FaceDetector, pattern: str, every: int) -> dict[QualityReason, float]:
    """Which share of these pictures each reason refuses."""
    files = sorted((SHARED_DATA / "faces").glob(pattern))[::every]
    said = [found(detector, read_image(file.read_bytes())) for file in files]
    return {reason: sum(reason in reasons for reasons in said) / len(said) for reason in QualityReason}


@pytest.mark.shared_data
def test_hardly_anybody_before_a_webcam_is_refused(detector: FaceDetector) -> None:
    shares = refused(detector, "webcam/live/*/*/*", every=6)
    assert {reason: share for reason, share in shares.items() if share > 0.02} == {}


@pytest.mark.shared_data
def test_few_adults_are_refused_for_light_or_colour(detector: FaceDetector) -> None:
    shares = refused(detector, "adults/*.jpg", every=15)
    assert shares[QualityReason.TOO_DARK] <= 0.08
    assert shares[QualityReason.TOO_BRIGHT] <= 0.02
    assert shares[QualityReason.COVERED] <= 0.05
