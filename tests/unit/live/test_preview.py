import socket
import stat
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kiosk.errors import ConfigurationError, DeviceError
from kiosk.live.preview import LARGEST_PICTURE, WATCHERS, UnixPreviewSink, UnixPreviewSource
from tests.support.patience import PATIENCE, until


@pytest.fixture
def path() -> Iterator[Path]:
    with TemporaryDirectory(prefix="kiosk-") as folder:
        yield Path(folder) / "preview.sock"


@pytest.fixture
def sink(path: Path) -> Iterator[UnixPreviewSink]:
    with closing(UnixPreviewSink(path)) as made:
        yield made


class Watcher:
    """Collects what a source gives, on a thread of its own."""

    def __init__(self, path: Path) -> None:
        self.pictures: list[bytes] = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch, args=(path,))
        self.thread.start()

    def _watch(self, path: Path) -> None:
        for picture in UnixPreviewSource(path).frames():
            self.pictures.append(picture)
        self.ended.set()


def test_a_watcher_sees_the_pictures_until_the_station_stops(path: Path, sink: UnixPreviewSink) -> None:
    watcher = Watcher(path)
    until(lambda: sink.watched)
    sink.show(b"one")
    until(lambda: watcher.pictures == [b"one"])
    sink.show(b"two" * 100_000)
    until(lambda: watcher.pictures[-1] == b"two" * 100_000)
    sink.close()
    assert watcher.ended.wait(PATIENCE)
    watcher.thread.join()
    assert not path.exists()


def test_nobody_watching_costs_nothing_and_nothing_is_kept_for_later(path: Path, sink: UnixPreviewSink) -> None:
    sink.show(b"the patient before")
    watcher = Watcher(path)
    until(lambda: sink.watched)
    sink.show(b"now")
    until(lambda: watcher.pictures)
    sink.close()
    watcher.thread.join()
    assert watcher.pictures == [b"now"]


def test_a_watcher_that_came_later_does_not_see_an_older_picture(path: Path, sink: UnixPreviewSink) -> None:
    first = Watcher(path)
    until(lambda: sink.watched)
    sink.show(b"old")
    until(lambda: first.pictures)
    second = Watcher(path)
    time.sleep(0.7)
    sink.show(b"new")
    until(lambda: second.pictures)
    sink.close()
    first.thread.join()
    second.thread.join()
    assert second.pictures == [b"new"]


def test_a_watcher_that_does_not_read_is_dropped_and_holds_up_nobody(path: Path, sink: UnixPreviewSink) -> None:
    with socket.socket(socket.AF_UNIX) as sleeper:
        sleeper.connect(str(path))
        until(lambda: sink.watched)
        sink.show(b"x" * LARGEST_PICTURE)
        until(lambda: not sink.watched)


def test_a_watcher_that_left_is_forgotten_without_a_picture(path: Path, sink: UnixPreviewSink) -> None:
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect(str(path))
        until(lambda: sink.watched)
    until(lambda: not sink.watched)


def test_the_newest_watchers_are_served_when_too_many_come(path: Path, sink: UnixPreviewSink) -> None:
    watchers = []
    for _ in range(WATCHERS + 1):
        watchers.append(Watcher(path))
        time.sleep(0.05)
    assert watchers[0].ended.wait(PATIENCE), "the oldest makes room"
    sink.show(b"picture")
    until(lambda: all(watcher.pictures for watcher in watchers[1:]))
    sink.close()
    for watcher in watchers:
        watcher.thread.join()


def test_a_picture_too_large_is_not_shown(path: Path, sink: UnixPreviewSink) -> None:
    watcher = Watcher(path)
    until(lambda: sink.watched)
    sink.show(b"x" * (LARGEST_PICTURE + 1))
    sink.show(b"small")
    until(lambda: watcher.pictures)
    sink.close()
    watcher.thread.join()
    assert watcher.pictures == [b"small"]


def test_the_socket_is_for_this_user_only(path: Path, sink: UnixPreviewSink) -> None:
    assert not sink.watched
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_station_is_an_absent_device(path: Path) -> None:
    with pytest.raises(DeviceError) as refused:
        next(UnixPreviewSource(path).frames())
    assert refused.value.kind == "absent"


def test_a_sender_that_speaks_something_else_is_refused(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(path))
        stranger.listen()

        def answer() -> None:
            connection, _ = stranger.accept()
            with connection:
                connection.sendall(struct.pack(">I", 2**32 - 1))

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(DeviceError):
            next(UnixPreviewSource(path).frames())
        thread.join()


def test_the_socket_of_a_killed_station_is_taken_over(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    with closing(UnixPreviewSink(path)):
        assert path.is_socket()


def test_a_second_station_is_refused(path: Path, sink: UnixPreviewSink) -> None:
    with pytest.raises(ConfigurationError, match="another station"):
        UnixPreviewSink(path)
    assert not sink.watched or path.is_socket()


def test_a_path_that_is_too_long_is_refused_by_name(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot listen"):
        UnixPreviewSink(path.with_name("x" * 120))
