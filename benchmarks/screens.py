"""One doctor's screen that is watched closely: live, or asking for its list again and again."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

COOKIE = "kiosk_doctor"
FRAME = re.compile(rb"event: arrived\ndata: (\{[^\n]*\})\n")
LISTED = re.compile(rb'data-id="([0-9a-f]{32})"')
LONGEST_WAIT = 20.0


@dataclass(frozen=True, slots=True)
class Way:
    """How the screens learn of an arrival: live, or by asking for the list every so many seconds.

    Attributes:
        own_clinic: each screen is of one clinic and fetches the row of each arrival there, as in a hospital's day;
            otherwise all are told of every arrival, and only the watched one fetches.
    """

    screens: int
    poll_seconds: float | None = None
    own_clinic: bool = False

    def __str__(self) -> str:
        screens = "1 screen" if self.screens == 1 else f"{self.screens} screens"
        if self.poll_seconds:
            return f"asks every {self.poll_seconds:.0f} s, {screens}"
        return f"live, {screens}" + (", each of its clinic" if self.own_clinic else "")


@dataclass
class Watched:
    """What the screen saw of each check-in, on the host's monotonic clock: its event, and its row."""

    told: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    refused: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    ready: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, check_in_ids: Sequence[str]) -> None:
        """Return once all of them were shown, or nothing more is to be expected."""
        deadline = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < deadline and not set(check_in_ids) <= self.shown.keys():
            time.sleep(0.05)


@contextmanager
def watched_screen(address: str, token: str, way: Way) -> Iterator[Watched]:
    """Open in a thread of this process until the block ends."""
    watched = Watched()
    arguments = (address, token, watched)
    thread = (
        threading.Thread(target=_poll, args=(*arguments, way.poll_seconds))
        if way.poll_seconds
        else threading.Thread(target=_listen, args=arguments)
    )
    thread.start()
    try:
        if not watched.ready.wait(LONGEST_WAIT):
            raise RuntimeError("the watched screen did not open")
        yield watched
    finally:
        watched.stop.set()
        thread.join()


def request(address: str, path: str, token: str) -> bytes:
    """A GET as a browser with this session sends it."""
    lines = (f"GET {path} HTTP/1.1", f"Host: {urlsplit(address).netloc}", f"Cookie: {COOKIE}={token}", "", "")
    return "\r\n".join(lines).encode()


def arrived_in(buffer: bytes) -> tuple[list[str], bytes]:
    """The check-ins whose arrival the frames tell, and what is left to be completed."""
    found, end = [], 0
    for frame in FRAME.finditer(buffer):
        found.append(str(json.loads(frame[1])["check_in"]))
        end = frame.end()
    return found, buffer[end:][-4096:]


def _listen(address: str, token: str, watched: Watched) -> None:
    host, port = urlsplit(address).hostname, urlsplit(address).port
    with (
        socket.create_connection((host or "", port or 0), LONGEST_WAIT) as live,
        httpx.Client(base_url=address, cookies={COOKIE: token}, timeout=LONGEST_WAIT) as rows,
    ):
        live.sendall(request(address, "/doctor/live", token))
        live.settimeout(0.2)
        buffer = b""
        while not watched.stop.is_set():
            try:
                piece = live.recv(65536)
            except TimeoutError:
                continue
            now = time.monotonic()
            if not piece:
                raise RuntimeError("the live stream ended")
            watched.ready.set()
            told, buffer = arrived_in(buffer + piece)
            for check_in_id in told:
                watched.told[check_in_id] = now
                if rows.get(f"/doctor/rows/{check_in_id}").is_success:
                    watched.shown[check_in_id] = time.monotonic()
                else:
                    watched.refused += 1


def _poll(address: str, token: str, watched: Watched, seconds: float) -> None:
    with httpx.Client(base_url=address, cookies={COOKIE: token}, timeout=LONGEST_WAIT) as rows:
        watched.ready.set()
        due = time.monotonic()
        while not watched.stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + seconds, time.monotonic())
            answer, now = rows.get("/doctor/list"), time.monotonic()
            watched.refused += not answer.is_success
            for check_in_id in LISTED.findall(answer.content):
                watched.shown.setdefault(check_in_id.decode(), now)
