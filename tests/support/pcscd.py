"""The real PC/SC daemon with vsmartcard's virtual reader, kept away from this host and its network.

vpcd listens on every address for whoever wants to be the card, and pcscd's folder under ``/run`` is compiled into it.
So both run in a network and a mount namespace of their own: nobody outside can reach the reader, and a pcscd of this
host is not disturbed. That needs root, or unprivileged user namespaces, and nothing else.

In a changed root no mount namespace can be had: there pcscd runs in the folder under ``/run``, unless another one does,
and still in a network of its own. Where that cannot be had either, as in a container without CAP_SYS_ADMIN, it runs in
the host's network, but only with ``CI`` set in the environment.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

APART = Path(__file__).with_name("apart.py")
RUN = Path("/run")
DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
PORT = 0x8C7B
READER = "Virtual PCD 00 00"
GET_ATR = 4
"""vpcd's control messages are one byte long, where a command APDU is longer: off 0, on 1, reset 2, and this."""
START_SECONDS = 60.0


class CardInSlot(Protocol):
    """What a virtual card does, whoever carries its bytes."""

    @property
    def atr(self) -> bytes:
        """Answer to reset, ISO/IEC 7816-3."""

    def reset(self) -> None:
        """Forget every session, as at the loss of the field."""

    def transmit(self, command: bytes) -> bytes:
        """The response APDU, status word included."""


class Pcscd:
    """The daemon, started and stopped at will; its socket's path stays the same. Not started yet."""

    def __init__(self) -> None:
        # a unix socket's path has at most 107 bytes, so not under pytest's own folder
        self._home = Path(tempfile.mkdtemp(prefix="pcscd-"))
        self._readers = self._home / "readers"
        self._readers.mkdir()
        namespaces = _namespaces()
        self.has_own_network = "--net" in namespaces
        has_own_run = "--mount" in namespaces
        self._run = self._home / "run" if has_own_run else RUN
        self._made = not (self._run / "pcscd").exists()
        (self._run / "pcscd").mkdir(parents=True, exist_ok=True)
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asking = threading.Lock()
        command = [*namespaces, sys.executable, str(APART), str(theirs.fileno())]
        command += ["--loopback"] if self.has_own_network else []
        command += ["--run", str(self._run)] if has_own_run else []
        self._keeper = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        theirs.close()
        self.pid: int | None = None
        self.with_reader = False

    @property
    def address(self) -> Path:
        """What clients are told in ``PCSCLITE_CSOCK_NAME``; the library looks at it once in a process."""
        return self._run / "pcscd" / "pcscd.comm"

    def start(self, *, with_reader: bool = True) -> None:
        """Start, and return when clients can connect."""
        self.with_reader = with_reader
        text = f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{PORT:#x}\nLIBPATH {DRIVER}\nCHANNELID {PORT:#x}\n'
        (self._readers / "vpcd").write_text(text if with_reader else "", encoding="utf-8")
        self.pid = self._ask("start", _program(), "--foreground", "--critical", "--config", str(self._readers))
        ends = time.monotonic() + START_SECONDS
        while not _answers(self.address):
            if time.monotonic() > ends:
                raise RuntimeError("pcscd does not start")
            time.sleep(0.02)

    def be_there(self) -> None:
        """Running, with its reader, whatever was done to it before."""
        self.resume()
        if self.pid is None or not self.with_reader:
            self.stop()
            self.start()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Stop; what a hard kill leaves behind is cleared."""
        self.pid = self._ask("end", by)
        for name in ("pcscd.comm", "pcscd.pid"):
            (self._run / "pcscd" / name).unlink(missing_ok=True)

    def kill(self) -> None:
        """End it without its leave."""
        self.stop(signal.SIGKILL)

    def pause(self) -> None:
        """Let the daemon hang: it takes connections and answers none."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def connect(self) -> socket.socket | None:
        """A connection to the virtual reader, for whoever is the card; None while the reader is away."""
        with self._asking:
            self._requests.send(json.dumps(["connect", PORT]).encode())
            _, descriptors, _, _ = socket.recv_fds(self._requests, 16, 1)
        return socket.socket(fileno=descriptors[0]) if descriptors else None

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._requests.close()
        self._keeper.wait(START_SECONDS)
        if self._made:
            (self._run / "pcscd").rmdir()
        shutil.rmtree(self._home)

    def _ask(self, *request: str | int) -> int | None:
        with self._asking:
            self._requests.send(json.dumps(request).encode())
            answer: int | None = json.loads(self._requests.recv(64))
        return answer

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            os.kill(self.pid, number)


class Slot:
    """The place where a card is laid. A card that lies there is found again after a restart of the daemon."""

    def __init__(self, pcscd: Pcscd) -> None:
        self._pcscd = pcscd
        self._lifted = threading.Event()
        self._line: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def lay(self, card: CardInSlot) -> None:
        """Put a card on the reader, which sees it within 0.4 s."""
        self.lift()
        self._lifted.clear()
        self._thread = threading.Thread(target=self._lie, args=(card,), name="card in slot", daemon=True)
        self._thread.start()

    @property
    def holds_card(self) -> bool:
        """Whether one lies there."""
        return self._thread is not None and self._thread.is_alive() and not self._lifted.is_set()

    def lift(self) -> None:
        """Take the card away, and wait until it has ended what it did."""
        self.pull()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join()

    def pull(self) -> None:
        """Take the card away, in the middle of whatever it does."""
        self._lifted.set()
        line = self._line
        if line:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _lie(self, card: CardInSlot) -> None:
        while not self._lifted.is_set():
            self._line = self._pcscd.connect()
            if self._line:
                with self._line as line, suppress(OSError):
                    self._serve(line, card)
                self._line = None
            self._lifted.wait(0.05)

    def _serve(self, line: socket.socket, card: CardInSlot) -> None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not self._lifted.is_set():
            message = _receive(line, int.from_bytes(_receive(line, 2)))
            if message == bytes([GET_ATR]):
                answer = card.atr
            elif len(message) > 1:
                answer = card.transmit(message)
            else:
                card.reset()
                continue
            if not self._lifted.is_set():
                line.sendall(len(answer).to_bytes(2) + answer)


def _receive(line: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        # vpcd sends length and message apart; without this the kernel sits on the acknowledgement for 40 ms
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = line.recv(length - len(data))
        if not part:
            raise ConnectionResetError
        data += part
    return data


def _program() -> str:
    found = shutil.which("pcscd", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None or not Path(DRIVER).exists():
        raise RuntimeError("pcscd or vsmartcard-vpcd is missing: run tests/install-system-packages run")
    return found


def _namespaces() -> list[str]:
    """How a program gets a network, and mounts, of its own here."""
    for command in (["unshare", "--net", "--mount"], ["unshare", "--net", "--mount", "--map-root-user"]):
        if _works([*command, "mount", "--bind", "/run", "/run"]):
            return command
    if _answers(RUN / "pcscd" / "pcscd.comm"):
        raise RuntimeError("a pcscd already runs on this host: stop it first")
    if _works(["unshare", "--net", "true"]):
        return ["unshare", "--net"]
    if os.environ.get("CI"):
        return []
    raise RuntimeError("no network namespace can be had, and vpcd in the host's network only under CI: set CI=1")


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True
