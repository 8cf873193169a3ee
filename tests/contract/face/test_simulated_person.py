"""The simulated person before the real detector and recogniser, through a whole capture."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.devices import SimulatedCamera
from kiosk.hardware.simulated.faces import SimulatedAttackDetector, SimulatedHead
from kiosk.identify.face.capture import Capture, capture_limits
from kiosk.identify.face.eyes import FaceEyes, open_eyes
from kiosk.identify.face.presence import Presence
from kiosk.identify.face.same_face import SameFaceLimits
from kiosk.model.face import AttackOutcome, FaceGuide, FaceTrouble, Turn
from kiosk.ports.devices import HeldFace
from kiosk.settings.sections import FaceSettings
from tests.support.face_scene import attempt
from tests.support.small_hospital import SetClock


class Kiosk:
    """A simulated camera, and what looks through it."""

    def __init__(self, folder: Path, models: Path) -> None:
        self.bench = FileBench(folder)
        self.camera = SimulatedCamera(self.bench)
        self.clock = SetClock()
        settings = FaceSettings()
        self.eyes: FaceEyes = open_eyes(
            settings,
            models,
            attack_detector=SimulatedAttackDetector(self.bench),
            head=SimulatedHead(self.bench),
        )
        self.capture = Capture(attempt(Turn.LEFT, Turn.RIGHT), self.eyes, capture_limits(settings), self.clock)

    def run(self) -> list[FaceGuide]:
        """What was asked, until the end."""
        asked: list[FaceGuide] = []
        while not self.capture.ended:
            self.clock.seconds += 0.12
            guide = self.capture.look(self.camera.frame()).guide
            asked += [] if asked[-1:] == [guide] else [guide]
        return asked


def _pixels(picture: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(picture, dtype=np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


@pytest.fixture
def kiosk(tmp_path: Path, models: Path) -> Kiosk:
    return Kiosk(tmp_path, models)


def test_who_turns_the_head_is_captured(kiosk: Kiosk, portrait: bytes) -> None:
    kiosk.bench.hold_face(portrait, HeldFace.TURNS_HEAD)
    asked = kiosk.run()
    assert asked == [
        FaceGuide.HOLD_STILL,
        FaceGuide.TURN_LEFT,
        FaceGuide.TURN_RIGHT,
        FaceGuide.LOOK,
        FaceGuide.DONE,
    ]
    assert kiosk.capture.sample is not None
    assert kiosk.capture.sample.attack is AttackOutcome.LIVE
    assert kiosk.capture.sample.turns == (Turn.LEFT, Turn.RIGHT)


@pytest.mark.parametrize("named", [True, False])
def test_a_photograph_is_an_attack_named_so_or_not(kiosk: Kiosk, portrait: bytes, *, named: bool) -> None:
    if named:
        kiosk.bench.hold_face(portrait, HeldFace.PRINT)
    else:
        # near, as a person; held up as anything else it is too small to be one
        kiosk.bench.hold_up(cv2.imencode(".png", cv2.resize(_pixels(portrait), (680, 680)))[1].tobytes())
    kiosk.run()
    assert kiosk.capture.sample is not None
    assert kiosk.capture.sample.attack is AttackOutcome.ATTACK


def test_who_cannot_turn_is_asked_until_the_time_is_over(kiosk: Kiosk, portrait: bytes) -> None:
    kiosk.bench.hold_face(portrait, HeldFace.CANNOT_TURN)
    assert kiosk.run() == [FaceGuide.HOLD_STILL, FaceGuide.TURN_LEFT, FaceGuide.WAIT]
    assert kiosk.capture.trouble is FaceTrouble.TOO_LATE


def test_who_walks_away_has_left(kiosk: Kiosk, portrait: bytes) -> None:
    kiosk.bench.hold_face(portrait, HeldFace.WALKS_AWAY)
    kiosk.run()
    assert kiosk.capture.trouble is FaceTrouble.LEFT
    assert kiosk.bench.state().face is None


def test_two_people_are_asked_to_be_one(kiosk: Kiosk, portrait: bytes) -> None:
    both = cv2.imencode(".png", np.hstack([_pixels(portrait)[:, 100:400]] * 2))[1].tobytes()
    kiosk.bench.hold_face(both, HeldFace.TURNS_HEAD)
    assert kiosk.run() == [FaceGuide.ONE_PERSON, FaceGuide.WAIT]
    assert kiosk.capture.trouble is FaceTrouble.TOO_LATE


def test_who_stays_is_present_until_the_picture_is_taken_away(kiosk: Kiosk, portrait: bytes) -> None:
    kiosk.bench.hold_face(portrait, HeldFace.TURNS_HEAD)
    kiosk.run()
    assert kiosk.capture.sample is not None
    presence = Presence(kiosk.capture.sample.features, kiosk.eyes, SameFaceLimits(), kiosk.clock)
    for _ in range(10):
        kiosk.clock.seconds += 0.5
        assert presence.look(kiosk.camera.frame())
    kiosk.bench.hold_up(None)
    for _ in range(5):
        kiosk.clock.seconds += 0.5
        presence.look(kiosk.camera.frame())
    assert presence.trouble is FaceTrouble.LEFT


def test_a_bench_says_what_its_person_does(kiosk: Kiosk, portrait: bytes) -> None:
    kiosk.bench.hold_face(portrait, HeldFace.CANNOT_TURN)
    assert kiosk.bench.state().face is HeldFace.CANNOT_TURN
    kiosk.bench.hold_face(portrait, HeldFace.TURNS_HEAD)
    assert kiosk.camera.frame() == kiosk.bench.picture()
    kiosk.bench.hold_up(portrait)
    assert kiosk.bench.state().face is None
