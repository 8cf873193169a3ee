from typing import get_args

import pytest

from kiosk.identify.face.comparison import mean_features
from kiosk.identify.face.detection import DetectedFace
from kiosk.identify.face.feature_extraction import RecogniserKind
from kiosk.identify.face.presence import Presence
from kiosk.identify.face.same_face import SameFaceLimits, same_face_limits
from kiosk.model.face import FaceTrouble
from kiosk.settings.sections import FaceSettings
from tests.support.face_scene import Scene, Watch, face, features, picture

PICTURE = picture()


class Watched:
    def __init__(self) -> None:
        self.scene = Scene(faces=[face()])
        self.watch = Watch()
        sample = mean_features("scene", [features(1)])
        self.presence = Presence(sample, self.scene.eyes, SameFaceLimits(), self.watch.clock)

    def look(self, seconds: float, jpeg: bytes | None = PICTURE) -> bool:
        there = self.presence.trouble is None
        for _ in range(round(seconds * 15)):
            self.watch.next()
            there = self.presence.look(jpeg)
        return there


def test_who_stays_is_present_and_compared_once_a_second() -> None:
    watched = Watched()
    assert watched.look(20)
    assert 13 <= watched.scene.extracted <= 20


def test_who_leaves_is_gone_after_two_seconds_and_stays_gone() -> None:
    watched = Watched()
    assert watched.look(3)
    watched.scene.faces = []
    assert watched.look(1.4)
    assert not watched.look(1.5)
    watched.scene.faces = [face()]
    assert not watched.look(5)
    assert watched.presence.trouble is FaceTrouble.LEFT


def test_a_moment_out_of_view_is_no_leaving() -> None:
    watched = Watched()
    for _ in range(5):
        watched.scene.faces = []
        assert watched.look(1)
        watched.scene.faces = [face()]
        assert watched.look(1)


def test_another_face_is_noticed_within_two_seconds() -> None:
    watched = Watched()
    assert watched.look(5)
    watched.scene.person = 2
    assert not watched.look(2)
    assert watched.presence.trouble is FaceTrouble.SWAPPED


@pytest.mark.parametrize("away", [0.5, 1.5])
def test_another_face_after_a_gap_is_noticed(away: float) -> None:
    watched = Watched()
    watched.scene.faces = []
    watched.look(away)
    watched.scene.faces, watched.scene.person = [face()], 2
    assert not watched.look(2)


@pytest.mark.parametrize("beside", [face(450), face(450, width=100)])
def test_two_at_the_kiosk_are_not_extracted_and_end_it(beside: DetectedFace) -> None:
    watched = Watched()
    watched.scene.faces = [face(220), beside]
    assert not watched.look(3)
    assert watched.scene.extracted == 0


def test_somebody_far_behind_changes_nothing() -> None:
    watched = Watched()
    watched.scene.faces = [face(), face(560, width=45)]
    assert watched.look(5)


def test_one_unlike_picture_is_forgiven() -> None:
    watched = Watched()
    watched.look(0.5)
    watched.scene.likeness = 0.2
    while not watched.scene.extracted:
        watched.look(1 / 15)
    watched.scene.likeness = 1.0
    assert watched.look(10)


@pytest.mark.parametrize("jpeg", [None, b"", PICTURE[:200]])
def test_a_camera_that_shows_nothing_shows_nobody(jpeg: bytes | None) -> None:
    watched = Watched()
    assert not watched.look(3, jpeg)
    assert watched.presence.trouble is FaceTrouble.LEFT


def test_a_network_that_fails_sees_nobody() -> None:
    watched = Watched()
    watched.scene.breaks = True
    assert not watched.look(4)


def test_each_recogniser_has_limits_of_its_own_scale() -> None:
    high = FaceSettings(
        recogniser="face-recognition",
        threshold_enrolled=0.96,
        threshold_portrait=0.96,
        threshold_today=0.96,
        threshold_ten_thousand=0.96,
        threshold_hundred_thousand=0.96,
    )
    by_name = {settings.recogniser: same_face_limits(settings) for settings in (FaceSettings(), high)}
    assert set(by_name) == set(get_args(RecogniserKind))
    assert by_name["face-recognition"].ahead > by_name["sface"].ahead
    assert all(limits.turned < limits.ahead for limits in by_name.values())
    assert same_face_limits(FaceSettings(gone_seconds=1.5)).gone_seconds == 1.5
