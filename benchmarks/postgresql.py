"""A PostgreSQL server of our own, with the durability that a hospital needs."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def cluster(folder: Path) -> list[str]:
    """Make one that listens in this folder, Debian's newest, as installed; its settings are the defaults.

    Returns:
        The command that runs it.
    """
    as_postgres: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        setpriv = shutil.which("setpriv") or "setpriv"
        as_postgres = [setpriv, "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=INT"]
    programs, data = max(Path("/usr/lib/postgresql").glob("*/bin/postgres")).parent, str(folder / "data")
    make = [str(programs / "initdb"), "-D", data, "-U", "kiosk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([*as_postgres, *make], cwd=folder, check=True, capture_output=True)
    listens = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}"]
    return [*as_postgres, str(programs / "postgres"), "-D", data, *listens]


@contextmanager
def postgresql() -> Iterator["Server"]:
    """Runs until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-pg-"))
    command = cluster(folder)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    server = Server(folder)
    try:
        server.wait()
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder)


class Server:
    """Where it listens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new_database(self) -> str:
        """The URL of an empty one."""
        name = f"kiosk_{time.monotonic_ns()}"
        with psycopg.connect(host=str(self._folder), user="kiosk", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://kiosk@/{name}?host={self._folder}"

    def wait(self) -> None:
        """Return once it answers."""
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(host=str(self._folder), user="kiosk", dbname="postgres").close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return
