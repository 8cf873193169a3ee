"""Whole lines from the bytes of a scanner, whatever it puts behind a code.

Nothing is refused here: what is no code goes on to the use case, which tells the patient so.
"""

LONGEST_LINE = 4096
"""Bytes of a code. One byte more is kept of a longer line, so that it is refused for its length."""

_ENDS = frozenset(b"\r\n")


def text_of_line(line: bytes) -> str:
    """A line as text; bytes that are no UTF-8 become U+FFFD, which no code contains."""
    return line[: LONGEST_LINE + 1].decode(errors="replace")


class LineCutter:
    """Cuts a stream of bytes at CR, LF or both; empty lines are nothing."""

    def __init__(self) -> None:
        self._begun = bytearray()

    def feed(self, data: bytes) -> list[str]:
        """Take bytes as they came; returns the lines that they complete."""
        lines = []
        for byte in data:
            if byte in _ENDS:
                lines += self.flush()
            elif len(self._begun) <= LONGEST_LINE:
                self._begun.append(byte)
        return lines

    def flush(self) -> list[str]:
        """The line begun, if there is one: for scanners that end a code with silence."""
        line = bytes(self._begun)
        self._begun.clear()
        return [text_of_line(line)] if line else []
