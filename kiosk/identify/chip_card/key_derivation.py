"""Keys from secrets (ICAO Doc 9303-11, 9.7)."""

import hashlib
from dataclasses import dataclass, field
from enum import Enum

_ENCRYPTION, _MAC, _PASSWORD = 1, 2, 3


class Cipher(Enum):
    """A block cipher of secure messaging with its sizes in bytes (3DES has two keys) and its derivation's hash."""

    TDES = ("3DES", 16, 8, "sha1")
    AES_128 = ("AES-128", 16, 16, "sha1")
    AES_192 = ("AES-192", 24, 16, "sha256")
    AES_256 = ("AES-256", 32, 16, "sha256")

    def __init__(self, label: str, key_bytes: int, block_bytes: int, derivation_hash: str) -> None:
        self.label = label
        self.key_bytes = key_bytes
        self.block_bytes = block_bytes
        self.derivation_hash = derivation_hash

    @property
    def is_aes(self) -> bool:
        """Whether it is AES, of any key length."""
        return self is not Cipher.TDES


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """The two keys of secure messaging; they never show in a log."""

    cipher: Cipher
    encryption: bytes = field(repr=False)
    mac: bytes = field(repr=False)


def session_keys(secret: bytes, cipher: Cipher) -> SessionKeys:
    """KEnc and KMAC from a shared secret.

    Args:
        secret: a seed, or a shared x-coordinate with all of its leading zero bytes.
        cipher: what the keys are for.
    """
    return SessionKeys(cipher, _derive(secret, cipher, _ENCRYPTION), _derive(secret, cipher, _MAC))


def password_key(secret: bytes, cipher: Cipher) -> bytes:
    """K_pi of PACE: from the CAN's characters, or the SHA-1 of the MRZ key's text."""
    return _derive(secret, cipher, _PASSWORD)


def _derive(secret: bytes, cipher: Cipher, counter: int) -> bytes:
    digest = hashlib.new(cipher.derivation_hash, secret + counter.to_bytes(4)).digest()
    key = digest[: cipher.key_bytes]
    return _with_odd_parity(key) if cipher is Cipher.TDES else key


def _with_odd_parity(key: bytes) -> bytes:
    return bytes(byte & 0xFE | (byte >> 1).bit_count() % 2 ^ 1 for byte in key)
