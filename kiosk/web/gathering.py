"""A gunicorn worker whose threads see whole requests only.

gunicorn's own gives every connection a thread at once: for the TLS handshake, the headers and the body, for as long as
a client likes, and closes them in its one event loop, for up to two seconds each. Here that loop shakes hands, gathers
a request and says goodbye, all without waiting; a thread is taken when there is something to answer.
"""

import errno
import logging
import resource
import selectors
import socket
import ssl
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from gunicorn import http
from gunicorn import sock as gunicorn_sock
from gunicorn.workers.gthread import TConn, ThreadWorker

from kiosk.web.framing import RequestNotTaken, request_length

if TYPE_CHECKING:
    from concurrent.futures import Future

log = logging.getLogger(__name__)

REQUEST_SECONDS = 10.0
"""From the first byte of a connection or of a further request until the last one of the request."""
WRITE_SECONDS = 10.0
"""How long one piece of an answer may take to leave; a live screen that takes nothing is let go."""
LINGER_SECONDS = 2.0
"""After the last answer, so that a client reads it before the connection is reset (RFC 9112, 9.6)."""
SWEEP_SECONDS = 0.5
CONNECTIONS = 1000
"""Of one listener; beyond it, whoever has said least for longest makes room."""
CONNECTIONS_OF_ONE_ADDRESS = 64
"""Not counted for this host itself, where the TLS front, the kiosk's own browser and the demo are."""
LARGEST_BODY = 256 * 1024
LARGEST_BODY_OF_THIS_HOST = 20 * 1024 * 1024
"""The demo's device bench takes photographs."""
_THIS_HOST = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1", ""})
_PIECE = 64 * 1024
_FILES = 4096


class Conn(TConn):  # type: ignore[misc] # gunicorn ships no types
    """A connection whose request was gathered before a thread got it.

    Attributes:
        received: what came and is not yet handed over.
        deadline: when it is closed unless something is complete by then, in monotonic seconds.
        shaking_hands: whether its TLS handshake is not over.
    """

    parser: Any

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:  # noqa: ANN401 # gunicorn's
        super().__init__(cfg, sock, client, server)
        self.received = bytearray()
        self.deadline = 0.0
        self.shaking_hands = False
        self.data_ready = True

    @property
    def address(self) -> str:
        """Of the client; empty on a unix socket."""
        return str(self.client[0]) if isinstance(self.client, tuple) else ""

    @property
    def largest_body(self) -> int:
        """Bytes."""
        return LARGEST_BODY_OF_THIS_HOST if self.address in _THIS_HOST else LARGEST_BODY

    def init(self) -> None:
        """In the thread: whatever the client does now, no read or write takes longer."""
        self.sock.settimeout(WRITE_SECONDS)

    def hand_over(self, length: int) -> None:
        """Give the parser exactly one request; what follows it stays here."""
        if self.parser is None:
            self.parser = http.get_parser(self.cfg, self.sock, self.client)
        self.parser.unreader.unread(bytes(self.received[:length]))
        del self.received[:length]


@dataclass(slots=True)
class Gate:
    """How many connections each address has.

    Attributes:
        full: addresses that were told so, until they are below the limit again.
    """

    most: int = CONNECTIONS_OF_ONE_ADDRESS
    open: Counter[str] = field(default_factory=Counter)
    full: set[str] = field(default_factory=set)

    def enter(self, address: str) -> bool:
        """Count a connection; False when it is one too many."""
        if address not in _THIS_HOST and self.open[address] >= self.most:
            if address not in self.full:
                self.full.add(address)
                log.warning("too many connections from one address")
            return False
        self.open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """It ended."""
        self.open[address] -= 1
        if self.open[address] < self.most:
            self.full.discard(address)
        if self.open[address] <= 0:
            del self.open[address]


