"""How many live streams may be open: each holds a thread for minutes, and threads are needed for requests, too."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from structlog import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many streams.

    Attributes:
        total: of all browsers together; the threads beyond it are always free for requests.
        each: of one session, which may be open in several tabs.
    """

    total: int = 224
    each: int = 8


USUAL = Limits()


@dataclass(eq=False, slots=True)
class Place:
    """One stream.

    Attributes:
        gone: whether the browser closed its connection; a stream itself notices only when it says something.
        ended: set when the place was given to somebody else.
    """

    session: str
    gone: Callable[[], bool]
    ended: threading.Event = field(default_factory=threading.Event)


class Places:
    """Those of one listener.

    Args:
        limits: how many.
        wake: called after streams were ended, so that they notice.
    """

    def __init__(self, limits: Limits, wake: Callable[[], None] = lambda: None) -> None:
        self._limits = limits
        self._wake = wake
        self._lock = threading.Lock()
        self._taken: set[Place] = set()
        self._refused = 0
        self._is_full = False

    @property
    def taken(self) -> int:
        """How many streams hold a place."""
        return len(self._taken)

    @property
    def refused(self) -> int:
        """How many were refused since the start."""
        return self._refused

    def take(self, session: str, gone: Callable[[], bool]) -> Place | None:
        """A place, to be given back with `leave`; None when there is none.

        Args:
            session: whose.
            gone: see `Place`.
        """
        place = Place(session, gone)
        with self._lock:
            if self._has_none_for(session):
                self._drop_the_gone()
            is_full = self._has_none_for(session)
            if is_full:
                self._refused += 1
            else:
                self._taken.add(place)
            self._say(is_full=is_full)
        return None if is_full else place

    def leave(self, place: Place) -> None:
        """Give a place back; again is harmless."""
        with self._lock:
            self._taken.discard(place)

    def _has_none_for(self, session: str) -> bool:
        own = sum(place.session == session for place in self._taken)
        return own >= self._limits.each or len(self._taken) >= self._limits.total

    def _drop_the_gone(self) -> None:
        left = {place for place in self._taken if place.gone()}
        for place in left:
            place.ended.set()
        self._taken -= left
        if left:
            self._wake()

    def _say(self, *, is_full: bool) -> None:
        """One line when it begins; the gauge says how it goes on."""
        if is_full and not self._is_full:
            log.warning("live streams refused", count=len(self._taken), reason="too many; the screens ask instead")
        self._is_full = is_full
