"""Who uses a database: everybody together, or one alone who puts another in its place.

A lock on a file beside it, which the kernel ends with the last process that holds it, and which a forked worker
inherits. SQLite's own locks do not do: they end with each transaction, and a database that was replaced between two of
them goes on under the open files of whoever had it.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from kiosk.errors import StorageError

WAIT_SECONDS = 5.0
"""So long a process that starts waits for a restore to end."""
_POLL_SECONDS = 0.1


class DatabaseLock:
    """Held from when it is made until `close`, or until it and its process end; a fork holds it too.

    Args:
        database: the SQLite file.
        alone: against everybody else, without waiting; otherwise beside others who do not want it alone.
        wait: seconds for whoever has it alone.

    Raises:
        StorageError: somebody is in the way, or the lock file cannot be made.
    """

    def __init__(self, database: Path, *, alone: bool = False, wait: float = WAIT_SECONDS) -> None:
        try:
            self._descriptor = os.open(
                database.with_name(f"{database.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise StorageError(f"cannot make the lock of the database: {error.strerror}") from error
        if alone and not self._taken(fcntl.LOCK_EX, 0):
            self.close()
            raise StorageError("the database is in use: stop the services first, `systemctl stop kiosk.target`")
        if not alone and not self._taken(fcntl.LOCK_SH, wait):
            self.close()
            raise StorageError("the database is being restored: start again when `kiosk db restore` has ended")

    def close(self) -> None:
        """Let others have it; a repeat does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def _taken(self, how: int, wait: float) -> bool:
        give_up_at = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(self._descriptor, how | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= give_up_at:
                    return False
                time.sleep(_POLL_SECONDS)
            else:
                return True


def lock_of(engine: Engine) -> DatabaseLock | None:
    """A place beside everybody else who uses the database; None for PostgreSQL, which is not restored by kiosk.

    Raises:
        StorageError: it is being restored.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    return DatabaseLock(Path(engine.url.database))
