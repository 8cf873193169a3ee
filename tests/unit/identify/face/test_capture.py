from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from kiosk.identify.face.capture import Capture, CaptureLimits
from kiosk.identify.face.comparison import to_array
from kiosk.identify.face.detection import DetectedFace
from kiosk.model.face import AttackOutcome, FaceGuide, FaceSample, FaceState, FaceTrouble, Turn
from tests.support.face_scene import Scene, Watch, attempt, face, features, picture

PICTURE = picture()


class Stand:
    """A scene, a capture of it and time that goes on."""

    def __init__(self, *turns: Turn, seconds: float = 30, jpeg: bytes = PICTURE) -> None:
        self.scene = Scene(faces=[face()])
        self.watch = Watch()
        self.jpeg = jpeg
        self.capture = Capture(attempt(*turns, seconds=seconds), self.scene.eyes, CaptureLimits(), self.watch.clock)

    def look(self, times: int = 1, every: float = 1 / 15) -> FaceState:
        state = self.capture.state
        for _ in range(times):
            self.watch.next(every)
            state = self.capture.look(self.jpeg)
        return state

    def until(self, reached: Callable[[FaceState], bool], most: int = 200) -> FaceState:
        for _ in range(most):
            if reached(state := self.look()):
                return state
        raise AssertionError(f"never reached, the last was {self.capture.state}")

    def until_asked(self, guide: FaceGuide) -> FaceState:
        return self.until(lambda state: state.guide is guide)

    def sample(self) -> FaceSample | None:
        return self.capture.sample

    def trouble(self) -> FaceTrouble | None:
        return self.capture.trouble

    def turn(self, yaw: float) -> None:
        self.scene.yaw = yaw
        self.look(4)


def test_five_good_pictures_two_turns_and_a_last_look_make_a_sample() -> None:
    stand = Stand(Turn.RIGHT, Turn.LEFT)
    state = stand.until_asked(FaceGuide.TURN_RIGHT)
    assert (state.done, state.total) == (5, 8)
    stand.turn(-40)
    assert stand.capture.state == FaceState(FaceGuide.TURN_LEFT, 6, 8)
    stand.turn(40)
    assert stand.sample() is None
    stand.turn(0)
    sample = stand.sample()
    assert sample is not None
    assert stand.capture.state == FaceState(FaceGuide.DONE, 8, 8)
    assert (sample.attempt_id, sample.attack, sample.frames) == ("attempt-1", AttackOutcome.LIVE, 5)
    assert sample.turns == (Turn.RIGHT, Turn.LEFT)
    assert sample.features.model == "scene"
    assert to_array(sample.features) == pytest.approx(features(1))


def test_five_good_pictures_take_less_than_a_second() -> None:
    stand = Stand(Turn.LEFT)
    stand.until_asked(FaceGuide.TURN_LEFT)
    assert stand.watch.clock.seconds < 1


def test_the_features_are_the_mean_of_the_good_pictures() -> None:
    stand = Stand()
    for likeness in (1.0, 0.9, 0.8, 0.9, 1.0):
        stand.scene.likeness = likeness
        stand.look(2)
    stand.until(lambda _: stand.capture.ended)
    sample = stand.sample()
    assert sample is not None
    mean = np.mean([features(1, likeness) for likeness in (1.0, 0.9, 0.8, 0.9, 1.0)], axis=0)
    assert to_array(sample.features) == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


def test_nothing_is_extracted_while_nobody_or_two_people_are_in_view() -> None:
    stand = Stand()
    stand.scene.faces = []
    assert stand.look(3).guide is FaceGuide.COME
    stand.scene.faces = [face(220), face(450)]
    stand.watch.next(1)
    assert stand.look(10).guide is FaceGuide.ONE_PERSON
    assert stand.scene.extracted == 0


def test_a_face_far_behind_in_the_hall_is_let_be() -> None:
    stand = Stand()
    stand.scene.faces = [face(), face(560, width=45)]
    stand.until(lambda _: stand.capture.ended)
    assert stand.sample()


