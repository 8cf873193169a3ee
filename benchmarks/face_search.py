"""One exact search of a gallery, beside numpy's bare product, compare_faces and the reading of the same memory."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeAlias

import face_recognition
import numpy as np
from numpy.typing import NDArray

from benchmarks.tables import median, percentile, print_table
from kiosk.identify.face.identification import MemoryGallery
from kiosk.live.clock import SystemClock
from kiosk.model.face import FaceFeatures, FaceReference

AIM = 1.3
CORES = 2
ONE_CORE_BYTES = 16_000_000
"""Below it, waking another core takes longer than its part of the reading."""
ELSEWHERE_BYTES = 256_000_000
"""More than any cache holds."""
MODEL = "sface-2021dec"

Vectors = NDArray[np.float32]
Ways: TypeAlias = Mapping[str, Callable[[], object]]


def print_search(sizes: tuple[int, ...], rounds: int) -> None:
    """A table of all sizes."""
    rows = []
    for size in sizes:
        timed = _timed(size, rounds)
        reading, product = (median(durations) for durations in list(timed.values())[:2])
        for name, durations in timed.items():
            times = min(durations), median(durations), percentile(durations, 95)
            ratios = median(durations) / reading, median(durations) / product
            rows.append((f"{size:,}: {name}", *(f"{number:.2f}" for number in (*times, *ratios))))
    print_table(
        f"One search, {rounds} rounds, ms; aim: {AIM} times the reading of the memory",
        ("gallery", "fastest", "median", "p95", "x reading", "x product"),
        rows,
    )


def filled(size: int) -> MemoryGallery:
    """With directions drawn at random, of persons who came today."""
    gallery, now = MemoryGallery(SystemClock("Asia/Ho_Chi_Minh"), size), datetime.now(UTC)
    gallery.load(
        (
            FaceReference(f"reference-{at}", f"patient-{at}", MODEL, now, ("benchmark",), now),
            FaceFeatures(MODEL, vector.astype("<f4").tobytes()),
        )
        for at, vector in enumerate(_directions(size))
    )
    return gallery


def _timed(size: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds."""
    gallery, vectors = filled(size), _directions(size)
    probe = vectors[size // 2]
    known = [np.asarray(vector, dtype=np.float64) for vector in vectors]
    features = FaceFeatures(MODEL, probe.astype("<f4").tobytes())
    with ThreadPoolExecutor(CORES) as pool:
        ways: Ways = {
            "reading the memory once": lambda: _read(vectors, pool),
            "numpy's bare product": lambda: vectors @ probe,
            "kiosk, the likest two": lambda: gallery.search(features),
            "compare_faces": lambda: face_recognition.compare_faces(known, known[0]),
        }
        return _milliseconds(ways, rounds)


def _milliseconds(ways: Ways, rounds: int) -> dict[str, list[float]]:
    """The ways in turn, each with caches that hold something else: a search comes once in a while."""
    elsewhere = np.ones(ELSEWHERE_BYTES // 8, dtype=np.uint64)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 2):
        for name, way in ways.items():
            np.bitwise_or.reduce(elsewhere)
            start = time.perf_counter()
            way()
            taken[name].append(1000 * (time.perf_counter() - start))
    return {name: durations[2:] for name, durations in taken.items()}


def _read(vectors: Vectors, pool: ThreadPoolExecutor) -> None:
    """By one core or by all, each its part, whichever is faster: what the memory gives."""
    words = vectors.reshape(-1).view(np.uint64)
    if len(words) * words.itemsize < ONE_CORE_BYTES:
        np.bitwise_or.reduce(words)
    else:
        list(pool.map(np.bitwise_or.reduce, np.array_split(words, CORES)))


def _directions(size: int) -> Vectors:
    drawn = np.random.default_rng(1).normal(size=(size, 128)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)
