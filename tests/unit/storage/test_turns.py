import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import pytest

from kiosk.errors import StorageError
from kiosk.storage.turns import Turns
from tests.support.patience import PATIENCE


def start(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run)
    thread.start()
    # it stands in the queue before the next one comes
    time.sleep(0.02)
    return thread


def test_writers_come_take_in_the_order_of_their_arrival() -> None:
    turns, served = Turns(1, PATIENCE), list[int]()

    def write(number: int) -> None:
        with turns.take(nullcontext()):
            served.append(number)
            time.sleep(0.001)

    with turns.take(nullcontext()):
        writers = [start(partial(write, number)) for number in range(5)]
        assert served == []
    for writer in writers:
        writer.join()

    assert served == [0, 1, 2, 3, 4]


def test_a_writer_that_waits_too_long_gives_up_and_leaves_the_queue() -> None:
    turns, failures = Turns(1, 0.05), list[str]()

    def write() -> None:
        try:
            with turns.take(nullcontext()):
                failures.append("not refused")
        except StorageError as error:
            failures.append(str(error))

    with turns.take(nullcontext()):
        start(write).join()

    assert failures == ["too many writers"]
    with turns.take(nullcontext("next")) as entered:
        assert entered == "next"


def test_a_writer_that_fails_makes_way() -> None:
    turns = Turns(1, 0.05)
    with pytest.raises(ZeroDivisionError), turns.take(nullcontext()):
        raise ZeroDivisionError

    with turns.take(nullcontext("next")) as entered:
        assert entered == "next"


def test_several_write_at_once_where_the_database_allows_it() -> None:
    turns, together = Turns(2, PATIENCE), threading.Barrier(2)

    def write() -> None:
        with turns.take(nullcontext()):
            together.wait(PATIENCE)

    writers = [start(write) for _ in range(4)]
    for writer in writers:
        writer.join()

    assert not together.broken
