"""What each recogniser does, whichever the settings name."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from kiosk.errors import InputError
from kiosk.identify.face.comparison import STATED, mean_features, score
from kiosk.identify.face.detection import DetectedFace, FaceDetector
from kiosk.identify.face.feature_extraction import Recogniser, RecogniserKind, open_recogniser
from kiosk.identify.face.image import Image, read_image
from kiosk.identify.face.weights import find
from tests.conftest import SHARED_DATA
from tests.support.face_models import MODELS

KINDS: tuple[RecogniserKind, ...] = ("sface", "face-recognition")


@pytest.fixture(scope="module", params=KINDS)
def recogniser(request: pytest.FixtureRequest) -> Recogniser:
    return open_recogniser(request.param, MODELS)


@pytest.fixture(scope="module")
def finder() -> FaceDetector:
    return FaceDetector(find(MODELS, "detector"))


@pytest.fixture
def picture() -> Image:
    return np.asarray(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR), dtype=np.uint8)


def largest(finder: FaceDetector, image: Image) -> DetectedFace:
    return finder.detect(image)[0]


def test_features_are_128_values_of_length_one(recogniser: Recogniser, finder: FaceDetector, picture: Image) -> None:
    vector = recogniser.extract(picture, largest(finder, picture))
    assert vector.dtype == np.float32
    assert vector.shape == (128,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_the_same_picture_gives_the_same_features(recogniser: Recogniser, finder: FaceDetector, picture: Image) -> None:
    face = largest(finder, picture)
    assert np.array_equal(recogniser.extract(picture, face), recogniser.extract(picture, face))


def test_extracting_leaves_the_picture_as_it_was(recogniser: Recogniser, finder: FaceDetector, picture: Image) -> None:
    before = picture.copy()
    recogniser.extract(picture, largest(finder, picture))
    assert np.array_equal(picture, before)


def darker(image: Image) -> Image:
    return np.asarray(image // 2 + 20, dtype=np.uint8)


def smaller(image: Image) -> Image:
    return np.asarray(cv2.resize(image, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def compressed(image: Image) -> Image:
    return read_image(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])[1].tobytes())


def leaning(image: Image) -> Image:
    turn = cv2.getRotationMatrix2D((224, 120), 15, 1)
    return np.asarray(cv2.warpAffine(image, turn, (512, 512)), dtype=np.uint8)


@pytest.mark.parametrize("change", [darker, smaller, compressed, leaning], ids=lambda change: change.__name__)
def test_one_person_matches_in_changed_pictures(
    recogniser: Recogniser, finder: FaceDetector, picture: Image, change: Callable[[Image], Image]
) -> None:
    changed = change(picture)
    one, other = (
        mean_features(recogniser.name, [recogniser.extract(image, largest(finder, image))])
        for image in (picture, changed)
    )
    assert score(one, other) > STATED[recogniser.name][-1].threshold


def test_a_face_at_the_edge_of_the_picture_gives_features_too(
    recogniser: Recogniser, finder: FaceDetector, picture: Image
) -> None:
    half = np.ascontiguousarray(picture[:, 200:])
    faces = finder.detect(half)
    assert faces
    assert recogniser.extract(half, faces[0]).shape == (128,)


def test_each_recogniser_states_its_false_match_rates_from_many_to_few(recogniser: Recogniser) -> None:
    stated = STATED[recogniser.name]
    assert [one.threshold for one in stated] == sorted(one.threshold for one in stated)
    assert [one.fmr for one in stated] == sorted((one.fmr for one in stated), reverse=True)


def test_features_of_different_recognisers_are_never_compared(finder: FaceDetector, picture: Image) -> None:
    face = largest(finder, picture)
    networks = [open_recogniser(kind, MODELS) for kind in KINDS]
    one, other = (mean_features(network.name, [network.extract(picture, face)]) for network in networks)
    with pytest.raises(InputError) as refused:
        score(one, other)
    assert refused.value.kind == "other_model"


def persons() -> Iterator[list[Image]]:
    folders = sorted(path for path in (SHARED_DATA / "faces" / "lfw").iterdir() if len(list(path.iterdir())) > 1)
    for folder in folders[:40]:
        yield [read_image(file.read_bytes()) for file in sorted(folder.iterdir())[:2]]


@pytest.mark.shared_data
def test_persons_match_themselves_and_nobody_else(recogniser: Recogniser, finder: FaceDetector) -> None:
    vectors = np.array(
        [[recogniser.extract(image, largest(finder, image)) for image in pictures] for pictures in persons()]
    )
    scores = vectors[:, 0] @ vectors[:, 1].T
    same, different = np.diag(scores), scores[~np.eye(len(scores), dtype=bool)]
    at_one_in_thousand = STATED[recogniser.name][0].threshold
    assert np.mean(same >= at_one_in_thousand) >= 0.85
    assert np.mean(different >= at_one_in_thousand) <= 0.005
