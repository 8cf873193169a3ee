"""File systems of our own that may lose power or be full; only root may mount them."""

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN (linux/fs/ext4/ext4.h): _IOR('X', 125, __u32)."""
NO_LOG_FLUSH = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: what was not yet in the journal is gone, as when the power fails."""
IMAGE_MB, TMPFS_MB = 512, 64


@dataclass
class Disk:
    """An ext4 in a file."""

    image: Path
    place: Path

    def mount(self) -> None:
        _run("mount", "-o", "loop", self.image, self.place)

    def unmount(self) -> None:
        _run("umount", self.place)

    def cut(self) -> None:
        """As if the power failed; it has to be unmounted and mounted again."""
        handle = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(handle)


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Made and mounted; gone with the block."""
    made = Disk(folder / "disk.ext4", folder / "disk")
    made.place.mkdir()
    with made.image.open("wb") as image:
        image.truncate(IMAGE_MB << 20)
    _run("mkfs.ext4", "-q", "-F", made.image)
    made.mount()
    try:
        yield made
    finally:
        with suppress(subprocess.CalledProcessError):
            made.unmount()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A tmpfs of a few megabytes."""
    place = folder / "small"
    place.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={TMPFS_MB}m", "tmpfs", place)
    try:
        yield place
    finally:
        _run("umount", place)


def fill(place: Path) -> Path:
    """Take all room that is left; returns what to remove."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
    return filler


def _run(*words: str | Path) -> None:
    subprocess.run(words, check=True, capture_output=True)
