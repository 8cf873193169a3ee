"""The TLS front before the staff's listener: what it says of a client is believed, from this host alone."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_THIS_HOST = frozenset({"127.0.0.1", "::1"})


class BehindFront:
    """WSGI middleware: a request is its client's, not the front's.

    The front replaces both headers, so a client cannot choose them; and whoever goes past the front is no other host,
    since the listener is on loopback then.

    Args:
        app: what answers.
    """

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """See WSGI (PEP 3333)."""
        client = _address(environ.get("HTTP_X_FORWARDED_FOR", ""))
        if environ.get("REMOTE_ADDR") in _THIS_HOST and client:
            environ["REMOTE_ADDR"] = client
            if environ.get("HTTP_X_FORWARDED_PROTO") == "https":
                environ["wsgi.url_scheme"] = "https"
        return self._app(environ, start_response)


def _address(text: str) -> str | None:
    """One address in its usual form: a list has been through somebody else's hands."""
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None
