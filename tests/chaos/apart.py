"""Work in a process of its own: what it opened is closed when it ends, and a file system can be taken away."""

import os
from collections.abc import Callable
from typing import TypeVar

import msgspec

Result = TypeVar("Result")


def apart(do: Callable[[], Result], kind: type[Result]) -> Result:
    """Its result, over a pipe.

    Raises:
        ChildProcessError: it failed; what it said is on standard error.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as out:
                out.write(msgspec.json.encode(do()))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise ChildProcessError(f"status {status}")
    return msgspec.json.decode(said, type=kind)
