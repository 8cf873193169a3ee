"""How the two listeners are served: gunicorn, one process each, a thread for every open screen."""

import logging
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.util import import_app

from kiosk.errors import ConfigurationError
from kiosk.web.gathering import CONNECTIONS, GatheringWorker

STOP_SECONDS = 2
"""After that, requests still running are cut off; live streams have ended by themselves."""


class StreamEndingWorker(GatheringWorker):
    """Ends the live streams when the server stops: gunicorn itself would wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM: no further requests, and every open stream ends now; of several signals the first."""
        if self.alive and hasattr(self, "wsgi"):  # else it is not loaded yet, and no stream is open
            # not here: a handler runs in the middle of whatever holds the locks that this takes
            threading.Thread(target=self.wsgi.extensions["kiosk_stop"], name="stop").start()
        super().handle_exit(sig, frame)


class JoinedLogger(Logger):  # type: ignore[misc] # gunicorn ships no types
    """Sends gunicorn's messages through this process's own log, with its filter."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 # gunicorn's configuration
        """No handlers of its own."""
        self.loglevel = logging.INFO
        self.error_log.propagate = True
        self.error_log.setLevel(logging.INFO)
        self.access_log.propagate = False
        self.cfg = cfg


class Server(BaseApplication):  # type: ignore[misc] # gunicorn ships no types
    """One listener.

    Args:
        app: what the worker imports and calls, such as ``kiosk.wsgi:staff()``.
        address: host and port.
        threads: more than there are screens.
        tls: certificate and key, or None for plain HTTP.
    """

    def __init__(self, app: str, address: tuple[str, int], threads: int, tls: tuple[Path, Path] | None) -> None:
        self._app = app
        self._options: dict[str, Any] = {
            "bind": [f"{address[0]}:{address[1]}"],
            "worker_class": f"{__name__}.StreamEndingWorker",
            "workers": 1,
            "threads": threads,
            "worker_connections": CONNECTIONS,
            "http_protocols": "h1",
            # what a header says of the client is for the app to judge
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "graceful_timeout": STOP_SECONDS,
            "timeout": 60,
            "keepalive": 5,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 # a heartbeat file, no data
            "accesslog": None,
            "logger_class": f"{__name__}.JoinedLogger",
            "control_socket_disable": True,
        }
        if tls:
            self._options |= {"certfile": str(tls[0]), "keyfile": str(tls[1]), "ssl_context": modern_tls}
        super().__init__()

    def load_config(self) -> None:
        """Hand the options to gunicorn; its own command line and files are not read."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 # a WSGI application
        """Build the app, in the worker."""
        return import_app(self._app)


def modern_tls(_: Any, default: Any) -> ssl.SSLContext:  # noqa: ANN401 # gunicorn's hook
    """TLS 1.2 and newer."""
    context: ssl.SSLContext = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def staff_tls(paths: Mapping[str, Path | None], host: str) -> tuple[Path, Path] | None:
    """The certificate and key of the staff listener.

    Raises:
        ConfigurationError: one is missing, or both and the address is not this host's own.
    """
    certificate, key = paths["staff-certificate"], paths["staff-key"]
    if certificate and key:
        return certificate, key
    if certificate or key:
        raise ConfigurationError("the credentials staff-certificate and staff-key go together; one is missing")
    if host not in {"127.0.0.1", "::1", "localhost"}:
        raise ConfigurationError(
            f"web.staff_host is {host}, but there is no certificate: put the credentials staff-certificate and "
            "staff-key in place, or use 127.0.0.1"
        )
    return None
