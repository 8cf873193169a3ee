"""HAProxy with the configuration that hospitals use, before the real staff's listener."""

import http.client
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trustme

from kiosk.live.redis_bus import RedisBus
from kiosk.model.events import Event, EventKind
from kiosk.model.staff import Role
from tests.contract.live.redis_server import RedisServer
from tests.integration.web.test_crowded_listener import PATIENCE, ended, session_of
from tests.integration.web.test_staff_listener import HOST, answer, serving, settings
from tests.support.running_demo import free_port

pytestmark = pytest.mark.integration

CONFIGURATION = Path(__file__).parents[3] / "config" / "haproxy.cfg"
TRIES = 6
"""From one address with `policy.sign_in_tries` of 1."""


@dataclass(frozen=True)
class Front:
    """HAProxy, and what is behind it."""

    port: int
    trusting: ssl.SSLContext
    settings_file: Path
    bus: RedisBus

    def connected(self, stack: ExitStack, source: str = "127.0.0.1") -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE, (source, 0))
        return stack.enter_context(self.trusting.wrap_socket(plain, server_hostname=HOST))

    def said(self, words: bytes, source: str = "127.0.0.1") -> bytes:
        """The whole answer to these words."""
        with ExitStack() as stack:
            connection = self.connected(stack, source)
            connection.sendall(words)
            received = b""
            with suppress(ssl.SSLError, ConnectionError):
                while piece := connection.recv(4096):
                    received += piece
            return received

    def asked(self, path: str, *more: str) -> bytes:
        return self.said(
            "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {HOST}", "Connection: close", *more, "", ""]).encode()
        )


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder, backend, port = tmp_path_factory.mktemp("front"), free_port(), free_port()
    with ExitStack() as stack:
        redis = RedisServer(Path(stack.enter_context(TemporaryDirectory(prefix="kiosk-"))))
        redis.start()
        stack.callback(redis.kill)
        file = settings(folder, backend, "127.0.0.1")
        text = file.read_text(encoding="utf-8").replace("[web]\n", "[web]\nfront = true\n")
        text = re.sub(r"unix://[^']*", redis.url, text) + "[policy]\nsign_in_tries = 1\n"
        file.write_text(text, encoding="utf-8")
        # the front's own: the listener behind it must not take them
        for name in ("staff-certificate", "staff-key"):
            (folder / "credentials" / name).touch()
        stack.enter_context(serving(file))
        answer(f"http://127.0.0.1:{backend}/healthz")
        stack.enter_context(haproxy(folder, port, backend))
        trusting = ssl.create_default_context(cafile=folder / "ca.pem")
        yield Front(port, trusting, file, stack.enter_context(closing(RedisBus(redis.url))))


@contextmanager
def haproxy(folder: Path, port: int, backend: int) -> Iterator[None]:
    authority = trustme.CA()
    issued = authority.issue_cert(HOST)
    issued.cert_chain_pems[0].write_to_path(str(folder / "staff.pem"))
    issued.private_key_pem.write_to_path(str(folder / "staff.pem.key"))
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    values = {"BIND": f"127.0.0.1:{port}", "BACKEND": f"127.0.0.1:{backend}", "CERTIFICATE": str(folder / "staff.pem")}
    process = subprocess.Popen(
        ["/usr/sbin/haproxy", "-db", "-f", str(CONFIGURATION)],
        env=os.environ | {f"KIOSK_FRONT_{name}": value for name, value in values.items()},
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


def test_it_hands_on_by_tls_only_and_says_so_to_browsers(front: Front) -> None:
    page = front.asked("/healthz")
    assert page.startswith(b"HTTP/1.1 200")
    assert b"strict-transport-security: max-age=31536000" in page.lower()
    assert b"gunicorn" not in page
    with socket.create_connection(("127.0.0.1", front.port), PATIENCE) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert ended(plain, PATIENCE)


def test_a_cookie_stays_on_tls_and_forms_are_taken(front: Front) -> None:
    page = front.asked("/doctor/sign-in").decode()
    assert "; Secure;" in page
    assert "HTTP/1.1 303" in signed_in(front, "127.0.0.5", HOST)


def signed_in(front: Front, source: str, forged: str) -> str:
    """The answer to a sign-in of nobody, with an address that the client made up."""
    page = front.asked("/doctor/sign-in").decode()
    token = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    cookie = re.search(r"set-cookie: ([^;]*)", page, re.IGNORECASE)
    assert token
    assert cookie
    body = f"csrf_token={token[1]}&name=nobody&password=wrong"
    head = (
        f"POST /doctor/sign-in HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nCookie: {cookie[1]}\r\n"
        f"Origin: https://{HOST}\r\nX-Forwarded-For: {forged}\r\nForwarded: for={forged}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return front.said((head + body).encode(), source).decode()


def test_tries_count_for_the_real_address_whatever_the_client_says(front: Front) -> None:
    answers = [signed_in(front, "127.0.0.2", f"10.0.0.{number}") for number in range(TRIES + 1)]
    assert ["note=refused" in one for one in answers] == [True] * TRIES + [False]
    assert "note=wait" in answers[-1]
    assert "note=refused" in signed_in(front, "127.0.0.3", "127.0.0.2")


def test_an_event_reaches_a_live_screen_at_once_and_the_screen_hears_that_it_lives(front: Front) -> None:
    cookie = session_of(front.settings_file, Role.RECEPTION)
    with ExitStack() as stack:
        connection = front.connected(stack)
        connection.sendall(f"GET /reception/live HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n".encode())
        live = http.client.HTTPResponse(connection)
        live.begin()
        assert live.readline().startswith(b"retry:")
        front.bus.publish([Event(1, EventKind.ARRIVED, "check-in-1", "noi", "kiosk-1", datetime.now(UTC))])
        lines = iter(live.readline, b"")
        assert any(b"check-in-1" in line for line in lines)
        assert any(line == b"event: alive\n" for line in lines)


@pytest.mark.parametrize(
    "words",
    [b"", b"GET /healthz HT", b"POST /doctor/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na="],
    ids=["nothing", "half a head", "half a body"],
)
def test_who_does_not_finish_a_request_is_let_go(front: Front, words: bytes) -> None:
    with ExitStack() as stack:
        connection = front.connected(stack)
        connection.sendall(words)
        assert ended(connection, 10 + PATIENCE)


def test_who_does_not_finish_the_handshake_is_let_go(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.port), PATIENCE) as silent:
        silent.sendall(b"\x16\x03\x01")
        assert ended(silent, 30 + PATIENCE)


def test_what_is_too_large_is_refused_before_kiosk_is_asked(front: Front) -> None:
    assert b" 400 " in front.asked("/healthz", "X: " + "x" * 16000)
    start = f"POST /doctor/sign-in HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    assert b" 413 " in front.said(start + b"Content-Length: 65537\r\n\r\n" + bytes(16384))
    assert b" 400 " in front.said(start + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")


def test_one_address_gets_so_many_connections_and_the_others_are_served(front: Front) -> None:
    with ExitStack() as stack:
        for _ in range(64):
            stack.enter_context(socket.create_connection(("127.0.0.1", front.port), PATIENCE, ("127.0.0.4", 0)))
        one_more = stack.enter_context(socket.create_connection(("127.0.0.1", front.port), PATIENCE, ("127.0.0.4", 0)))
        assert ended(one_more, 5)
        assert front.asked("/healthz").startswith(b"HTTP/1.1 200")
