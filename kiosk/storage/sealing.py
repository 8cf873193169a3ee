"""Sealing what must not be readable in a copied database: AES-256-GCM (NIST SP 800-38D) with a key from a file."""

import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.errors import ConfigurationError

KEY_BYTES = 32
NONCE_BYTES = 12


class Seal:
    """One key.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def from_text(cls, text: str, credential: str = "sealing-key") -> "Seal":
        """The key of a credential file: 64 hexadecimal digits.

        Args:
            text: what the file holds.
            credential: its name, for the message.

        Raises:
            ConfigurationError: it is not.
        """
        try:
            key = binascii.unhexlify(text.strip())
        except (binascii.Error, ValueError) as error:
            raise ConfigurationError(f"the credential {credential}: expected 64 hexadecimal digits") from error
        if len(key) != KEY_BYTES:
            raise ConfigurationError(f"the credential {credential}: expected 64 hexadecimal digits")
        return cls(key)

    def close(self, content: bytes, place: str) -> bytes:
        """Seal; it opens in the same place only.

        A nonce is random: with one key, 2^32 contents may be sealed (NIST SP 800-38D, 8.3).

        Args:
            content: what is sealed.
            place: which row it is for.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes | None:
        """What was sealed; None when key, place or content are other ones."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            return None


def new_key() -> str:
    """A random key, as a credential file holds it."""
    return secrets.token_hex(KEY_BYTES)
