"""Whole captures on real frames: a person passes, and a printed photograph never does."""

from pathlib import Path

import pytest

from kiosk.identify.face.capture import Capture, capture_limits
from kiosk.identify.face.eyes import FaceEyes, open_eyes
from kiosk.identify.face.presence import Presence
from kiosk.identify.face.same_face import SameFaceLimits
from kiosk.model.face import AttackOutcome, FaceGuide, FaceTrouble, Turn
from kiosk.settings.sections import FaceSettings
from tests.conftest import SHARED_DATA
from tests.support.face_scene import attempt
from tests.support.small_hospital import SetClock

pytestmark = pytest.mark.shared_data

WEBCAM = SHARED_DATA / "faces" / "webcam"


@pytest.fixture(scope="module")
def eyes(models: Path) -> FaceEyes:
    return open_eyes(FaceSettings(), models)


def sessions(kind: str) -> list[list[bytes]]:
    return [[path.read_bytes() for path in sorted(folder.iterdir())] for folder in sorted((WEBCAM / kind).glob("*/*"))]


def captured(eyes: FaceEyes, frames: list[bytes], *turns: Turn) -> Capture:
    clock = SetClock()
    capture = Capture(attempt(*turns), eyes, capture_limits(FaceSettings()), clock)
    for frame in frames:
        clock.seconds += 0.2
        capture.look(frame)
    return capture


def test_people_are_captured_as_live(eyes: FaceEyes) -> None:
    captures = [captured(eyes, frames) for frames in sessions("live")]
    assert [capture.trouble for capture in captures] == [None] * len(captures)
    samples = [capture.sample for capture in captures if capture.sample]
    assert len(samples) == len(captures)
    assert {sample.attack for sample in samples} == {AttackOutcome.LIVE}


def test_prints_never_make_a_live_sample_nor_turn_a_head(eyes: FaceEyes) -> None:
    for frames in sessions("print"):
        capture = captured(eyes, frames, Turn.LEFT, Turn.RIGHT)
        assert capture.sample is None or capture.sample.attack is AttackOutcome.ATTACK
        assert capture.state.guide not in {FaceGuide.TURN_LEFT, FaceGuide.TURN_RIGHT, FaceGuide.LOOK}


def test_a_real_person_who_changes_with_another_is_noticed(eyes: FaceEyes) -> None:
    first, *_, other = sessions("live")
    sample = captured(eyes, first).sample
    assert sample is not None
    clock = SetClock()
    presence = Presence(sample.features, eyes, SameFaceLimits(), clock)
    for frame in first[-8:]:
        clock.seconds += 0.5
        assert presence.look(frame)
    for frame in other[:5]:
        clock.seconds += 0.5
        presence.look(frame)
    assert presence.trouble is FaceTrouble.SWAPPED
