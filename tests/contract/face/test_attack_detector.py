"""What attack detection owes, for the network on real frames and for the simulated person alike."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Protocol

import numpy as np
import pytest

from kiosk.hardware.simulated.bench import FileBench
from kiosk.hardware.simulated.devices import SimulatedCamera
from kiosk.hardware.simulated.faces import SimulatedAttackDetector, SimulatedHead
from kiosk.identify.face.detection import DetectedFace, FaceDetector
from kiosk.identify.face.head_turns import HeadYaw, LandmarkYaw
from kiosk.identify.face.image import Image, read_image
from kiosk.identify.face.presentation_attack import FRAMES, AttackDetector, NetworkAttackDetector, outcome
from kiosk.identify.face.weights import find
from kiosk.model.face import AttackOutcome
from kiosk.ports.devices import HeldFace
from kiosk.settings.sections import FaceSettings
from tests.conftest import SHARED_DATA


class Booth(Protocol):
    """A detector, and who may stand before it."""

    @property
    def attack_detector(self) -> AttackDetector: ...

    @property
    def head(self) -> HeadYaw: ...

    def people(self) -> list[list[Image]]:
        """Five pictures or more of each live person."""

    def prints(self) -> list[list[Image]]:
        """The same of printed photographs."""


class SimulatedBooth:
    def __init__(self, folder: Path, portrait: bytes) -> None:
        self._bench = FileBench(folder)
        self._camera = SimulatedCamera(self._bench)
        self._portrait = portrait
        self.attack_detector = SimulatedAttackDetector(self._bench)
        self.head = SimulatedHead(self._bench)

    def people(self) -> list[list[Image]]:
        self._bench.hold_face(self._portrait, HeldFace.TURNS_HEAD)
        return [self._frames()]

    def prints(self) -> list[list[Image]]:
        self._bench.hold_face(self._portrait, HeldFace.PRINT)
        return [self._frames()]

    def _frames(self) -> list[Image]:
        return [read_image(self._camera.frame()) for _ in range(FRAMES)]


class NetworkBooth:
    def __init__(self, models: Path) -> None:
        self.attack_detector = NetworkAttackDetector(find(models, "attack_detector"))
        self.head = LandmarkYaw()

    def people(self) -> list[list[Image]]:
        return _sessions(SHARED_DATA / "faces" / "webcam" / "live")

    def prints(self) -> list[list[Image]]:
        return _sessions(SHARED_DATA / "faces" / "webcam" / "print")


def _sessions(folder: Path) -> list[list[Image]]:
    """Five pictures of each session, spread over it."""
    sessions = sorted(folder.glob("*/session-*"))
    return [[read_image(path.read_bytes()) for path in sorted(session.iterdir())[::8]] for session in sessions]


@pytest.fixture(params=["simulated", pytest.param("network", marks=pytest.mark.shared_data)])
def booth(request: pytest.FixtureRequest, tmp_path: Path, models: Path, portrait: bytes) -> Booth:
    return SimulatedBooth(tmp_path, portrait) if request.param == "simulated" else NetworkBooth(models)


@pytest.fixture
def judged(booth: Booth, detector: FaceDetector) -> Callable[[list[Image]], list[float]]:
    def scores(frames: list[Image]) -> list[float]:
        return [booth.attack_detector.liveness(frame, detector.detect(frame)[0]) for frame in frames]

    return scores


def said(scores: list[float]) -> AttackOutcome:
    settings = FaceSettings()
    return outcome(scores, settings.attack_live, settings.attack_doubtful)


def test_live_people_pass(booth: Booth, judged: Callable[[list[Image]], list[float]]) -> None:
    assert {said(judged(frames)) for frames in booth.people()} == {AttackOutcome.LIVE}


def test_printed_photographs_do_not(booth: Booth, judged: Callable[[list[Image]], list[float]]) -> None:
    assert {said(judged(frames)) for frames in booth.prints()} == {AttackOutcome.ATTACK}


def test_an_answer_lies_between_0_and_1_and_is_the_same_again(
    booth: Booth, judged: Callable[[list[Image]], list[float]]
) -> None:
    frames = booth.people()[0]
    before = [frame.copy() for frame in frames]
    first, second = judged(frames), judged(frames)
    assert first == second
    assert all(0 <= answer <= 1 for answer in first)
    assert all(np.array_equal(frame, same) for frame, same in zip(frames, before, strict=True))


@pytest.mark.parametrize(
    "box", [(-40, -40, 100, 100), (600, 440, 150, 150), (0, 0, 5000, 5000), (300, 200, 0.4, 0.4)], ids=str
)
def test_a_face_at_any_place_gets_an_answer(booth: Booth, box: tuple[float, float, float, float]) -> None:
    frame = booth.people()[0][0]
    face = DetectedFace(box, np.zeros((5, 2), dtype=np.float32), 0.9)
    assert 0 <= booth.attack_detector.liveness(frame, face) <= 1


def test_who_is_asked_nothing_looks_ahead(booth: Booth, detector: FaceDetector) -> None:
    for frames in booth.people():
        yaws = [booth.head.yaw(frame, detector.detect(frame)[0], None) for frame in frames]
        assert abs(median(yaw for yaw in yaws if yaw is not None)) < 15
