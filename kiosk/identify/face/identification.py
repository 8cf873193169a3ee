"""Identification (1:N): an exact search among references in memory that is never swapped, dumped or inherited."""

import mmap
import threading
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.identify.face.comparison import to_array
from kiosk.model.face import (
    LARGEST_GALLERY,
    VECTOR_BYTES,
    VECTOR_VALUES,
    Candidate,
    CandidateList,
    FaceFeatures,
    FaceReference,
)
from kiosk.ports.time import Clock

SEARCHED_FOR = timedelta(days=365)
"""After the patient last came: whoever is searched for longer is found by strangers, not by themselves."""

_AT_ONCE = 1000
"""References that are added before others may search again."""
_LENGTH_TOLERANCE = 1e-3
_ASIDE = 16
"""Where the matrix begins: at the start of a cache line, a product takes a tenth longer (measured)."""


class MemoryGallery:
    """References by row of one matrix, at most one for each patient; any thread may use it.

    Args:
        clock: for the rule of twelve months.
        capacity: how many references it has room for; the room is taken as they come.
    """

    def __init__(self, clock: Clock, capacity: int = LARGEST_GALLERY) -> None:
        self._clock = clock
        self._memory = _private_memory(_ASIDE + capacity * VECTOR_BYTES)
        values = np.frombuffer(self._memory, dtype=np.float32, offset=_ASIDE)
        self._matrix = values.reshape(capacity, VECTOR_VALUES)
        self._scores = np.empty(capacity, dtype=np.float32)
        self._seen = np.zeros(capacity, dtype=np.uint32)
        self._model = np.zeros(capacity, dtype=np.int16)
        self._models: list[str] = []
        self._references: list[FaceReference] = []
        self._rows: dict[str, int] = {}
        self._rows_of_patients: dict[str, int] = {}
        self._lock = threading.Lock()

    def load(self, references: Iterable[tuple[FaceReference, FaceFeatures]]) -> None:
        """Take over references; those of before are forgotten. Others may search meanwhile.

        Raises:
            InputError: see `put`.
        """
        self.clear()
        rest = iter(references)
        while some := list(islice(rest, _AT_ONCE)):
            self._append(some)

    def put(self, reference: FaceReference, features: FaceFeatures) -> None:
        """Add a reference, in place of another one of the same patient.

        Raises:
            InputError: kind ``gallery_full``, or ``bad_features``: not 128 finite numbers of length one.
        """
        self._append([(reference, features)])

    def _append(self, some: Sequence[tuple[FaceReference, FaceFeatures]]) -> None:
        vectors = _to_matrix([features for _, features in some])
        with self._lock:
            for (reference, features), vector in zip(some, vectors, strict=True):
                other = self._rows_of_patients.get(reference.patient_id)
                if other is not None:
                    self._clear_row(other)
                row = len(self._references)
                if row == len(self._matrix):
                    raise InputError("gallery_full", None, f"no more than {row} references can be searched")
                self._references.append(reference)
                self._matrix[row] = vector
                self._model[row] = self._number_of(features.model)
                self._place(reference, row)

    def update(self, reference: FaceReference) -> None:
        """Take over what changed about one that is held, but for its features."""
        with self._lock:
            row = self._rows.get(reference.id)
            if row is not None:
                self._place(reference, row)

    def remove(self, reference_id: str) -> None:
        """Forget one; its features are overwritten."""
        with self._lock:
            row = self._rows.get(reference_id)
            if row is not None:
                self._clear_row(row)

    def clear(self) -> None:
        """Forget all; their features are overwritten."""
        with self._lock:
            self._matrix[: len(self._references)] = 0
            self._references.clear()
            self._rows.clear()
            self._rows_of_patients.clear()

    def holds(self) -> Sequence[str]:
        """The ids of the references in it."""
        with self._lock:
            return list(self._rows)

    def search(self, probe: FaceFeatures, among: Collection[str] | None = None, limit: int = 2) -> CandidateList:
        """See the port `FaceGallery`.

        Raises:
            InputError: see `comparison.to_array`.
        """
        vector = to_array(probe)
        with self._lock:
            scores = self._score(vector)
            left_out = self._left_out(among) | self._of_another_model(probe.model)
            np.copyto(scores, -np.inf, where=left_out)
            found = tuple(self._candidate(row, score) for row, score in _highest(scores, limit))
            return CandidateList(len(scores) - int(np.count_nonzero(left_out)), found)

    def alike(self, probe: FaceFeatures, threshold: float) -> CandidateList:
        """See the port `FaceGallery`.

        Raises:
            InputError: see `comparison.to_array`.
        """
        vector = to_array(probe)
        with self._lock:
            scores = self._score(vector)
            np.copyto(scores, -np.inf, where=self._of_another_model(probe.model))
            rows = np.flatnonzero(scores >= threshold)
            found = (self._candidate(int(row), float(scores[row])) for row in rows)
            ranked = sorted(found, key=lambda candidate: candidate.score, reverse=True)
            return CandidateList(len(scores), tuple(ranked))

    def _left_out(self, among: Collection[str] | None) -> NDArray[np.bool_]:
        """By row: whoever is not asked for."""
        size = len(self._references)
        if among is None:
            since = (self._clock.now() - SEARCHED_FOR).timestamp()
            return self._seen[:size] < np.uint32(max(0.0, since))
        left_out = np.ones(size, dtype=bool)
        left_out[[row for patient in among if (row := self._rows_of_patients.get(patient)) is not None]] = False
        return left_out

    def _of_another_model(self, model: str) -> NDArray[np.bool_] | np.bool_:
        """By row; one answer for all of them where one model is all there is."""
        number = self._number_of(model)
        return self._model[: len(self._references)] != number if len(self._models) > 1 else np.False_

    def _score(self, probe: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of all, even where few are asked for: picking rows out would copy them to where nobody overwrites them."""
        scores = self._scores[: len(self._references)]
        # in one product: between blocks, BLAS's threads would wait for each other (measured)
        np.dot(self._matrix[: len(scores)], probe, out=scores)
        return scores

    def _candidate(self, row: int, score: float) -> Candidate:
        reference = self._references[row]
        return Candidate(reference.patient_id, reference.id, min(1.0, max(-1.0, score)))

    def _number_of(self, model: str) -> int:
        if model not in self._models:
            self._models.append(model)
        return self._models.index(model)

    def _place(self, reference: FaceReference, row: int) -> None:
        self._references[row] = reference
        self._seen[row] = max(0.0, reference.seen_at.timestamp())
        self._rows[reference.id] = row
        self._rows_of_patients[reference.patient_id] = row

    def _clear_row(self, row: int) -> None:
        """The last row takes its place, so that those in use stay together."""
        gone, last = self._references[row], len(self._references) - 1
        del self._rows[gone.id], self._rows_of_patients[gone.patient_id]
        moved = self._references.pop()
        if row != last:
            self._matrix[row] = self._matrix[last]
            self._model[row] = self._model[last]
            self._place(moved, row)
        self._matrix[last] = 0


def _highest(scores: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
    """Places and values of the highest scores, the best first; they are struck out, one after the other."""
    found: list[tuple[int, float]] = []
    while len(found) < limit and len(scores):
        place = int(scores.argmax())
        if scores[place] == -np.inf:
            break
        found.append((place, float(scores[place])))
        scores[place] = -np.inf
    return found


def _to_matrix(some: Sequence[FaceFeatures]) -> NDArray[np.float32]:
    """All at once, which for a whole gallery takes a tenth of the time of one by one."""
    if any(len(features.vector) != VECTOR_BYTES for features in some):
        raise _bad_features()
    vectors = np.frombuffer(b"".join(features.vector for features in some), dtype="<f4").reshape(-1, VECTOR_VALUES)
    if not np.all(np.abs(np.linalg.norm(vectors, axis=1) - 1) < _LENGTH_TOLERANCE):
        raise _bad_features()
    return vectors


def _bad_features() -> InputError:
    return InputError("bad_features", "features", f"expected {VECTOR_VALUES} finite numbers of length one")


def _private_memory(size: int) -> mmap.mmap:
    """Of this process alone: in no core dump, and not in the memory of its children. The units forbid swapping."""
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_DONTDUMP)
    # fewer and larger pages: a search reads all of it, in two thirds of the time
    memory.madvise(mmap.MADV_HUGEPAGE)
    memory.madvise(mmap.MADV_DONTFORK)
    return memory
