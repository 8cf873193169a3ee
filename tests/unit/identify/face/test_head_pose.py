import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.data import astronaut

from kiosk.identify.face.detection import FaceDetector
from kiosk.identify.face.pose import Pose, head_pose
from kiosk.identify.face.weights import find
from tests.support.face_models import MODELS

SIZE = (640, 480)
HEAD = np.array([[-32, -40, 30], [32, -40, 30], [0, 0, 0], [-26, 32, 25], [26, 32, 25]], dtype=np.float64)
"""An invented head in millimetres: x to the person's left, y down, z away from the camera."""


def seen(yaw: float, pitch: float = 0, roll: float = 0, noise: float = 0, seed: int = 0) -> NDArray[np.float32]:
    """The landmarks of a head half a metre away, as a camera would see them."""
    about_y, about_x, about_z = (
        cv2.Rodrigues(np.radians(axis))[0]
        for axis in (np.array([0.0, -yaw, 0]), np.array([-pitch, 0.0, 0]), np.array([0, 0.0, roll]))
    )
    turned = HEAD @ (about_z @ about_y @ about_x).T + [0, 0, 500]
    points = turned[:, :2] / turned[:, 2:] * SIZE[0] + np.array(SIZE) / 2
    return np.asarray(points + np.random.default_rng(seed).normal(0, noise, (5, 2)), dtype=np.float32)


def pose_of(landmarks: NDArray[np.float32]) -> Pose:
    pose = head_pose(landmarks, SIZE)
    assert pose is not None
    return pose


def test_a_face_that_looks_ahead_is_turned_nowhere() -> None:
    pose = pose_of(seen(0))
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((0, 0, 0), abs=2)


@pytest.mark.parametrize("yaw", [-45, -30, -15, 15, 30, 45])
def test_yaw_is_positive_to_the_persons_own_left(yaw: float) -> None:
    landmarks = seen(yaw)
    assert pose_of(landmarks).yaw == pytest.approx(yaw, abs=2)
    # the nose goes to the picture's right when the person turns left
    nose, eyes = landmarks[2, 0], landmarks[:2, 0].mean()
    assert (nose > eyes) == (yaw > 0)


@pytest.mark.parametrize("pitch", [-20, 20])
def test_pitch_is_positive_upwards(pitch: float) -> None:
    assert pose_of(seen(0, pitch)).pitch == pytest.approx(pitch, abs=6)


@pytest.mark.parametrize("roll", [-25, 25])
def test_roll_is_positive_to_the_left_shoulder(roll: float) -> None:
    landmarks = seen(0, 0, roll)
    assert pose_of(landmarks).roll == pytest.approx(roll, abs=2)
    # then the left eye is the lower one
    assert (landmarks[1, 1] > landmarks[0, 1]) == (roll > 0)


@given(st.floats(-40, 40), st.floats(-15, 15), st.integers(0, 1000))
def test_yaw_survives_landmarks_that_are_a_pixel_off(yaw: float, pitch: float, seed: int) -> None:
    assert pose_of(seen(yaw, pitch, noise=1, seed=seed)).yaw == pytest.approx(yaw, abs=15)


def test_yaw_is_mostly_right_to_five_degrees() -> None:
    off = [abs(pose_of(seen(yaw, noise=1, seed=yaw + 40)).yaw - yaw) for yaw in range(-40, 41)]
    assert np.percentile(off, 95) <= 5


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=10, max_size=10))
def test_any_points_have_a_pose_or_none(numbers: list[float]) -> None:
    pose = head_pose(np.array(numbers, dtype=np.float32).reshape(5, 2), SIZE)
    assert pose is None or all(abs(angle) <= 180 for angle in (pose.yaw, pose.pitch, pose.roll))


def test_the_portrait_mirrored_is_turned_the_other_way() -> None:
    detector = FaceDetector(find(MODELS, "detector"))
    picture = np.asarray(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR), dtype=np.uint8)
    straight, mirrored = (
        pose_of(detector.detect(image)[0].landmarks) for image in (picture, np.ascontiguousarray(picture[:, ::-1]))
    )
    assert straight.yaw == pytest.approx(-mirrored.yaw, abs=6)
    assert straight.roll == pytest.approx(-mirrored.roll, abs=6)
