"""Where a request ends, told from its first bytes: so that a thread is given whole requests only.

As strict as RFC 9112 allows, and never wider than gunicorn's own parser, which reads the same bytes once more.
"""

import re

LONGEST_HEAD = 16 * 1024
"""Bytes of a request line with its headers; a browser of the hospital sends about one thousand."""

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_DIGITS = re.compile(rb"[0-9]{1,15}")


class RequestNotTaken(Exception):
    """A request that is answered without being read.

    Args:
        status: of the answer, with its reason.
    """

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


def request_length(received: bytes | bytearray, largest_body: int) -> int | None:
    """How many bytes the first request has, its body included; None while that is not known.

    Raises:
        RequestNotTaken: its head or its body is too long, or says in no allowed way how long it is.
    """
    end = received.find(_END, 0, LONGEST_HEAD)
    if end < 0:
        if len(received) >= LONGEST_HEAD:
            raise RequestNotTaken("431 Request Header Fields Too Large")
        return None
    head = bytes(received[: end + 2])
    if _CHUNKED.search(head):
        raise RequestNotTaken("411 Length Required")
    return end + len(_END) + _body_length(head, largest_body)


def _body_length(head: bytes, largest: int) -> int:
    lengths = _LENGTH.findall(head)
    if not lengths:
        return 0
    if len(lengths) > 1 or not _DIGITS.fullmatch(lengths[0]):
        raise RequestNotTaken("400 Bad Request")
    length = int(lengths[0])
    if length > largest:
        raise RequestNotTaken("413 Content Too Large")
    return length
