"""Comparison scores of features, and the false match rates of thresholds. A score is neither quality nor decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.model.face import VECTOR_BYTES, VECTOR_VALUES, FaceFeatures

_LITTLE_ENDIAN = np.dtype("<f4")
_LENGTH_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class StatedThreshold:
    """A threshold whose error rate was measured.

    Attributes:
        threshold: scores from here on are a match.
        fmr: false match rate on photographs of public persons (LFW), any two persons.
        fmr_pessimistic: the same among South-East Asians of one sex in pictures of mixed quality; None: not measured.
    """

    threshold: float
    fmr: float
    fmr_pessimistic: float | None = None


STATED: Mapping[str, tuple[StatedThreshold, ...]] = MappingProxyType(
    {
        "sface-2021dec": (
            StatedThreshold(0.363, 9e-4, 7e-3),
            StatedThreshold(0.45, 1.8e-5, 3.2e-4),
            StatedThreshold(0.50, 1.3e-6, 4.9e-5),
            StatedThreshold(0.55, 2.2e-7, 5e-6),
        ),
        # on faces that YuNet found, 2.2 million pairs of different persons: about where SFace has the same rates
        "dlib-resnet-v1": (
            StatedThreshold(0.929, 9e-4),
            StatedThreshold(0.944, 1e-4),
            StatedThreshold(0.954, 1.8e-5),
        ),
    }
)
"""By the model's name, the lowest threshold first. `docs/reference/face-evaluation.md` says how they were measured."""


def score(probe: FaceFeatures, reference: FaceFeatures) -> float:
    """The comparison score: their cosine, -1 to 1, the same in either order.

    Raises:
        InputError: kind ``other_model`` or ``bad_features``, field ``features``.
    """
    if probe.model != reference.model:
        raise InputError("other_model", "features", "features of different recognisers cannot be compared")
    return float(np.clip(to_array(probe) @ to_array(reference), -1, 1))


def mean_features(model: str, vectors: Sequence[NDArray[np.float32]]) -> FaceFeatures:
    """The features of several pictures of one face: the mean of unit vectors, again of length one.

    Raises:
        InputError: kind ``bad_features``, field ``features``: none, of another size, not finite, or cancelling out.
    """
    if not vectors or any(vector.shape != (VECTOR_VALUES,) for vector in vectors):
        raise _bad_features()
    mean = unit(np.mean([unit(vector) for vector in vectors], axis=0))
    return FaceFeatures(model, mean.astype(_LITTLE_ENDIAN).tobytes())


def to_array(features: FaceFeatures) -> NDArray[np.float32]:
    """The vector, to be read only.

    Raises:
        InputError: kind ``bad_features``, field ``features``: not 128 finite numbers of length one.
    """
    if len(features.vector) != VECTOR_BYTES:
        raise _bad_features()
    vector = np.frombuffer(features.vector, dtype=_LITTLE_ENDIAN)
    within = bool(np.all(np.abs(vector) < 1 + _LENGTH_TOLERANCE))
    if not within or not abs(float(np.linalg.norm(vector)) - 1) < _LENGTH_TOLERANCE:
        raise _bad_features()
    return vector


def unit(vector: NDArray[np.floating]) -> NDArray[np.float32]:
    """The same direction, of length one.

    Raises:
        InputError: kind ``bad_features``, field ``features``: zero or not finite.
    """
    wide = vector.astype(np.float64)
    largest = float(np.max(np.abs(wide), initial=0))
    if not 0 < largest < np.inf:
        raise _bad_features()
    wide /= largest
    return (wide / np.linalg.norm(wide)).astype(np.float32)


def _bad_features() -> InputError:
    return InputError("bad_features", "features", f"expected {VECTOR_VALUES} finite numbers that are not all zero")
