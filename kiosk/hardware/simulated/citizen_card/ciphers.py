"""The ciphers, MACs and key derivations of ICAO Doc 9303-11 (9.7, 9.8), from the card's side."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

MAC_BYTES = 8
_DES_BLOCK = 8


class Suite(StrEnum):
    """A block cipher and what belongs to it."""

    TDES = "3des"
    AES_128 = "aes-128"
    AES_192 = "aes-192"
    AES_256 = "aes-256"

    @property
    def key_bytes(self) -> int:
        """Length of a key; two keys' length for 3DES."""
        return {Suite.AES_192: 24, Suite.AES_256: 32}.get(self, 16)

    @property
    def block_bytes(self) -> int:
        """Block length, which is also that of the send sequence counter."""
        return _DES_BLOCK if self is Suite.TDES else 16

    @property
    def hash_name(self) -> str:
        """The hash of its key derivation."""
        return "sha256" if self in {Suite.AES_192, Suite.AES_256} else "sha1"


def derive_key(secret: bytes, suite: Suite, counter: int) -> bytes:
    """KDF(K, c): 1 for encryption, 2 for the MAC, 3 for a PACE password (9303-11, 9.7.1)."""
    digest = hashlib.new(suite.hash_name, secret + counter.to_bytes(4, "big")).digest()
    key = digest[: suite.key_bytes]
    return _odd_parity(key) if suite is Suite.TDES else key


def _odd_parity(key: bytes) -> bytes:
    return bytes(octet & 0xFE | (octet >> 1).bit_count() & 1 ^ 1 for octet in key)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key for encryption and one for the MAC."""

    suite: Suite
    encryption: bytes
    authentication: bytes

    @classmethod
    def derived(cls, secret: bytes, suite: Suite) -> Self:
        """Both keys of one shared secret."""
        return cls(suite, derive_key(secret, suite, 1), derive_key(secret, suite, 2))


def encrypt(suite: Suite, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
    """CBC over whole blocks; the initial vector is zero unless given."""
    encryptor = _cipher(suite, key, iv).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(suite: Suite, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
    """CBC over whole blocks.

    Raises:
        ValueError: `data` is no multiple of the block length.
    """
    decryptor = _cipher(suite, key, iv).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _cipher(suite: Suite, key: bytes, iv: bytes | None) -> Cipher[modes.CBC]:
    algorithm = TripleDES(key + key[:_DES_BLOCK]) if suite is Suite.TDES else AES(key)
    return Cipher(algorithm, modes.CBC(iv or bytes(suite.block_bytes)))


def pad(data: bytes, block: int) -> bytes:
    """Padding method 2 of ISO/IEC 9797-1."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes) -> bytes:
    """Take padding method 2 away.

    Raises:
        ValueError: there is none.
    """
    bare = data.rstrip(b"\x00")
    if not bare.endswith(b"\x80"):
        raise ValueError("no padding")
    return bare[:-1]


def mac(suite: Suite, key: bytes, padded: bytes) -> bytes:
    """The 8 bytes over data padded before: retail MAC for 3DES, CMAC for AES (9303-11, 9.8.6.3)."""
    if suite is Suite.TDES:
        return _retail_mac(key, padded)
    code = CMAC(AES(key))
    code.update(padded)
    return code.finalize()[:MAC_BYTES]


def token(suite: Suite, key: bytes, message: bytes) -> bytes:
    """A PACE authentication token; only the retail MAC wants its message padded (9303-11, 4.4.3.4)."""
    return mac(suite, key, pad(message, _DES_BLOCK) if suite is Suite.TDES else message)


def _retail_mac(key: bytes, padded: bytes) -> bytes:
    """MAC algorithm 3 of ISO/IEC 9797-1 with DES."""
    first, second = key[:_DES_BLOCK], key[_DES_BLOCK:]
    last = _des(first, padded).encryptor().update(padded)[-_DES_BLOCK:]
    return _des(first, last).encryptor().update(_des(second, last).decryptor().update(last))


def _des(key: bytes, data: bytes) -> Cipher[modes.CBC]:
    """Single DES, as 3DES with the same key thrice."""
    if not data or len(data) % _DES_BLOCK:
        raise ValueError("not whole blocks")
    return Cipher(TripleDES(key * 3), modes.CBC(bytes(_DES_BLOCK)))
