"""A server on this host that answers as a test tells it, and remembers what it was asked."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.contract.record.people import Resource

FHIR = "application/fhir+json"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Reply:
    """What to answer; `dripping` sends a byte, waits as long, and so on."""

    status: int = 200
    body: bytes = b""
    content_type: str = FHIR
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0
    dripping: float = 0.0
    claims: int | None = None

    @classmethod
    def of(cls, resource: Resource, status: int = 200) -> "Reply":
        return cls(status, json.dumps(resource).encode())


def outcome(code: str, status: int) -> Reply:
    issue = {"severity": "error", "code": code, "diagnostics": "Nguyễn Thị Mẫu 001190012345"}
    return Reply.of({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def bundle(*resources: Resource, next_link: str | None = None) -> Reply:
    links = [{"relation": "next", "url": next_link}] if next_link else []
    entries = [{"resource": one} for one in resources]
    return Reply.of({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})


@dataclass
class StrangeServer:
    url: str
    asked: list[Asked]


@contextmanager
def strange_server(answer: Callable[[Asked], Reply], tls: ssl.SSLContext | None = None) -> Iterator[StrangeServer]:
    """Answers until the block ends."""
    asked: list[Asked] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            request = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length).decode())
            asked.append(request)
            self.reply(answer(request))

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815 # names of the standard library

        def reply(self, reply: Reply) -> None:
            over.wait(reply.after)
            try:
                self.send_response(reply.status)
                length = len(reply.body) if reply.claims is None else reply.claims
                for name, value in (
                    {"Content-Type": reply.content_type, "Content-Length": length} | reply.headers
                ).items():
                    self.send_header(name, str(value))
                self.end_headers()
                for chunk in _chunks(reply):
                    self.wfile.write(chunk)
                    over.wait(reply.dripping)
            except (BrokenPipeError, ConnectionResetError):
                # the client gave up, as it should
                pass
            self.close_connection = reply.claims is not None or reply.dripping > 0

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        # the handshake belongs to the connection's own thread
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield StrangeServer(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/fhir", asked)
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _chunks(reply: Reply) -> Iterator[bytes]:
    size = 1 if reply.dripping else 1024 * 1024
    return (reply.body[start : start + size] for start in range(0, len(reply.body), size))


def closed_port() -> str:
    """The address of a server that is gone."""
    with strange_server(lambda _: Reply()) as server:
        return server.url
