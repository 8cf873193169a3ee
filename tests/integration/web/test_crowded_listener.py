"""The staff's listener as gunicorn serves it, and connections that want to keep it for themselves."""

import http.client
import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import trustme

from kiosk import bootstrap
from kiosk.model.staff import Role, StaffAccount, StaffSession
from kiosk.settings import load_settings
from kiosk.web.gathering import CONNECTIONS_OF_ONE_ADDRESS, REQUEST_SECONDS
from tests.integration.web.test_staff_listener import HOST, answer, serving, settings
from tests.support.running_demo import free_port

pytestmark = pytest.mark.integration

PATIENCE = 30
"""Seconds: this host may be busy, but an answer that waits for somebody else's silence comes later or never."""


def session_of(file: Path, role: Role) -> str:
    """The cookie of somebody signed in."""
    services = bootstrap.open_services(load_settings(file))
    now, token = datetime.now(UTC), secrets.token_urlsafe(32)
    staff_id = secrets.token_hex(8)
    account = StaffAccount(staff_id, f"{role}.{staff_id}", "Nhân viên", role, ("noi",), "no password")
    ends = now + timedelta(hours=1)
    with services.storage.write() as work:
        work.staff.add(account)
        work.staff.add_session(StaffSession(sha256(token.encode()).hexdigest(), staff_id, role, now, now, ends))
    return f"kiosk_{role.value}={token}"


def asked(stack: ExitStack, port: int, path: str, cookie: str = "") -> http.client.HTTPResponse:
    connection = stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)))
    connection.request("GET", path, headers={"Cookie": cookie})
    return stack.enter_context(connection.getresponse())


@contextmanager
def saying(port: int, words: bytes, count: int, source: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Connections that said this much and no more."""
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0))
            opened.append(stack.enter_context(one))
            with suppress(ConnectionError):
                one.sendall(words)
        yield opened


def ended(connection: socket.socket, within: float) -> bool:
    connection.settimeout(within)
    with suppress(ConnectionError):
        while connection.recv(4096):
            pass
    return True


def test_three_hundred_silent_connections_and_three_hundred_streams_leave_room_for_everybody(tmp_path: Path) -> None:
    port = free_port()
    file = settings(tmp_path, port, "127.0.0.1")
    doctor = session_of(file, Role.DOCTOR)
    displays = [session_of(file, Role.DISPLAY) for _ in range(38)]
    half = b"POST /doctor/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na="
    with serving(file), ExitStack() as stack:
        answer(f"http://127.0.0.1:{port}/healthz")
        stack.enter_context(saying(port, b"", 200))
        stack.enter_context(saying(port, b"GET /healthz HTTP/1.1\r\nHost: loc", 50))
        stack.enter_context(saying(port, half, 50))
        streams = [asked(stack, port, "/display/live", cookie) for cookie in displays for _ in range(8)]
        over = [one for one in streams if one.status == 503]
        assert [one.status for one in streams].count(200) == 224
        assert len(over) == 80
        assert {one.getheader("Retry-After") for one in over} == {"5"}
        for path in ("/healthz", "/readyz", "/doctor/list", "/doctor/"):
            assert asked(stack, port, path, doctor).status == 200, path


def test_one_session_opens_eight_streams_and_one_that_was_left_makes_room(tmp_path: Path) -> None:
    port = free_port()
    file = settings(tmp_path, port, "127.0.0.1")
    cookie = session_of(file, Role.DISPLAY)
    with serving(file), ExitStack() as stack:
        answer(f"http://127.0.0.1:{port}/healthz")
        left = stack.enter_context(ExitStack())
        streams = [
            asked(left, port, "/display/live", cookie),
            *(asked(stack, port, "/display/live", cookie) for _ in range(8)),
        ]
        assert [one.status for one in streams] == [200] * 8 + [503]
        left.close()
        assert asked(stack, port, "/display/live", cookie).status == 200


def test_who_says_nothing_is_let_go_and_holds_nobody_up(tmp_path: Path) -> None:
    authority, port = trustme.CA(), free_port()
    file = settings(tmp_path, port, "127.0.0.1")
    issued = authority.issue_cert("localhost", HOST)
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "credentials" / "staff-certificate"))
    issued.private_key_pem.write_to_path(str(tmp_path / "credentials" / "staff-key"))
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with serving(file):
        answer(f"https://localhost:{port}/healthz", trusting)
        with saying(port, b"", 280) as silent, saying(port, b"\x16\x03\x01", 20) as begun:
            assert "ok" in answer(f"https://localhost:{port}/healthz", trusting)
            assert ended(silent[0], REQUEST_SECONDS + PATIENCE)
            assert ended(begun[-1], REQUEST_SECONDS + PATIENCE)


def test_one_address_gets_so_many_connections_and_the_others_are_served(tmp_path: Path) -> None:
    port = free_port()
    file = settings(tmp_path, port, "127.0.0.1")
    with serving(file):
        answer(f"http://127.0.0.1:{port}/healthz")
        with saying(port, b"", CONNECTIONS_OF_ONE_ADDRESS + 1, source="127.0.0.2") as crowd:
            assert ended(crowd[-1], 5)
            with pytest.raises(TimeoutError):
                ended(crowd[0], 0.5)
            assert "ok" in answer(f"http://127.0.0.1:{port}/healthz")


def test_requests_one_behind_the_other_in_one_packet_are_all_answered(tmp_path: Path) -> None:
    port = free_port()
    file = settings(tmp_path, port, "127.0.0.1")
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with serving(file):
        answer(f"http://127.0.0.1:{port}/healthz")
        with saying(port, one + one + last, 1) as [connection]:
            connection.settimeout(PATIENCE)
            received = b""
            while piece := connection.recv(4096):
                received += piece
    assert received.count(b"HTTP/1.1 200 OK") == 3
