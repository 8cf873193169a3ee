"""Active authentication, the card's end (ICAO Doc 9303-11, 6.1)."""

import hashlib
from collections.abc import Callable

from kiosk.hardware.simulated.citizen_card.commands import Refusal, Sw
from kiosk.hardware.simulated.citizen_card.elliptic import order_bytes
from kiosk.hardware.simulated.citizen_card.image import Proof
from kiosk.hardware.simulated.citizen_card.private_keys import RSA_EXPONENT, PrivateKey

CHALLENGE_BYTES = 8
_PARTIAL_RECOVERY = b"\x6a"
_TRAILERS = {"sha1": "BC", "sha224": "38CC", "sha256": "34CC", "sha384": "36CC", "sha512": "35CC"}
"""The hash of a signature by its trailer (ISO/IEC 9796-2, 8; ISO/IEC 10118)."""


def answer(key: PrivateKey, challenge: bytes, proof: Proof, random: Callable[[int], bytes]) -> bytes:
    """The signature over a challenge.

    Raises:
        Refusal: 6700 for a challenge that has not 8 bytes.
    """
    if len(challenge) != CHALLENGE_BYTES:
        raise Refusal(Sw.WRONG_LENGTH)
    if proof is Proof.WRONG:
        return b"\x00" + random(_signature_bytes(key) - 1)
    signed = bytes(CHALLENGE_BYTES) if proof is Proof.REPLAYED else challenge
    return key.sign_plain(signed) if key.curve is not None else recoverable_signature(key, signed, random)


def recoverable_signature(key: PrivateKey, challenge: bytes, random: Callable[[int], bytes]) -> bytes:
    """RSA by digital signature scheme 1 of ISO/IEC 9796-2 with partial message recovery."""
    trailer = bytes.fromhex(_TRAILERS[key.hash_name])
    digest_bytes = hashlib.new(key.hash_name).digest_size
    nonce = random(_signature_bytes(key) - digest_bytes - len(trailer) - len(_PARTIAL_RECOVERY))
    digest = hashlib.new(key.hash_name, nonce + challenge).digest()
    message = int.from_bytes(_PARTIAL_RECOVERY + nonce + digest + trailer, "big")
    return _raise(key, message).to_bytes(_signature_bytes(key), "big")


def _raise(key: PrivateKey, message: int) -> int:
    """The private operation by the Chinese remainder theorem (RFC 8017, 5.1.2)."""
    p, q = key.rsa_primes
    modulo_p = pow(message, pow(RSA_EXPONENT, -1, p - 1), p)
    modulo_q = pow(message, pow(RSA_EXPONENT, -1, q - 1), q)
    return modulo_q + (modulo_p - modulo_q) * pow(q, -1, p) % p * q


def _signature_bytes(key: PrivateKey) -> int:
    if key.curve is not None:
        return 2 * order_bytes(key.curve)
    return (key.modulus.bit_length() + 7) // 8
