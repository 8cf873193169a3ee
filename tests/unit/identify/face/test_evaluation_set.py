"""Which pictures belong to whom, and how they become samples."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.evaluation_set import acquire, find_gallery, find_pictures
from kiosk.identify.face.image import Image


def write_picture(path: Path, brightness: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((64, 64, 3), brightness, dtype=np.uint8))


def face_at(left: float, top: float, side: float) -> DetectedFace:
    return DetectedFace((left, top, side, side), np.zeros((5, 2), dtype=np.float32), 0.9)


@dataclass
class Detector:
    """Finds the same faces in each picture that is not black."""

    faces: tuple[DetectedFace, ...]

    def detect(self, image: Image) -> list[DetectedFace]:
        return list(self.faces) if image.any() else []


class LooksAtBrightness:
    """Turns its direction with the brightness, and remembers which face it was given."""

    name = "brightness"

    def __init__(self) -> None:
        self.given: list[float] = []

    def extract(self, image: Image, face: DetectedFace) -> NDArray[np.float32]:
        self.given.append(face.box[2])
        angle = np.radians(float(image.mean()))
        vector = np.zeros(128, dtype=np.float32)
        vector[:2] = np.cos(angle), np.sin(angle)
        return vector


ONE_FACE = Detector((face_at(22, 22, 20),))


def test_persons_and_sessions_are_folders(tmp_path: Path) -> None:
    for name in ("b/session-2/1.png", "b/session-1/2.PNG", "a/3.jpg", "a/notes.txt", "4.jpg", "a/other/5.jpg"):
        write_picture(tmp_path / Path(name).with_suffix(".png"))
        (tmp_path / Path(name).with_suffix(".png")).rename(tmp_path / name)
    found = [(picture.person, picture.session, picture.path.name) for picture in find_pictures(tmp_path)]
    assert found == [("a", "", "3.jpg"), ("b", "session-1", "2.PNG"), ("b", "session-2", "1.png")]


def test_in_a_gallery_each_picture_is_a_person(tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "below/3.png"):
        write_picture(tmp_path / name)
    assert [picture.person for picture in find_gallery(tmp_path)] == ["1.png", "2.png"]


@pytest.mark.parametrize("look", [find_pictures, find_gallery])
def test_a_folder_without_pictures_is_refused(tmp_path: Path, look: object) -> None:
    assert callable(look)
    with pytest.raises(InputError, match="holds no"):
        look(tmp_path)


def test_what_shows_no_face_or_is_damaged_is_a_failure_to_acquire(tmp_path: Path) -> None:
    write_picture(tmp_path / "a/1.png")
    write_picture(tmp_path / "a/2.png", brightness=0)
    (tmp_path / "a/3.jpg").write_bytes(b"no picture")
    seen: list[None] = []
    samples = acquire(find_pictures(tmp_path), ONE_FACE, LooksAtBrightness(), each=lambda: seen.append(None))
    assert (samples.pictures, samples.failures, len(samples.vectors), len(seen)) == (3, 2, 1, 3)


def test_without_any_face_there_are_no_samples(tmp_path: Path) -> None:
    write_picture(tmp_path / "a/1.png")
    samples = acquire(find_pictures(tmp_path), Detector(()), LooksAtBrightness())
    assert samples.vectors.shape == (0, 128)
    assert samples.sessions is None


def test_a_sample_is_the_mean_of_successive_pictures_of_one_session(tmp_path: Path) -> None:
    for name, brightness in {
        "a/session-1/1": 10,
        "a/session-1/2": 30,
        "a/session-1/3": 50,
        "a/session-2/4": 90,
    }.items():
        write_picture(tmp_path / f"{name}.png", brightness)
    write_picture(tmp_path / "b/session-1/5.png", 120)
    samples = acquire(find_pictures(tmp_path), ONE_FACE, LooksAtBrightness(), frames=2)
    angles = np.degrees(np.arctan2(samples.vectors[:, 1], samples.vectors[:, 0]))
    assert angles == pytest.approx([20, 50, 90, 120], abs=0.1)
    assert samples.persons.tolist() == [0, 0, 0, 1]
    assert samples.sessions is not None
    assert samples.sessions.tolist() == [0, 0, 1, 0]


def test_of_several_faces_neither_the_poster_nor_who_stands_at_the_edge(tmp_path: Path) -> None:
    write_picture(tmp_path / "a/1.png")
    recogniser = LooksAtBrightness()
    acquire(find_pictures(tmp_path), Detector((face_at(0, 0, 26), face_at(20, 20, 25), face_at(30, 30, 4))), recogniser)
    assert recogniser.given == [25]
