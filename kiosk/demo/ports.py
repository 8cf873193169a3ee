"""Which TCP ports are free, and who holds one that is not."""

import socket
from contextlib import suppress
from pathlib import Path

from kiosk.errors import ConfigurationError

LISTEN = "0A"
"""State of a listening socket in /proc/net/tcp (proc(5))."""


def require_free(port: int, option: str) -> None:
    """Make sure that a port of this host can be listened on.

    Raises:
        ConfigurationError: says by whom it is taken, where that can be seen, and how to choose another.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            holder = _holder(port)
            by = f" by {holder}" if holder else ""
            raise ConfigurationError(
                f'port {port} is taken{by}; choose another: make demo DEMO_ARGS="{option} {port + 1000}"'
            ) from error


def _holder(port: int) -> str | None:
    inodes = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTEN and int(fields[1].rsplit(":", 1)[1], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(str(descriptor.readlink()) in inodes for descriptor in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8").strip()

                return f"{name}, process {process.name}"
    return None
