"""How a process of ours learns that it is to end."""

import signal
import threading
from types import FrameType

NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def stop_on_signals(stop: threading.Event) -> None:
    """Set it when one of `NUMBERS` comes, however many come at once; called in the main thread.

    In a thread of its own: a handler runs in the middle of whatever the main thread does, an earlier handler too, and
    whoever holds the event's lock there would wait for itself (Python's `threading.Event` is for no handler).
    """

    def heard(_: int, __: FrameType | None) -> None:
        for number in NUMBERS:
            signal.signal(number, signal.SIG_IGN)
        threading.Thread(target=stop.set, name="stop").start()

    for number in NUMBERS:
        # set explicitly: a background process of a shell has SIGINT ignored
        signal.signal(number, heard)
