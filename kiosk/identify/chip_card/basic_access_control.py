"""Basic access control: both sides show that they know the zone's key (ICAO Doc 9303-11, 4.3)."""

import hashlib
import secrets
from collections.abc import Callable
from hmac import compare_digest

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.apdu import Command, PlainChannel, Status, is_throttled
from kiosk.identify.chip_card.block_cipher import MAC_BYTES, decrypt, encrypt, mac, pad
from kiosk.identify.chip_card.key_derivation import Cipher, SessionKeys, session_keys
from kiosk.identify.chip_card.secure_messaging import SecureChannel

RandomBytes = Callable[[int], bytes]
"""So many unpredictable bytes."""

_CHALLENGE_BYTES = 8
_SEED_BYTES = 16
_CRYPTOGRAM_BYTES = 40
_WRONG_KEY = frozenset(
    {
        Status.AUTHENTICATION_FAILED,
        Status.SECURITY_NOT_SATISFIED,
        Status.CONDITIONS_NOT_SATISFIED,
        Status.SECURE_MESSAGING_WRONG,
        Status.WRONG_DATA,
    }
)


def open_with_bac(plain: PlainChannel, key_text: str, draw: RandomBytes = secrets.token_bytes) -> SecureChannel:
    """Open the selected application with the zone's key.

    Args:
        plain: to the selected application.
        key_text: number, birth and expiry date with their check digits, as the zone has them.
        draw: random bytes.

    Raises:
        CardError: ``wrong_key``, ``throttled``, ``unsupported`` when the card has no BAC, ``secure_messaging`` when
            the card does not know the key itself, ``malformed``.
    """
    seed = hashlib.sha1(key_text.encode("ascii")).digest()[:_SEED_BYTES]  # noqa: S324 # the standard prescribes it
    keys = session_keys(seed, Cipher.TDES)
    challenge = _challenge(plain)
    own, own_seed = draw(_CHALLENGE_BYTES), draw(_SEED_BYTES)
    answer = _authenticate(plain, _seal(keys, own + challenge + own_seed))
    text = _unseal(keys, answer)
    if not compare_digest(text[: 2 * _CHALLENGE_BYTES], challenge + own):
        raise CardError(CardProblem.SECURE_MESSAGING, "the card answered another challenge")
    shared = bytes(one ^ other for one, other in zip(own_seed, text[2 * _CHALLENGE_BYTES :], strict=True))
    return SecureChannel(plain, session_keys(shared, Cipher.TDES), int.from_bytes(challenge[-4:] + own[-4:]))


def _challenge(plain: PlainChannel) -> bytes:
    response = plain.exchange(Command(0x00, 0x84, 0x00, 0x00, b"", _CHALLENGE_BYTES))
    if not response.ok:
        raise CardError(CardProblem.UNSUPPORTED, f"the card gives no challenge for BAC: {response.status:04X}")
    if len(response.data) != _CHALLENGE_BYTES:
        raise CardError(CardProblem.MALFORMED, "the card's challenge has another length")
    return response.data


def _authenticate(plain: PlainChannel, cryptogram: bytes) -> bytes:
    response = plain.exchange(Command(0x00, 0x82, 0x00, 0x00, cryptogram, _CRYPTOGRAM_BYTES))
    if response.ok and len(response.data) == _CRYPTOGRAM_BYTES:
        return response.data
    if is_throttled(response.status):
        raise CardError(CardProblem.THROTTLED, "the card blocks after wrong keys")
    if response.status in _WRONG_KEY:
        raise CardError(CardProblem.WRONG_KEY, "the card does not open with this key of the zone")
    raise CardError(CardProblem.MALFORMED, f"the card answered BAC with {response.status:04X}")


def _seal(keys: SessionKeys, text: bytes) -> bytes:
    encrypted = encrypt(keys.cipher, keys.encryption, text)
    return encrypted + _mac(keys, encrypted)


def _unseal(keys: SessionKeys, cryptogram: bytes) -> bytes:
    encrypted, code = cryptogram[:-MAC_BYTES], cryptogram[-MAC_BYTES:]
    if not compare_digest(_mac(keys, encrypted), code):
        raise CardError(CardProblem.SECURE_MESSAGING, "the card's proof of the zone's key is wrong")
    return decrypt(keys.cipher, keys.encryption, encrypted)


def _mac(keys: SessionKeys, encrypted: bytes) -> bytes:
    return mac(keys.cipher, keys.mac, pad(encrypted, keys.cipher.block_bytes))
