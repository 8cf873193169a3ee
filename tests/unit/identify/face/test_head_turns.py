import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.identify.face.head_turns import HeadTurns, TurnsOutcome
from kiosk.identify.face.policy import draw_turns
from kiosk.model.face import Turn

LEFT_RIGHT = (Turn.LEFT, Turn.RIGHT)
FRAME = 1 / 15
SECONDS = 8.0


def turned(*yaws: float | None, turns: tuple[Turn, ...] = LEFT_RIGHT, ahead: float = 0.0) -> HeadTurns:
    challenge = HeadTurns(turns, ahead, 30.0, SECONDS, 0.0)
    for at, yaw in enumerate(yaws, 1):
        challenge.see(yaw, at * FRAME)
    return challenge


def test_two_opposite_turns_are_drawn_and_either_comes_first() -> None:
    drawn = {draw_turns(random.SystemRandom()) for _ in range(100)}
    assert drawn == {(Turn.LEFT, Turn.RIGHT), (Turn.RIGHT, Turn.LEFT)}


def test_a_head_that_turns_as_asked_is_done() -> None:
    challenge = turned(0, 15, 35, 40, 38, 20, 0, -20, -35, -40, -40)
    assert challenge.outcome is TurnsOutcome.DONE
    assert challenge.seen == LEFT_RIGHT
    assert challenge.asked is None


def test_one_turn_is_asked_at_a_time() -> None:
    challenge = turned(0, 0, 0)
    assert challenge.asked is Turn.LEFT
    challenge = turned(35, 35, 35)
    assert (challenge.asked, challenge.seen) == (Turn.RIGHT, (Turn.LEFT,))


def test_less_than_thirty_degrees_is_no_turn() -> None:
    assert turned(*[29.0] * 20).seen == ()


def test_a_single_picture_beyond_thirty_degrees_is_no_turn() -> None:
    assert turned(0, 45, 0, 0, 60, 0, 2, 50, 1).seen == ()


def test_a_turn_counts_from_where_the_head_looked_first() -> None:
    assert turned(*[35.0] * 5, ahead=12.0).seen == ()
    assert turned(*[43.0] * 5, ahead=12.0).seen == (Turn.LEFT,)


def test_a_turn_to_the_other_side_ends_it() -> None:
    challenge = turned(0, -35, -38, -40, 0, 35, 40, 42)
    assert challenge.outcome is TurnsOutcome.WRONG
    assert challenge.asked is None


def test_the_way_back_from_a_turn_is_no_wrong_turn() -> None:
    assert turned(*[40.0] * 30).outcome is TurnsOutcome.ASKING


def test_back_ahead_and_to_the_first_side_again_is_wrong() -> None:
    assert turned(*[40.0] * 4, *[0.0] * 4, *[40.0] * 4).outcome is TurnsOutcome.WRONG


def test_the_same_side_twice_needs_a_look_ahead_between() -> None:
    twice = (Turn.LEFT, Turn.LEFT)
    assert turned(*[40.0] * 20, turns=twice).seen == (Turn.LEFT,)
    assert turned(*[40.0] * 5, *[0.0] * 5, *[40.0] * 5, turns=twice).outcome is TurnsOutcome.DONE


def test_each_turn_has_its_time() -> None:
    challenge = HeadTurns(LEFT_RIGHT, 0.0, 30.0, SECONDS, 0.0)
    for at in (7.0, 7.1, 7.2):
        challenge.see(40.0, at)
    assert challenge.see(0.0, 15.0) is TurnsOutcome.ASKING
    assert challenge.see(None, 15.3) is TurnsOutcome.TOO_LATE
    assert challenge.see(-40.0, 15.4) is TurnsOutcome.TOO_LATE


def test_a_yaw_that_cannot_be_told_is_passed_over() -> None:
    assert turned(None, 40, None, 40, None, 40).seen == (Turn.LEFT,)


def test_no_turns_are_done_at_once() -> None:
    assert turned(turns=()).outcome is TurnsOutcome.DONE


@given(st.lists(st.floats(-29, 29), max_size=60))
def test_whatever_stays_within_thirty_degrees_does_nothing(yaws: list[float]) -> None:
    assert turned(*yaws).outcome is TurnsOutcome.ASKING


@pytest.mark.parametrize("first", list(Turn))
@given(st.lists(st.floats(-90, 90), max_size=60))
def test_turns_are_seen_only_in_the_order_asked(first: Turn, yaws: list[float]) -> None:
    asked = (first, Turn.LEFT if first is Turn.RIGHT else Turn.RIGHT)
    challenge = turned(*yaws, turns=asked)
    assert challenge.seen == asked[: len(challenge.seen)]
    assert (challenge.outcome is TurnsOutcome.DONE) == (challenge.seen == asked)