@pytest.mark.parametrize(
    ("where", "guide"),
    [
        (face(150), FaceGuide.CENTRE),
        (face(y=420), FaceGuide.CENTRE),
        (face(width=60), FaceGuide.CLOSER),
        (face(width=240), FaceGuide.FURTHER),
    ],
)
def test_a_face_outside_the_oval_is_told_where_to_go_and_not_extracted(where: DetectedFace, guide: FaceGuide) -> None:
    stand = Stand()
    stand.scene.faces = [where]
    assert stand.look(10).guide is guide
    assert stand.scene.extracted == 0


@pytest.mark.parametrize(("brightness", "guide"), [(20, FaceGuide.MORE_LIGHT), (250, FaceGuide.LESS_LIGHT)])
def test_the_light_is_asked_for(brightness: int, guide: FaceGuide) -> None:
    stand = Stand(jpeg=picture(brightness))
    assert stand.look(10).guide is guide
    assert stand.scene.extracted == 0


def test_an_instruction_stays_half_a_second() -> None:
    stand = Stand()
    shown = []
    for turn in range(60):
        stand.scene.faces = [face(width=60)] if turn % 2 else []
        shown.append(stand.look().guide)
    changes = sum(now is not before for before, now in pairwise(shown))
    assert set(shown) == {FaceGuide.COME, FaceGuide.CLOSER}
    assert changes <= 60 / 15 / 0.5


def test_a_photograph_is_told_apart_after_five_pictures_and_asked_no_turn() -> None:
    stand = Stand(Turn.LEFT, Turn.RIGHT)
    stand.scene.liveness = [0.9, 0.1, 0.1, 0.9, 0.2]
    stand.until(lambda _: stand.capture.ended)
    sample = stand.sample()
    assert sample is not None
    assert (sample.attack, sample.turns) == (AttackOutcome.ATTACK, ())


def test_what_nobody_can_tell_is_doubtful() -> None:
    stand = Stand(Turn.LEFT)
    stand.scene.liveness = [0.6]
    stand.until(lambda _: stand.capture.ended)
    sample = stand.sample()
    assert sample is not None
    assert sample.attack is AttackOutcome.DOUBTFUL


def test_a_wrong_turn_ends_it() -> None:
    stand = Stand(Turn.LEFT, Turn.RIGHT)
    stand.until_asked(FaceGuide.TURN_LEFT)
    stand.turn(-40)
    assert stand.trouble() is FaceTrouble.WRONG_TURN
    assert stand.sample() is None


def test_who_does_not_turn_is_too_late_long_before_the_attempt_is() -> None:
    stand = Stand(Turn.LEFT, Turn.RIGHT, seconds=1000)
    stand.until_asked(FaceGuide.TURN_LEFT)
    stand.look(200)
    assert stand.trouble() is FaceTrouble.TOO_LATE


def test_the_attempt_ends_when_its_time_is_over() -> None:
    stand = Stand(seconds=5)
    stand.scene.faces = []
    stand.look(74)
    assert stand.trouble() is None
    stand.look(3)
    assert stand.trouble() is FaceTrouble.TOO_LATE
    stand.scene.faces = [face()]
    stand.look(20)
    assert (stand.sample(), stand.scene.extracted) == (None, 0)


@pytest.mark.parametrize("moment", [FaceGuide.TURN_LEFT, FaceGuide.TURN_RIGHT, FaceGuide.LOOK])
def test_another_face_during_or_after_the_turns_ends_it(moment: FaceGuide) -> None:
    stand = Stand(Turn.LEFT, Turn.RIGHT)
    stand.until_asked(FaceGuide.TURN_LEFT)
    if moment is not FaceGuide.TURN_LEFT:
        stand.turn(40)
    if moment is FaceGuide.LOOK:
        stand.turn(-40)
    assert stand.capture.state.guide is moment
    stand.scene.person = 2
    stand.turn(40 if moment is FaceGuide.TURN_LEFT else -40 if moment is FaceGuide.TURN_RIGHT else 0)
    assert stand.trouble() is FaceTrouble.SWAPPED
    assert stand.sample() is None


