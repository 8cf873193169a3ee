"""Whether the real networks take drawn people for people, and for different ones."""

from collections.abc import Callable, Sequence
from functools import partial

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.demo.hospital import PLANTED
from kiosk.hardware.simulated.citizen_card.portrait import draw_portrait, encode
from kiosk.hardware.simulated.drawn_people.frame import Picture, camera_frame, printed_photograph
from kiosk.hardware.simulated.drawn_people.looks import LOOKS, TWINS
from kiosk.hardware.simulated.drawn_people.person import draw_person
from kiosk.identify.face.detection import FaceDetector
from kiosk.identify.face.feature_extraction import SFace
from kiosk.identify.face.image import Image, read_image
from kiosk.identify.face.pose import head_pose
from kiosk.identify.face.weights import find
from kiosk.model.identity import Sex
from tests.support.face_models import MODELS

Features = NDArray[np.float32]
SEXES = {row.name: row.sex for row in PLANTED.values()}
KNOWN = tuple(name for name in LOOKS if name in SEXES)
ORDINARY = tuple(f"Nguyễn Thử {number}" for number in range(40 - len(KNOWN)))
HER = "Trần Thị Minh Nguyệt"


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector(find(MODELS, "detector"))


@pytest.fixture(scope="module")
def recogniser() -> SFace:
    return SFace(find(MODELS, "recogniser"))


@pytest.fixture(scope="module")
def features_of(detector: FaceDetector, recogniser: SFace) -> Callable[[Image], Features]:
    def features_of(image: Image) -> Features:
        [face] = detector.detect(image)
        return recogniser.extract(image, face)

    return features_of


@pytest.fixture(scope="module")
def live() -> dict[str, Picture]:
    return {name: before_the_camera(name) for name in KNOWN + ORDINARY}


@pytest.fixture(scope="module")
def features(live: dict[str, Picture], features_of: Callable[[Image], Features]) -> dict[str, Features]:
    return {name: features_of(picture) for name, picture in live.items()}


def before_the_camera(name: str, turned: float = 0.0) -> Picture:
    return camera_frame(draw_person(name, sex=SEXES.get(name), turned=turned))


def on_the_card(name: str) -> Picture:
    return read_image(encode(draw_portrait(name, SEXES.get(name))))


def scores(vectors: Sequence[Features]) -> Features:
    matrix = np.array(vectors)
    found: Features = (matrix @ matrix.T)[np.triu_indices(len(matrix), 1)]
    return found


def test_everybody_is_found_once(detector: FaceDetector, live: dict[str, Picture]) -> None:
    for name, picture in live.items():
        [face] = detector.detect(picture)
        assert face.score > 0.8, name
        assert 150 < face.box[2] < 250, name


def test_those_whom_a_demo_shows_are_told_apart(
    detector: FaceDetector, recogniser: SFace, features: dict[str, Features]
) -> None:
    cards = []
    for picture in map(on_the_card, KNOWN):
        [face] = detector.detect(picture)
        assert face.score > 0.8
        cards.append(recogniser.extract(picture, face))
    across = np.array([features[name] for name in KNOWN]) @ np.array(cards).T
    assert np.diag(across).min() > 0.6
    assert across[~np.eye(len(KNOWN), dtype=bool)].max() < 0.5
    assert scores([features[name] for name in KNOWN]).max() < 0.5


def test_most_people_drawn_by_lot_are_told_apart(features: dict[str, Features]) -> None:
    different = scores([features[name] for name in ORDINARY])
    assert np.mean(different) < 0.42
    assert np.percentile(different, 98) < 0.6


def moved(picture: Picture, *, degrees: float = 0, scale: float = 1, right: float = 0, down: float = 0) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    matrix[:, 2] += np.array([right, down])
    found = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, dtype=np.uint8)


def lighter(picture: Picture, *, by: float) -> Picture:
    return (picture * by).clip(0, 255).astype(np.uint8)


def noisy(picture: Picture) -> Picture:
    return (picture + np.random.default_rng(1).normal(0, 10, picture.shape)).clip(0, 255).astype(np.uint8)


def compressed(picture: Picture) -> Picture:
    return read_image(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1].tobytes())


@pytest.mark.parametrize(
    "change",
    [
        partial(moved, right=40, down=-20),
        partial(moved, scale=0.75),
        partial(moved, scale=1.2),
        partial(moved, degrees=7),
        partial(moved, degrees=-7),
        partial(lighter, by=0.65),
        partial(lighter, by=1.25),
        noisy,
        compressed,
    ],
)
def test_a_person_stays_the_same_under_small_changes(
    live: dict[str, Picture],
    features: dict[str, Features],
    features_of: Callable[[Image], Features],
    change: Callable[[Picture], Picture],
) -> None:
    for name in KNOWN[:6]:
        assert features[name] @ features_of(change(live[name])) > 0.6, name


def test_twins_are_not_told_apart(features_of: Callable[[Image], Features]) -> None:
    for one, other in TWINS.items():
        assert features_of(before_the_camera(one)) @ features_of(on_the_card(other)) > 0.55


@pytest.mark.parametrize("name", KNOWN[:4])
def test_a_head_turns_to_either_side(detector: FaceDetector, name: str) -> None:
    yaws = []
    for turned in (-50, 0, 50):
        picture = before_the_camera(name, turned)
        pose = head_pose(detector.detect(picture)[0].landmarks, (picture.shape[1], picture.shape[0]))
        assert pose is not None
        yaws.append(pose.yaw)
    right, ahead, left = yaws
    assert right < -25
    assert abs(ahead) < 12
    assert left > 25


def test_two_people_stand_side_by_side(detector: FaceDetector) -> None:
    both = camera_frame([draw_person(HER, sex=Sex.FEMALE), draw_person("Lê Quang Dũng", sex=Sex.MALE)])
    assert len(detector.detect(both)) == 2


def test_nobody_is_found_in_an_empty_room(detector: FaceDetector) -> None:
    assert detector.detect(camera_frame([])) == []


def test_a_printed_photograph_shows_the_same_face(features_of: Callable[[Image], Features]) -> None:
    photograph = camera_frame(printed_photograph(draw_person(HER, sex=Sex.FEMALE)))
    assert features_of(photograph) @ features_of(before_the_camera(HER)) > 0.6
    assert np.abs(photograph.astype(int) - before_the_camera(HER)).mean() > 3


def test_there_is_room_around_a_face_for_the_check_of_an_attack(
    detector: FaceDetector, live: dict[str, Picture]
) -> None:
    for picture in live.values():
        left, _, width, height = detector.detect(picture)[0].box
        half = 2.7 * max(width, height) / 2
        assert left + width / 2 - half >= 0
        assert left + width / 2 + half <= 1280


def test_a_drawing_is_always_the_same() -> None:
    assert draw_person(HER).tobytes() == draw_person(HER).tobytes()
    assert draw_person(HER).tobytes() != draw_person("Lê Quang Dũng").tobytes()
    assert camera_frame([], seed=1).tobytes() != camera_frame([], seed=2).tobytes()


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080)])
def test_a_frame_has_the_cameras_size(size: tuple[int, int]) -> None:
    assert camera_frame(draw_person(HER), size).shape == (size[1], size[0], 3)
