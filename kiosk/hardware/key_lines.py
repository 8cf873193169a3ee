"""Lines from the key events of a scanner that poses as a keyboard (Linux input, US layout).

Codes as in linux/input-event-codes.h. Letters with Vietnamese marks cannot be typed on such a keyboard: a scanner that
is to read cards with names belongs on a serial line.
"""

from kiosk.hardware.code_scanner import LONGEST_LINE

EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
UP, DOWN = 0, 1

_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_KEYPAD = {55: "*", 98: "/"} | dict(enumerate("789-456+1230.", start=71))
_PLAIN = {first + at: char for first, plain, _ in _ROWS for at, char in enumerate(plain)} | _KEYPAD
_SHIFTED = {first + at: char for first, _, shifted in _ROWS for at, char in enumerate(shifted)} | _KEYPAD
_ENTER = frozenset({28, 96})
_SHIFT = frozenset({42, 54})
_OTHER_MODIFIERS = frozenset({29, 97, 56, 100, 125, 126})
"""Control, Alt, AltGr and Meta: a key held with one of them is no part of a code."""

IDLE_SECONDS = 1.0
"""A line that stands still for so long is half a code: the next one must not be added to it."""


class KeyLines:
    """Takes key events one by one and gives the line that Enter completes."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._line = ""
        self._spoilt = False
        self._last_at = 0.0

    def feed(self, kind: int, code: int, value: int, at: float) -> str | None:
        """One event; `at` is its time in seconds.

        Returns:
            The line, when this event is its Enter and nothing of it was lost.
        """
        if kind == EV_SYN and code == SYN_DROPPED:
            # the kernel's buffer ran over: some keys of this line are gone
            self._spoilt = True
            self._held.clear()
        elif kind == EV_KEY and code in _SHIFT | _OTHER_MODIFIERS:
            self._held = self._held - {code} if value == UP else self._held | {code}
        elif kind == EV_KEY and value == DOWN:
            return self._press(code, at)
        return None

    def _press(self, code: int, at: float) -> str | None:
        if at - self._last_at > IDLE_SECONDS:
            self._line, self._spoilt = "", False
        self._last_at = at
        if code in _ENTER:
            line, spoilt = self._line, self._spoilt
            self._line, self._spoilt = "", False
            return line if line and not spoilt else None
        if not self._held & _OTHER_MODIFIERS and len(self._line) <= LONGEST_LINE:
            self._line += (_SHIFTED if self._held & _SHIFT else _PLAIN).get(code, "")
        return None
