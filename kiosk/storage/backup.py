"""A copy of the SQLite database while it is in use. Keys of faces are not in it."""

import os
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine

from kiosk.errors import InputError, StorageError
from kiosk.storage.sqlite_files import JOURNALS, check_sound, copy, copying, file_of, fold
from kiosk.whole_files import sync


def back_up(engine: Engine, target: Path) -> None:
    """Copy the database, as of one moment, into a new file that only this user reads.

    The name is there only once the copy is whole, looked through and on the disk; what fails leaves nothing behind.

    Raises:
        ConfigurationError: the database is PostgreSQL.
        InputError: kind ``exists``, field ``file``.
        StorageError: it cannot be copied.
    """
    source = file_of(engine)
    new = target.with_name(f"{target.name}.{uuid4().hex}.new")
    with copying():
        _refuse_existing(target)
        try:
            os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            copy(source, new)
            fold(new)
            _look_through(new)
            _refuse_existing(target)
            new.rename(target)
        finally:
            for suffix in ("", *JOURNALS):
                new.with_name(new.name + suffix).unlink(missing_ok=True)
        sync(target.parent)


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise InputError("exists", "file", f"{target} exists; a backup overwrites nothing")


def _look_through(new: Path) -> None:
    try:
        check_sound(new)
    except InputError as error:
        raise StorageError("the copy is not whole; is the database itself? nothing was kept") from error
