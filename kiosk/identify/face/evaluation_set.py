"""The pictures of an evaluation: a folder for each person, with a folder for each session if there were several."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from kiosk.errors import InputError
from kiosk.identify.face.comparison import unit
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.evaluation import Indexes, Scores
from kiosk.identify.face.eyes import Detector
from kiosk.identify.face.feature_extraction import Recogniser
from kiosk.identify.face.image import Image, read_image

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
_SESSION = "session-"
_VALUES = 128


@dataclass(frozen=True, slots=True, order=True)
class Picture:
    """One file.

    Attributes:
        session: its folder's name; empty where it lies beside the sessions, or there are none.
    """

    person: str
    session: str
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What was acquired.

    Attributes:
        vectors: (n, values), each of length one.
        persons: whose each is, numbered from 0 in the order of their names.
        sessions: of which session each is; None where there are no sessions.
        pictures: how many were looked at.
        failures: how many of them could not be read or showed no face (failure to acquire).
    """

    vectors: Scores
    persons: Indexes
    sessions: Indexes | None
    pictures: int
    failures: int


def find_pictures(folder: Path) -> list[Picture]:
    """All pictures of the persons in a folder, by person and session.

    Raises:
        InputError: kind ``no_pictures``, field ``dir``: there is nothing of this form.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        person, *between, _ = path.relative_to(folder).parts if path.parent != folder else ("", "")
        session = between[0] if between else ""
        is_place = person and len(between) <= 1 and (not session or session.startswith(_SESSION))
        if is_place and _is_picture(path):
            found.append(Picture(person, session, path))
    if not found:
        raise InputError("no_pictures", "dir", f"{folder} holds no folder of a person with JPEG or PNG pictures")
    return sorted(found)


def find_gallery(folder: Path) -> list[Picture]:
    """The pictures of a flat folder, each of another person.

    Raises:
        InputError: kind ``no_pictures``, field ``gallery``.
    """
    found = [Picture(path.name, "", path) for path in sorted(folder.iterdir()) if _is_picture(path)]
    if not found:
        raise InputError("no_pictures", "gallery", f"{folder} holds no JPEG or PNG pictures")
    return found


def acquire(
    pictures: Iterable[Picture],
    detector: Detector,
    recogniser: Recogniser,
    *,
    frames: int = 1,
    each: Callable[[], None] = lambda: None,
) -> Samples:
    """Extract the features of each picture's face: of several faces, a large one near the middle.

    Args:
        pictures: sorted by person and session.
        detector: finds the faces.
        recogniser: extracts the features.
        frames: how many successive pictures of a person and session make one sample, as the mean of their features;
            what is left over is a sample, too.
        each: called after each picture.
    """
    ordered = list(pictures)
    vectors = []
    for picture in ordered:
        vectors.append(_features(picture.path, detector, recogniser))
        each()
    taken = [(picture, vector) for picture, vector in zip(ordered, vectors, strict=True) if vector is not None]
    means, whose = [], []
    for key, group in groupby(taken, lambda pair: (pair[0].person, pair[0].session)):
        of_session = [vector for _, vector in group]
        for start in range(0, len(of_session), frames):
            means.append(unit(np.mean(of_session[start : start + frames], axis=0)))
            whose.append(key)
    return _samples(means, whose, len(ordered), len(ordered) - len(taken))


def _samples(means: Sequence[Scores], whose: Sequence[tuple[str, str]], pictures: int, failures: int) -> Samples:
    vectors = np.array(means, dtype=np.float32).reshape(-1, _VALUES)
    persons, sessions = _numbered(person for person, _ in whose), _numbered(session for _, session in whose)
    return Samples(vectors, persons, sessions if any(session for _, session in whose) else None, pictures, failures)


def _numbered(names: Iterable[str]) -> Indexes:
    _, numbers = np.unique(np.array(list(names), dtype=np.str_), return_inverse=True)
    return numbers.astype(np.int32)


def _features(path: Path, detector: Detector, recogniser: Recogniser) -> Scores | None:
    try:
        image = read_image(path.read_bytes())
    except (InputError, OSError):
        return None
    faces = detector.detect(image)
    return recogniser.extract(image, max(faces, key=lambda face: _prominence(image, face))) if faces else None


def _prominence(image: Image, face: DetectedFace) -> float:
    """Its area less twice the squared distance from the middle: neither a poster nor who stands at the edge."""
    height, width = image.shape[:2]
    left, top, across, down = face.box
    aside, below = left + across / 2 - width / 2, top + down / 2 - height / 2
    return float(across * down - 2 * (aside * aside + below * below))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and path.is_file()
