"""The pass to the patient's screen, in two files of the runtime folder: the token to come, and whose pass counts."""

import hashlib
import secrets
from contextlib import suppress
from pathlib import Path

from kiosk.errors import ConfigurationError

TOKEN_FILE = "screen-token"  # noqa: S105 # the name of a file
HOLDER_FILE = "screen-holder"


class FileScreenPass:
    """Port `ScreenPass`. Whoever starts the browser reads the token from its file; each exchange leaves a new one.

    A pass outlives a restart of this process, as the browser does.

    Args:
        folder: private to this user.
        shared: the token stays and leads every browser to one pass: of a demo, which prints its address.

    Raises:
        ConfigurationError: the files cannot be written.
    """

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        self._token = folder / TOKEN_FILE
        self._holder = folder / HOLDER_FILE
        self._shared = shared
        if not (shared and self._token.exists()):
            self._draw_token()

    def redeem(self, token: str) -> str | None:
        """See the port."""
        try:
            if not secrets.compare_digest(self._token.read_bytes(), token.encode()):
                return None
            if self._shared:
                return self._share(token)
            # of two that come at once, one removes the file
            self._token.unlink()
        except OSError:
            return None
        value = secrets.token_urlsafe(32)
        _write(self._holder, _digest(value))
        self._draw_token()
        return value

    def is_held(self, value: str) -> bool:
        """See the port."""
        try:
            return secrets.compare_digest(self._holder.read_bytes(), _digest(value).encode())
        except OSError:
            return False

    def _share(self, token: str) -> str:
        value = _digest(f"pass {token}")
        _write(self._holder, _digest(value))
        return value

    def _draw_token(self) -> None:
        _write(self._token, secrets.token_urlsafe(32))


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _write(file: Path, content: str) -> None:
    """Whole, and never readable by others."""
    half = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    try:
        half.touch(mode=0o600)
        half.write_text(content, encoding="ascii")
        half.replace(file)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise ConfigurationError(f"cannot write {file}: {error.strerror}") from error
