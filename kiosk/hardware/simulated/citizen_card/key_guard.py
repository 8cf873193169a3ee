"""What a chip does about wrong keys: slower answers, fewer tries, at last none."""

from collections.abc import Callable

from kiosk.hardware.simulated.citizen_card.commands import Refusal, Sw
from kiosk.hardware.simulated.citizen_card.image import Behaviour

_SLOWEST_SECONDS = 60.0
_MOST_SHOWN = 15


class KeyGuard:
    """Wrong keys, remembered over power-off.

    Args:
        behaviour: how many tries there are and how slow each wrong one makes the next.
        wait: called with the seconds that pass before an answer.
    """

    def __init__(self, behaviour: Behaviour, wait: Callable[[float], object]) -> None:
        self._behaviour = behaviour
        self._wait = wait
        self._wrong = behaviour.tries_used

    def admit(self) -> int:
        """Whether a try may begin.

        Returns:
            9000, or 63Cx with the tries left after wrong ones (ISO/IEC 7816-4, table 6).

        Raises:
            Refusal: 6983, access is blocked.
        """
        if self._behaviour.tries is None:
            return Sw.DONE
        if self._left() == 0:
            raise Refusal(Sw.METHOD_BLOCKED)
        return Sw.TRIES_LEFT | self._left() if self._wrong else Sw.DONE

    def slow_down(self) -> None:
        """Let the time pass that earlier wrong keys cost."""
        if self._wrong and self._behaviour.seconds_a_wrong_key:
            self._wait(min(self._behaviour.seconds_a_wrong_key * 2 ** (self._wrong - 1), _SLOWEST_SECONDS))

    def wrong(self) -> None:
        """A key was wrong."""
        self._wrong += 1

    def right(self) -> None:
        """A key was right: all is forgiven."""
        self._wrong = 0

    def pace_status(self) -> int:
        """What PACE says to a wrong password."""
        return Sw.NOT_AUTHENTICATED if self._behaviour.tries is None else Sw.TRIES_LEFT | self._left()

    def _left(self) -> int:
        return min(max((self._behaviour.tries or 0) - self._wrong, 0), _MOST_SHOWN)
