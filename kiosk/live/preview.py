"""The camera's picture on its way from the station to the patient's screen of the same host.

A unix socket of this user only. Each picture is a JPEG after its length in four bytes, most significant first. A
watcher gets pictures shown after it came, the newest each time; one that does not keep up is let go.
"""

import contextlib
import os
import select
import socket
import stat
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import structlog

from kiosk.errors import ConfigurationError, DeviceError

LARGEST_PICTURE = 4 * 1024 * 1024
WATCHERS = 4
SLOW_SECONDS = 2.0
"""A watcher that takes longer for one picture is let go."""
SILENT_SECONDS = 5.0
"""Without a picture for so long, the source ends; the screen may ask again."""

_LENGTH = struct.Struct(">I")
_POLL_SECONDS = 0.5
_log = structlog.get_logger(__name__)


class UnixPreviewSink:
    """Port `PreviewSink`: the station's end.

    Args:
        path: of the socket, at most 107 bytes; its folder exists.

    Raises:
        ConfigurationError: the socket cannot be made there, or another station listens on it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = threading.Condition()
        self._newest = b""
        self._shown = 0
        self._closed = False
        self._watchers: list[socket.socket] = []
        self._listener = _listen(path)
        self._door = threading.Thread(target=self._welcome, name="preview", daemon=True)
        self._door.start()

    def show(self, jpeg: bytes) -> None:
        """The newest picture; dropped when nobody watches, or when it is larger than 4 MB."""
        if len(jpeg) > LARGEST_PICTURE:
            _log.warning("picture too large for the preview", device="camera", kind="too_large")
            return
        with self._changed:
            if self._watchers:
                self._newest = jpeg
                self._shown += 1
                self._changed.notify_all()

    @property
    def watched(self) -> bool:
        """Whether somebody watches."""
        with self._changed:
            return bool(self._watchers)

    def close(self) -> None:
        """Stop and remove the socket."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            watchers = list(self._watchers)
        for watcher in watchers:
            _hang_up(watcher)
        self._path.unlink(missing_ok=True)
        self._door.join(2 * _POLL_SECONDS)

    def _welcome(self) -> None:
        with self._listener:
            while not self._closed:
                with contextlib.suppress(TimeoutError):
                    watcher, _ = self._listener.accept()
                    self._admit(watcher)

    def _admit(self, watcher: socket.socket) -> None:
        watcher.settimeout(SLOW_SECONDS)
        with self._changed:
            self._watchers.append(watcher)
            surplus = self._watchers[:-WATCHERS]
            since = self._shown
        # a page that was left may linger: the oldest watcher makes room
        for left in surplus:
            _hang_up(left)
        threading.Thread(target=self._serve, args=(watcher, since), name="preview watcher", daemon=True).start()

    def _serve(self, watcher: socket.socket, seen: int) -> None:
        try:
            while not self._closed:
                picture, shown = self._newer_than(seen)
                if shown > seen:
                    watcher.sendall(_LENGTH.pack(len(picture)) + picture)
                    seen = shown
                elif _has_left(watcher):
                    break
        except OSError:
            # slow, or gone
            pass
        finally:
            with self._changed:
                self._watchers.remove(watcher)
            watcher.close()

    def _newer_than(self, seen: int) -> tuple[bytes, int]:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._shown > seen, _POLL_SECONDS)
            return self._newest, self._shown


class UnixPreviewSource:
    """Port `PreviewSource`: the patient screen's end; each call of `frames` is a connection of its own.

    Args:
        path: of the station's socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def frames(self) -> Iterator[bytes]:
        """JPEG pictures until the station stops or shows none for 5 s.

        Raises:
            DeviceError: ``absent``, no station answers; ``fault``, it sends what is no preview.
        """
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(SILENT_SECONDS)
            try:
                connection.connect(os.fspath(self._path))
            except OSError as error:
                raise DeviceError("absent", "no station shows a picture") from error
            with contextlib.suppress(OSError, EOFError):
                while True:
                    yield _receive_picture(connection)


def _receive_picture(connection: socket.socket) -> bytes:
    (length,) = _LENGTH.unpack(_receive(connection, _LENGTH.size))
    if length > LARGEST_PICTURE:
        raise DeviceError("fault", "the preview's picture is too large")
    return _receive(connection, length)


def _receive(connection: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        part = connection.recv(min(length - len(received), 65536))
        if not part:
            raise EOFError
        received += part
    return bytes(received)


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        _remove_stale(path)
        # nobody can connect before listen, so the narrower mode is there in time
        listener.bind(os.fspath(path))
        path.chmod(0o600)
        listener.listen(WATCHERS)
    except OSError as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {path}: {error}") from error
    listener.settimeout(_POLL_SECONDS)
    return listener


def _remove_stale(path: Path) -> None:
    """Remove the socket of a station that was killed; refuse to take one that is in use."""
    if not path.exists() or not stat.S_ISSOCK(path.stat().st_mode):
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.fspath(path))
        except OSError:
            path.unlink(missing_ok=True)
        else:
            raise OSError("another station listens there")


def _has_left(watcher: socket.socket) -> bool:
    """A watcher never sends: anything to read is its end."""
    poll = select.poll()
    poll.register(watcher, select.POLLIN)
    return bool(poll.poll(0))


def _hang_up(watcher: socket.socket) -> None:
    with contextlib.suppress(OSError):
        watcher.shutdown(socket.SHUT_RDWR)
