"""Restores a backup in processes that kill themselves (SIGKILL) at a chosen touch of the file system.

Reads orders ``N`` from standard input, forks for each and answers ``killed`` or ``finished TOUCHES``. The kill comes
right before the N-th call that CPython announces to audit hooks (opening, linking, renaming, removing, connecting to
SQLite), so that no code of the product is another one here.
"""

import os
import signal
import sys
from pathlib import Path

from kiosk.logs import configure_logs
from kiosk.model.actor import SYSTEM
from kiosk.storage.engine import open_engine
from kiosk.storage.restore import restore

TOUCHES = frozenset({"open", "os.link", "os.rename", "os.remove", "os.chmod", "sqlite3.connect", "fcntl.flock"})


def run(live: str, backup: str, n: int) -> int:
    """One restore; returns how many touches it made."""
    touched = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal touched
        if event in TOUCHES and (event != "open" or str(arguments[0]).startswith(str(Path(live).parent))):
            touched += 1
            if touched == n:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    restore(open_engine(f"sqlite:///{live}"), None, Path(backup), SYSTEM)
    return touched


def answer(live: str, backup: str, n: int) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(run(live, backup, n)).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as said:
        touched = said.read()
    return "killed" if os.WIFSIGNALED(status) else f"finished {touched}"


if __name__ == "__main__":
    configure_logs("error")
    for line in sys.stdin:
        print(answer(sys.argv[1], sys.argv[2], int(line)), flush=True)  # noqa: T201 # the answer
