import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.identify.face.identification import MemoryGallery
from kiosk.model.face import VECTOR_VALUES, FaceFeatures, FaceReference
from tests.support.small_hospital import SetClock

MODEL = "sface-2021dec"
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def vectors(count: int, seed: int = 1) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((count, VECTOR_VALUES), dtype=np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def features(vector: NDArray[np.float32], model: str = MODEL) -> FaceFeatures:
    return FaceFeatures(model, vector.astype("<f4").tobytes())


def reference(number: int, seen_at: datetime = NOW, model: str = MODEL) -> FaceReference:
    return FaceReference(f"r-{number}", f"bn-{number}", model, NOW, ("staff:1",), seen_at)


def gallery_of(some: NDArray[np.float32]) -> MemoryGallery:
    gallery = MemoryGallery(SetClock(NOW), capacity=len(some) + 1)
    gallery.load((reference(number), features(vector)) for number, vector in enumerate(some))
    return gallery


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9000), st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_the_likest_are_those_of_a_plain_comparison_with_all(count: int, seed: int, limit: int) -> None:
    some, probe = vectors(count, seed), vectors(1, seed + 1)[0]
    plain = some @ probe

    found = gallery_of(some).search(features(probe), limit=limit)

    best = np.argsort(-plain)[:limit]
    assert [candidate.patient_id for candidate in found.candidates] == [f"bn-{place}" for place in best]
    assert [candidate.score for candidate in found.candidates] == pytest.approx(plain[best].tolist(), abs=1e-5)
    assert found.size == count


def test_an_empty_gallery_finds_nobody() -> None:
    gallery = MemoryGallery(SetClock(NOW), capacity=1)
    probe = features(vectors(1)[0])
    assert gallery.search(probe).candidates == gallery.search(probe, ["bn-1"]).candidates == ()
    assert gallery.search(probe).size == 0


def test_among_named_patients_only_these_are_found() -> None:
    some = vectors(100)
    found = gallery_of(some).search(features(some[7]), among=["bn-3", "bn-4", "bn-4", "nobody"], limit=5)
    assert {candidate.patient_id for candidate in found.candidates} == {"bn-3", "bn-4"}
    assert found.size == 2


def test_who_did_not_come_for_a_year_is_found_only_when_expected() -> None:
    some, gallery = vectors(2), MemoryGallery(SetClock(NOW), capacity=2)
    gallery.put(reference(0, NOW - timedelta(days=366)), features(some[0]))
    gallery.put(reference(1), features(some[1]))
    probe = features(some[0])
    assert [found.patient_id for found in gallery.search(probe).candidates] == ["bn-1"]
    assert gallery.search(probe).size == 1
    assert gallery.search(probe, ["bn-0"]).candidates[0].score == pytest.approx(1)

    gallery.update(reference(0))

    assert gallery.search(probe).candidates[0].patient_id == "bn-0"


def test_features_of_another_recogniser_are_not_compared() -> None:
    some = vectors(2)
    gallery = gallery_of(some)
    gallery.put(reference(2, model="other"), features(some[0], "other"))
    found = gallery.search(features(some[0], "other"), limit=3)
    assert ([candidate.reference_id for candidate in found.candidates], found.size) == (["r-2"], 1)


def test_a_patient_has_one_entry() -> None:
    some = vectors(3)
    gallery = gallery_of(some[:2])
    gallery.put(replace(reference(0), id="r-new"), features(some[2]))
    assert sorted(gallery.holds()) == ["r-1", "r-new"]
    assert gallery.search(features(some[2])).candidates[0].reference_id == "r-new"


@given(st.lists(st.integers(0, 19), max_size=40))
def test_any_order_of_enrolling_and_withdrawing_leaves_those_enrolled(steps: list[int]) -> None:
    """A number that is there is withdrawn, another one is enrolled."""
    some, held = vectors(20), set[int]()
    gallery = MemoryGallery(SetClock(NOW), capacity=20)
    for number in steps:
        if number in held:
            gallery.remove(f"r-{number}")
        else:
            gallery.put(reference(number), features(some[number]))
        held ^= {number}
    assert set(gallery.holds()) == {f"r-{number}" for number in held}
    for number in held:
        assert gallery.search(features(some[number])).candidates[0].patient_id == f"bn-{number}"


def test_what_is_withdrawn_is_overwritten_in_memory() -> None:
    some = vectors(3, seed=5)
    gallery = gallery_of(some)
    assert held_in_anonymous_memory(some[0])
    gallery.remove("r-0")
    gallery.remove("nobody")
    assert not held_in_anonymous_memory(some[0])
    assert held_in_anonymous_memory(some[2])
    gallery.clear()
    assert not held_in_anonymous_memory(some[2])
    assert gallery.holds() == []


def test_the_index_is_in_no_core_dump_and_in_no_child() -> None:
    gallery = MemoryGallery(SetClock(NOW), capacity=100_000)
    flags = [flags for size, flags in mappings() if size >= 100_000 * 512 // 1024 and "dc" in flags]
    assert flags
    assert all("dd" in found for found in flags)
    assert gallery.holds() == []


def test_no_more_than_its_room_is_held() -> None:
    gallery = MemoryGallery(SetClock(NOW), capacity=1)
    some = vectors(2)
    gallery.put(reference(0), features(some[0]))
    with pytest.raises(InputError, match="no more than 1"):
        gallery.put(reference(1), features(some[1]))


@pytest.mark.parametrize("vector", [b"", b"\x00" * 512, b"\xff" * 512, b"\x00" * 511], ids=len)
def test_what_is_no_vector_of_length_one_is_refused(vector: bytes) -> None:
    gallery = gallery_of(vectors(1))
    with pytest.raises(InputError):
        gallery.put(reference(1), FaceFeatures(MODEL, vector))
    with pytest.raises(InputError):
        gallery.search(FaceFeatures(MODEL, vector))


def test_others_search_while_it_changes() -> None:
    some = vectors(600)
    gallery = gallery_of(some)
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            for number in range(300, 600):
                gallery.remove(f"r-{number}")
            for number in range(300, 600):
                gallery.put(reference(number), features(some[number]))

    changer = threading.Thread(target=change)
    changer.start()
    try:
        for number in range(300):
            best = gallery.search(features(some[number])).candidates[0]
            assert best.patient_id == f"bn-{number}"
            assert best.score == pytest.approx(1, abs=1e-5)
    finally:
        stop.set()
        changer.join()


def held_in_anonymous_memory(vector: NDArray[np.float32]) -> bool:
    """Whether the kernel shows it in a mapping that is kept out of core dumps, as only an index is."""
    with Path("/proc/self/mem").open("rb", buffering=0) as memory:
        for start, end in undumped_ranges():
            memory.seek(start)
            if vector.tobytes() in memory.read(end - start):
                return True
    return False


def undumped_ranges() -> list[tuple[int, int]]:
    ranges, current = [], (0, 0)
    for line in Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace").splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            start, end = words[0].split("-")
            current = (int(start, 16), int(end, 16))
        elif words[0] == "VmFlags:" and {"dd", "dc", "rd"} <= set(words):
            ranges.append(current)
    return ranges


def mappings() -> list[tuple[int, list[str]]]:
    """Size in kB and flags of each mapping of this process."""
    found, size = [], 0
    for line in Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace").splitlines():
        words = line.split()
        if words[0] == "Size:":
            size = int(words[1])
        elif words[0] == "VmFlags:":
            found.append((size, words[1:]))
    return found
