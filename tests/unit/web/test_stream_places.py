"""How many live streams are open, whoever opens them."""

import json

import pytest

from kiosk.logs import configure_logs
from kiosk.web.places import Limits, Places


def stays() -> bool:
    return False


def test_one_session_gets_so_many_and_others_still_get_theirs() -> None:
    places = Places(Limits(total=10, each=2))
    first = [places.take("a", stays) for _ in range(3)]
    assert [one is not None for one in first] == [True, True, False]
    assert places.take("b", stays)
    assert (places.taken, places.refused) == (3, 1)


def test_all_together_get_so_many() -> None:
    places = Places(Limits(total=3, each=2))
    assert [places.take(str(session), stays) is not None for session in range(5)] == [True, True, True, False, False]


def test_a_place_given_back_is_free_again_and_only_once() -> None:
    places = Places(Limits(total=1, each=1))
    place = places.take("a", stays)
    assert place
    places.leave(place)
    places.leave(place)
    again = places.take("a", stays)
    assert again
    places.leave(place)
    assert places.taken == 1


def test_a_page_that_was_left_makes_room_for_the_next_one_at_once() -> None:
    woken: list[bool] = []
    left = False
    places = Places(Limits(total=9, each=2), lambda: woken.append(True))
    old = [places.take("a", lambda: left) for _ in range(2)]
    assert places.take("a", stays) is None
    left = True
    assert places.take("a", stays)
    assert [one.ended.is_set() for one in old if one] == [True, True]
    assert (places.taken, woken) == (1, [True])


def test_it_is_said_once_that_there_is_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    places = Places(Limits(total=1, each=1))
    place = places.take("session-of-somebody", stays)
    assert place
    for _ in range(3):
        assert places.take("another-session", stays) is None
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["live streams refused"]
    assert "session-of" not in str(lines)
