"""3DES and AES as access control and secure messaging use them (ICAO Doc 9303-11, 9.8.6 and 9.8.7)."""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Engine
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

from kiosk.errors import InputError
from kiosk.identify.chip_card.key_derivation import Cipher

MAC_BYTES = 8
_PADDING_START = b"\x80"
_DES_KEY_BYTES = 8


def encrypt(cipher: Cipher, key: bytes, data: bytes, initial: bytes | None = None) -> bytes:
    """Encrypt whole blocks in CBC mode; the initial vector is zero unless given."""
    encryptor = _engine(cipher, key, initial).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(cipher: Cipher, key: bytes, data: bytes, initial: bytes | None = None) -> bytes:
    """Decrypt whole blocks in CBC mode; the initial vector is zero unless given.

    Raises:
        InputError: kind ``bad_blocks``, not a whole number of blocks.
    """
    if len(data) % cipher.block_bytes:
        raise InputError("bad_blocks", None, "not a whole number of blocks")
    decryptor = _engine(cipher, key, initial).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def mac(cipher: Cipher, key: bytes, data: bytes) -> bytes:
    """Eight bytes: the retail MAC (ISO/IEC 9797-1 algorithm 3, over whole blocks) for 3DES, CMAC cut short for AES."""
    if cipher is Cipher.TDES:
        return _retail_mac(key, data)
    cmac = CMAC(AES(key))
    cmac.update(data)
    return cmac.finalize()[:MAC_BYTES]


def pad(data: bytes, block_bytes: int) -> bytes:
    """Padding method 2 of ISO/IEC 9797-1: always at least one byte."""
    return data + _PADDING_START + bytes(-(len(data) + 1) % block_bytes)


def unpad(data: bytes) -> bytes:
    """Undo `pad`.

    Raises:
        InputError: kind ``bad_padding``.
    """
    text = data.rstrip(b"\0")
    if not text.endswith(_PADDING_START):
        raise InputError("bad_padding", None, "the padding is wrong")
    return text[:-1]


def _engine(cipher: Cipher, key: bytes, initial: bytes | None) -> Engine[CBC]:
    algorithm = TripleDES(_three_keys(key)) if cipher is Cipher.TDES else AES(key)
    return Engine(algorithm, CBC(initial or bytes(cipher.block_bytes)))


def _three_keys(key: bytes) -> bytes:
    """The library takes three keys only: the first comes again as the third."""
    return key + key[:_DES_KEY_BYTES]


def _retail_mac(key: bytes, data: bytes) -> bytes:
    first, second = key[:_DES_KEY_BYTES], key[_DES_KEY_BYTES:]
    last = _des(first, data, encrypting=True)[-_DES_KEY_BYTES:]
    return _des(first, _des(second, last, encrypting=False), encrypting=True)


def _des(key: bytes, data: bytes, *, encrypting: bool) -> bytes:
    """Single DES in CBC mode is 3DES with one key three times."""
    engine = Engine(TripleDES(key * 3), CBC(bytes(_DES_KEY_BYTES)))
    worker = engine.encryptor() if encrypting else engine.decryptor()
    return worker.update(data) + worker.finalize()