def test_another_face_among_the_first_pictures_ends_it() -> None:
    stand = Stand(Turn.LEFT)
    stand.look(4)
    stand.scene.person = 2
    stand.look(6)
    assert stand.trouble() is FaceTrouble.SWAPPED


def test_one_picture_that_resembles_nobody_is_forgiven_but_never_counted() -> None:
    stand = Stand(Turn.LEFT)
    stand.look(3)
    before = stand.capture.state.done
    stand.scene.likeness = 0.2
    stand.look(1, every=0.1)
    assert (stand.capture.state.done, stand.trouble()) == (before, None)
    stand.scene.likeness = 1.0
    stand.until_asked(FaceGuide.TURN_LEFT)


def test_a_turned_head_may_resemble_itself_less() -> None:
    stand = Stand(Turn.LEFT)
    stand.until_asked(FaceGuide.TURN_LEFT)
    stand.scene.likeness = 0.4
    stand.turn(40)
    assert stand.capture.state.guide is FaceGuide.LOOK
    stand.turn(0)
    assert stand.trouble() is FaceTrouble.SWAPPED


@pytest.mark.parametrize("away", [[], [face(220), face(450)]], ids=["nobody", "two people"])
def test_a_face_out_of_view_for_more_than_two_seconds_has_left(away: list[DetectedFace]) -> None:
    stand = Stand(Turn.LEFT)
    stand.look(3)
    extracted = stand.scene.extracted
    stand.scene.faces = away
    stand.look(28)
    assert stand.trouble() is None
    stand.look(4)
    assert (stand.trouble(), stand.scene.extracted) == (FaceTrouble.LEFT, extracted)


def test_a_pause_of_the_pictures_is_a_gap_too() -> None:
    stand = Stand(Turn.LEFT)
    stand.look(3)
    stand.watch.next(2.5)
    stand.look()
    assert stand.trouble() is FaceTrouble.LEFT


def test_a_short_look_away_is_no_gap() -> None:
    stand = Stand(Turn.LEFT)
    stand.look(3)
    stand.scene.faces = []
    stand.look(20)
    stand.scene.faces = [face()]
    stand.until_asked(FaceGuide.TURN_LEFT)


def test_a_damaged_picture_is_passed_over() -> None:
    stand = Stand(Turn.LEFT)
    stand.look(3)
    stand.jpeg = PICTURE[:100]
    stand.look(3)
    assert stand.trouble() is None
    stand.jpeg = PICTURE
    stand.until_asked(FaceGuide.TURN_LEFT)


def test_a_network_that_fails_ends_it_as_a_fault() -> None:
    stand = Stand(Turn.LEFT)
    stand.scene.breaks = True
    stand.look(10)
    assert stand.trouble() is FaceTrouble.CAMERA
    assert stand.capture.state.guide is FaceGuide.WAIT


def test_what_ended_looks_at_nothing_more() -> None:
    stand = Stand()
    stand.until(lambda _: stand.capture.ended)
    sample, extracted = stand.sample(), stand.scene.extracted
    stand.capture.fail(FaceTrouble.CAMERA)
    stand.scene.person = 2
    stand.look(20)
    assert (stand.sample(), stand.trouble(), stand.scene.extracted) == (sample, None, extracted)


def test_a_station_can_end_it() -> None:
    stand = Stand()
    stand.capture.fail(FaceTrouble.CAMERA)
    stand.look(20)
    assert (stand.trouble(), stand.scene.extracted) == (FaceTrouble.CAMERA, 0)


def test_a_stations_clock_that_is_wrong_by_hours_does_not_matter() -> None:
    scene, watch = Scene(faces=[face()]), Watch()
    watch.clock.pass_time(hours=9)
    given = replace(attempt(), id="other")
    capture = Capture(given, scene.eyes, CaptureLimits(), watch.clock)
    for _ in range(20):
        watch.next()
        capture.look(PICTURE)
    assert capture.sample is not None
