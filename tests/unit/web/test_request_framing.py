"""Where a request ends, as the listener sees it before anybody parses it."""

import pytest

from kiosk.web.framing import LONGEST_HEAD, RequestNotTaken, request_length

HEAD = b"POST /doctor/sign-in HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("received", "length"),
    [
        (b"", None),
        (HEAD, None),
        (HEAD + b"Content-Length: 4\r\n\r", None),
        (HEAD + b"\r\n", len(HEAD) + 2),
        (HEAD + b"\r\nGET / HTTP/1.1\r\n", len(HEAD) + 2),
        (HEAD + b"Content-Length: 4\r\n\r\n", len(HEAD) + 19 + 2 + 4),
        (HEAD + b"content-length:4\r\n\r\na=bc", len(HEAD) + 18 + 2 + 4),
        (HEAD + b"X-Content-Length: 9\r\n\r\n", len(HEAD) + 21 + 2),
    ],
)
def test_a_request_ends_where_its_head_says(received: bytes, length: int | None) -> None:
    assert request_length(received, 1000) == length


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (HEAD + b"Content-Length: 1001\r\n\r\n", 413),
        (HEAD + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\n", 400),
        (HEAD + b"Content-Length: -4\r\n\r\n", 400),
        (HEAD + b"Content-Length: 4, 4\r\n\r\n", 400),
        (HEAD + b"Content-Length:\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", 411),
        (HEAD + b"transfer-encoding : chunked\r\nContent-Length: 4\r\n\r\n", 411),
        (HEAD + b"X: " + b"x" * LONGEST_HEAD, 431),
    ],
)
def test_what_cannot_be_told_from_the_next_request_is_refused(received: bytes, status: int) -> None:
    with pytest.raises(RequestNotTaken) as refused:
        request_length(received, 1000)
    assert refused.value.status.startswith(str(status))
