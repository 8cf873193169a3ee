"""Several things at once, but those of one kind in their order."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from kiosk.errors import KioskError

T = TypeVar("T")


def share_out(lanes: Iterable[Sequence[T]], act: Callable[[T], None], at_once: int) -> None:
    """Call `act` for everything in every lane; what is in one lane, one after the other.

    In daemon threads, unlike those of an executor: a process that is to end does not wait for a record that hangs.

    Raises:
        KioskError: the first that `act` raised; nothing new is begun after it. Or it raised something unforeseen, which
            the thread's own log tells.
    """
    waiting = deque(lanes)
    failed: list[KioskError] = []
    ended: list[bool] = []

    def work() -> None:
        try:
            while waiting and not failed:
                for item in waiting.popleft():
                    act(item)
        except KioskError as error:
            failed.append(error)
        ended.append(True)

    threads = [threading.Thread(target=work, name="lane", daemon=True) for _ in range(min(at_once, len(waiting)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    if len(ended) < len(threads):
        raise KioskError("a lane broke off")
