import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.identify.face.comparison import mean_features, score, to_array, unit
from kiosk.model.face import VECTOR_BYTES, FaceFeatures

Vector = NDArray[np.float32]

numbers = st.floats(-1000, 1000, width=32, allow_subnormal=False)
vectors = arrays(np.float32, 128, elements=numbers).filter(lambda vector: float(np.max(np.abs(vector))) > 1e-3)


def features(*several: Vector, model: str = "invented") -> FaceFeatures:
    return mean_features(model, several)


@given(vectors)
def test_features_have_length_one(vector: Vector) -> None:
    assert np.linalg.norm(to_array(features(vector))) == pytest.approx(1, abs=1e-5)


@given(vectors)
def test_a_face_scores_one_against_itself(vector: Vector) -> None:
    assert score(features(vector), features(vector)) == pytest.approx(1, abs=1e-5)


@given(vectors, vectors)
def test_a_score_is_the_same_in_either_order(one: Vector, other: Vector) -> None:
    assert score(features(one), features(other)) == score(features(other), features(one))


@given(vectors, vectors)
def test_a_score_lies_between_minus_one_and_one(one: Vector, other: Vector) -> None:
    assert -1 <= score(features(one), features(other)) <= 1


@given(vectors, st.floats(0.01, 100))
def test_how_long_a_vector_was_changes_nothing(vector: Vector, factor: float) -> None:
    longer = (vector * np.float32(factor)).astype(np.float32)
    assert score(features(vector), features(longer)) == pytest.approx(1, abs=1e-4)


@given(vectors, st.integers(1, 6))
def test_the_mean_of_equal_pictures_is_that_picture(vector: Vector, count: int) -> None:
    assert np.allclose(to_array(features(*[vector] * count)), unit(vector), atol=1e-6)


@given(st.permutations(range(4)), st.integers(0, 2**32 - 1))
def test_the_order_of_pictures_changes_nothing(order: list[int], seed: int) -> None:
    four = np.random.default_rng(seed).normal(size=(4, 128)).astype(np.float32)
    assert np.allclose(to_array(features(*four)), to_array(features(*four[order])), atol=1e-6)


def test_one_bright_picture_weighs_no_more_than_another() -> None:
    one, other = np.eye(128, dtype=np.float32)[:2]
    assert np.allclose(to_array(features(one * 1000, other)), to_array(features(one, other)))


@given(st.floats(-0.99, 0.99))
def test_a_score_is_the_cosine_of_the_angle(cosine: float) -> None:
    one, other = np.zeros((2, 128), dtype=np.float32)
    one[0], other[0], other[1] = 1, cosine, np.sqrt(1 - cosine**2)
    assert score(features(one), features(other)) == pytest.approx(cosine, abs=1e-5)


@pytest.mark.parametrize(
    "bad",
    [
        [],
        [np.zeros(128, dtype=np.float32)],
        [np.full(128, np.nan, dtype=np.float32)],
        [np.full(128, np.inf, dtype=np.float32)],
        [np.ones(127, dtype=np.float32)],
        [np.ones((1, 128), dtype=np.float32)],
        [np.eye(128, dtype=np.float32)[0], -np.eye(128, dtype=np.float32)[0]],
    ],
    ids=["none", "zero", "not a number", "infinite", "too short", "two axes", "cancelling out"],
)
def test_what_is_no_direction_has_no_features(bad: list[Vector]) -> None:
    with pytest.raises(InputError) as refused:
        mean_features("invented", bad)
    assert refused.value.kind == "bad_features"


@given(st.binary(max_size=2 * VECTOR_BYTES).filter(lambda data: len(data) != VECTOR_BYTES))
def test_bytes_of_another_length_are_no_features(data: bytes) -> None:
    with pytest.raises(InputError, match="128"):
        to_array(FaceFeatures("invented", data))


@given(st.binary(min_size=VECTOR_BYTES, max_size=VECTOR_BYTES))
def test_any_bytes_are_no_features(data: bytes) -> None:
    # chance never makes a vector of length one
    with pytest.raises(InputError, match="128"):
        to_array(FaceFeatures("invented", data))


def test_other_models_are_not_compared() -> None:
    vector = np.ones(128, dtype=np.float32)
    with pytest.raises(InputError) as refused:
        score(features(vector), features(vector, model="another"))
    assert refused.value.kind == "other_model"


def test_features_are_not_shown() -> None:
    vector = np.ones(128, dtype=np.float32)
    assert repr(features(vector)) == "FaceFeatures(model='invented')"
