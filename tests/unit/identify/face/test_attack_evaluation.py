from pathlib import Path

import pytest

from kiosk.errors import InputError
from kiosk.identify.face.attack_evaluation import Errors, Frame, Score, count_errors, find_frames, score_frames
from tests.support.face_scene import Scene, face, picture

LIVE, DOUBTFUL = 0.8, 0.5


def scores(*values: float | None, person: str = "p", session: str = "s") -> list[Score]:
    return [Score(Frame(person, session, Path(f"{n:02}.jpg")), value) for n, value in enumerate(values)]


def test_a_print_that_passes_is_an_error_by_frame_before_it_is_one_by_capture() -> None:
    counts = count_errors(scores(0.9, 0.9, 0, 0, 0), LIVE, DOUBTFUL, people=False)
    assert (counts.frames, counts.captures, counts.persons) == (Errors(2, 5), Errors(0, 1), Errors(0, 1))


def test_a_person_is_in_error_with_one_capture_of_many() -> None:
    frames = scores(*[0.9] * 5, person="a") + scores(*[0.0] * 5, *[0.9] * 5, *[0.9] * 5, person="b")
    counts = count_errors(frames, LIVE, DOUBTFUL, people=True)
    assert (counts.captures, counts.persons) == (Errors(1, 4), Errors(1, 2))


def test_who_is_doubtful_is_refused_but_is_no_accepted_attack() -> None:
    frames = scores(*[0.6] * 5)
    people, attacks = (count_errors(frames, LIVE, DOUBTFUL, people=kind) for kind in (True, False))
    assert (people.captures, people.doubtful) == (Errors(1, 1), 1)
    assert (attacks.captures, attacks.doubtful) == (Errors(0, 1), 1)


def test_captures_do_not_mix_sessions_or_persons() -> None:
    frames = scores(*[0.9] * 4, session="1") + scores(*[0.9] * 4, session="2")
    assert count_errors(frames, LIVE, DOUBTFUL, people=True).captures == Errors(0, 0)


def test_frames_without_a_face_are_counted_apart() -> None:
    counts = count_errors(scores(None, *[0.9] * 5, None), LIVE, DOUBTFUL, people=True)
    assert (counts.not_judged, counts.frames, counts.captures) == (2, Errors(0, 5), Errors(0, 1))


@pytest.mark.parametrize(
    ("count", "of", "bound"), [(0, 440, 0.00678), (0, 5, 0.45072), (2, 360, 0.01739), (5, 5, 1.0), (0, 0, 1.0)]
)
def test_the_upper_bound_is_that_of_clopper_and_pearson(count: int, of: int, bound: float) -> None:
    assert Errors(count, of).at_most == pytest.approx(bound, abs=2e-5)


def test_frames_lie_in_folders_of_persons_and_sessions_or_flat(tmp_path: Path) -> None:
    for name in ("a/session-1/2.jpg", "a/session-1/1.JPG", "b/3.png", "4.jpeg", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [(frame.person, frame.session.strip("/"), frame.path.name) for frame in find_frames(tmp_path)] == [
        ("", "", "4.jpeg"),
        ("a", "session-1", "1.JPG"),
        ("a", "session-1", "2.jpg"),
        ("b", "", "3.png"),
    ]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no JPEG or PNG") as refused:
        find_frames(tmp_path / "print")
    assert refused.value.kind == "no_pictures"


def test_each_frame_is_scored_once_and_a_damaged_one_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(picture())
    (tmp_path / "2.jpg").write_bytes(b"damaged")
    eyes, steps = Scene(faces=[face()], liveness=[0.7]).eyes, []
    scored = score_frames(find_frames(tmp_path), eyes.detector, eyes.attack_detector, lambda: steps.append(1))
    assert [score.liveness for score in scored] == [0.7, None]
    assert len(steps) == 2