class GatheringWorker(ThreadWorker):  # type: ignore[misc] # gunicorn ships no types
    """See the module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 # gunicorn's
        super().__init__(*args, **kwargs)
        self._gate = Gate()
        self._waiting: dict[Conn, None] = {}  # in the order in which they came
        self._leaving: dict[Conn, None] = {}
        self._next_sweep = 0.0
        self._tls: ssl.SSLContext | None = None

    def init_process(self) -> None:
        """Room for all connections, and one TLS context for all of them."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
        if self.cfg.is_ssl:
            self._tls = gunicorn_sock.ssl_context(self.cfg)
        super().init_process()

    def accept(self, listener: Any) -> None:  # noqa: ANN401 # gunicorn's
        """Take a connection, and no thread for it."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        conn = Conn(self.cfg, client, address, listener.getsockname())
        if not self._gate.enter(conn.address):
            client.close()
            return
        self.nr_conns += 1
        if self.nr_conns >= CONNECTIONS and self._waiting:
            self._end(next(iter(self._waiting)))
        self._begin(conn)

    def _begin(self, conn: Conn) -> None:
        try:
            if self._tls:
                conn.sock = self._tls.wrap_socket(conn.sock, server_side=True, do_handshake_on_connect=False)
                conn.shaking_hands = True
        except OSError:
            # it was reset meanwhile
            self._forget(conn)
            conn.close()
            return
        self._wait_for_request(conn, REQUEST_SECONDS)

    def _wait_for_request(self, conn: Conn, seconds: float) -> None:
        conn.sock.settimeout(0)
        conn.deadline = time.monotonic() + seconds
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._gather, conn))
        self._waiting[conn] = None
        if conn.received or (self._tls and conn.sock.pending()):
            # in memory already: the socket may never become readable again
            self._gather(conn, conn.sock)

    def _gather(self, conn: Conn, _: object) -> None:
        """Go on with the handshake or the request, as far as it goes without waiting."""
        try:
            if conn.shaking_hands:
                conn.sock.do_handshake()
                conn.shaking_hands = False
            length = self._read(conn)
        except (ssl.SSLWantReadError, BlockingIOError):
            self.poller.modify(conn.sock, selectors.EVENT_READ, partial(self._gather, conn))
        except ssl.SSLWantWriteError:
            self.poller.modify(conn.sock, selectors.EVENT_WRITE, partial(self._gather, conn))
        except RequestNotTaken as refused:
            self._refuse(conn, refused.status)
        except OSError:
            self._end(conn)
        else:
            self._stop_waiting(conn)
            conn.hand_over(length)
            self.enqueue_req(conn)

    def _read(self, conn: Conn) -> int:
        """How long the request is that is there now.

        Raises:
            OSError: it is not there yet (`BlockingIOError` and its like), or will never be.
        """
        while True:
            length = request_length(conn.received, conn.largest_body)
            if length is not None and len(conn.received) >= length:
                return length
            piece = conn.sock.recv(_PIECE)
            if not piece:
                raise ConnectionResetError
            if not conn.received:
                conn.deadline = max(conn.deadline, time.monotonic() + REQUEST_SECONDS)
            conn.received += piece

    def _refuse(self, conn: Conn, status: str) -> None:
        with suppress(OSError):
            conn.sock.send(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode("ascii"))
        self._stop_waiting(conn)
        self._say_goodbye(conn)

    def handle_request(self, req: Any, conn: Conn) -> bool:  # noqa: ANN401 # gunicorn's
        """In a thread: a client that does not take its answer has left."""
        try:
            return bool(super().handle_request(req, conn))
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "took nothing for too long") from error

    def finish_request(self, conn: Conn, fs: "Future[object]") -> None:
        """In the loop, after a thread answered."""
        goes_on = self.alive and not fs.cancelled() and fs.exception() is None and bool(fs.result())
        if not goes_on:
            self._say_goodbye(conn)
            return
        try:
            self._wait_for_request(conn, self.cfg.keepalive)
        except (OSError, ValueError, KeyError):
            # the thread closed it
            self._end(conn)

    def _say_goodbye(self, conn: Conn) -> None:
        """Close our side, and theirs when they did, or soon."""
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError, KeyError):
            self._forget(conn)
            conn.close()
            return
        conn.deadline = time.monotonic() + LINGER_SECONDS
        self._leaving[conn] = None

    def _drain(self, conn: Conn, _: object) -> None:
        try:
            more = conn.sock.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self._end(conn)

    def _stop_waiting(self, conn: Conn) -> None:
        self._waiting.pop(conn, None)
        self._leaving.pop(conn, None)
        with suppress(KeyError, ValueError, OSError):
            self.poller.unregister(conn.sock)

    def _end(self, conn: Conn) -> None:
        self._stop_waiting(conn)
        self._forget(conn)
        conn.close()

    def _forget(self, conn: Conn) -> None:
        self.nr_conns -= 1
        self._gate.leave(conn.address)

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 # gunicorn's signature
        """What gunicorn calls after each look at the poller: close whoever took too long."""
        now = time.monotonic()
        if now < self._next_sweep and self.alive and not force:
            return
        self._next_sweep = now + SWEEP_SECONDS
        for conn in [*self._waiting, *self._leaving]:
            is_idle = not self.alive and not conn.received
            if conn.deadline <= now or is_idle or force:
                self._end(conn)
