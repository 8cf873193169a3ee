"""How often attack detection errs on frames of known origin (ISO/IEC 30107-3): counts, never a rate alone."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import comb
from pathlib import Path

from kiosk.errors import InputError
from kiosk.identify.face.eyes import Detector
from kiosk.identify.face.image import read_image
from kiosk.identify.face.presentation_attack import FRAMES, AttackDetector, outcome
from kiosk.model.face import AttackOutcome

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
_UNSURE = 0.05


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """One file.

    Attributes:
        person: the name of the folder that it lies in; empty in a flat folder.
        session: of the folders below that.
    """

    person: str
    session: str
    path: Path


@dataclass(frozen=True, slots=True)
class Score:
    """Liveness of one frame; None where it cannot be read or shows no face."""

    frame: Frame
    liveness: float | None


@dataclass(frozen=True, slots=True)
class Errors:
    """So many of so many.

    Attributes:
        at_most: upper bound of the rate, one-sided, 95 % (Clopper and Pearson); of frames of one person it says less
            than it seems, since they resemble each other.
    """

    count: int
    of: int

    @property
    def rate(self) -> float:
        """Their share."""
        return self.count / self.of if self.of else 0.0

    @property
    def at_most(self) -> float:
        """Upper bound of the share."""
        low, high = self.rate, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if _chance_of_so_few(self, middle) > _UNSURE else (low, middle)
        return high


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Errors in one kind of presentation.

    Attributes:
        frames: single ones against the threshold for a live person.
        captures: five successive frames of a session, by their median, as the kiosk decides.
        persons: those with at least one capture in error; of flat folders, one.
        doubtful: captures that are neither live nor an attack; never accepted.
        not_judged: frames that cannot be read or show no face; they are in no other count.
    """

    frames: Errors
    captures: Errors
    persons: Errors
    doubtful: int
    not_judged: int


def find_frames(folder: Path) -> list[Frame]:
    """All JPEG and PNG files below a folder, by person and session.

    Raises:
        InputError: kind ``no_pictures``, field ``dir``.
    """
    frames = []
    for path in folder.rglob("*"):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            person, *sessions = (*path.relative_to(folder).parts[:-1], "")
            frames.append(Frame(person, "/".join(sessions), path))
    if not frames:
        raise InputError("no_pictures", "dir", f"{folder} holds no JPEG or PNG pictures")
    return sorted(frames)


def score_frames(
    frames: Iterable[Frame], detector: Detector, attack_detector: AttackDetector, each: Callable[[], None]
) -> list[Score]:
    """Liveness of the largest face of each frame.

    Args:
        frames: of `find_frames`.
        detector: finds the faces.
        attack_detector: judges them.
        each: called after each frame.
    """
    scores = []
    for frame in frames:
        scores.append(Score(frame, _liveness(frame.path, detector, attack_detector)))
        each()
    return scores


def count_errors(scores: Sequence[Score], live: float, doubtful: float, *, people: bool) -> ErrorCounts:
    """Bona fide presentations refused (BPCER), or attacks accepted (APCER).

    Args:
        scores: of frames of one kind, sorted as `find_frames` gives them.
        live: threshold of a live person, see `presentation_attack.outcome`.
        doubtful: below it is an attack.
        people: whether the frames show people; otherwise attacks.
    """
    seen = [(score.frame, score.liveness) for score in scores if score.liveness is not None]
    wrong_frames = [(liveness >= live) is not people for _, liveness in seen]
    judged: list[tuple[str, AttackOutcome]] = []
    for (person, _), group in groupby(seen, key=lambda one: (one[0].person, one[0].session)):
        values = [liveness for _, liveness in group]
        starts = range(0, len(values) - FRAMES + 1, FRAMES)
        judged += [(person, outcome(values[start : start + FRAMES], live, doubtful)) for start in starts]
    wrong = [person for person, said in judged if (said is AttackOutcome.LIVE) is not people]
    return ErrorCounts(
        frames=Errors(sum(wrong_frames), len(wrong_frames)),
        captures=Errors(len(wrong), len(judged)),
        persons=Errors(len(set(wrong)), len({person for person, _ in judged})),
        doubtful=sum(said is AttackOutcome.DOUBTFUL for _, said in judged),
        not_judged=len(scores) - len(seen),
    )


def _liveness(path: Path, detector: Detector, attack_detector: AttackDetector) -> float | None:
    try:
        image = read_image(path.read_bytes())
    except (InputError, OSError):
        return None
    faces = detector.detect(image)
    return attack_detector.liveness(image, faces[0]) if faces else None


def _chance_of_so_few(errors: Errors, rate: float) -> float:
    """Of a binomial distribution: that there are no more errors than these."""
    return sum(comb(errors.of, n) * rate**n * (1 - rate) ** (errors.of - n) for n in range(errors.count + 1))
