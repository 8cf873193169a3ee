"""A PostgreSQL of our own, as a child that may be killed: all of it, or a backend, after which it recovers."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.postgresql import Server, cluster
from kiosk.demo.processes import Child

NAME = "postgresql"


@contextmanager
def postgresql() -> Iterator[tuple[Child, str]]:
    """Running, and the URL of an empty database in it."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-chaos-pg-"))
    child = Child(NAME, cluster(folder), {}, folder / "log")
    try:
        child.tend()
        server = Server(folder)
        server.wait()
        yield child, server.new_database()
    finally:
        child.stop(30)
        shutil.rmtree(folder)
