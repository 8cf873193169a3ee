"""Files that several processes and the hospital's own programs write at once: locks and whole replacements."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from kiosk.errors import RecordConflict, RecordUnreachable

_LOCK_SECONDS = 4.0
_POLL_SECONDS = 0.01


def stamp_of(path: Path) -> str:
    """What changes whenever a file is rewritten; empty when there is no file."""
    try:
        return stamp(path.stat())
    except OSError:
        return ""


def stamp(status: os.stat_result) -> str:
    """Time, size and inode of a file's status."""
    return f"{status.st_mtime_ns}:{status.st_size}:{status.st_ino}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path` against other threads and processes.

    Raises:
        RecordUnreachable: somebody else holds it for too long, or it cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RecordUnreachable(f"cannot lock the record folder: {error.strerror}") from error
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    give_up_at = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > give_up_at:
                raise RecordUnreachable("the record folder is locked by another process") from error
            time.sleep(_POLL_SECONDS)
        else:
            return


def replace_file(path: Path, data: bytes, seen: str) -> None:
    """Put `data` in the place of a file, whole or not at all, and on the disk before returning.

    Args:
        path: the file.
        data: what it shall hold.
        seen: the stamp of the file as it was read.

    Raises:
        RecordConflict: the file was changed since.
        OSError: the disk is full or the folder is read-only; the file is as it was.
    """
    new = path.with_name(f".{uuid4().hex}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if stamp_of(path) != seen:
            raise RecordConflict("the patient's file was changed meanwhile")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
