"""Active authentication: the chip signs a challenge with the key of DG15 (ICAO Doc 9303-11, 6.1)."""

import hashlib
from hmac import compare_digest

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from kiosk.errors import InputError
from kiosk.identify.chip_card.apdu import EXTENDED_EXPECTED, SHORT_EXPECTED, Channel, Command, Status
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.public_keys import EcKey, PublicKey, RsaKey, read_public_key
from kiosk.identify.chip_card.security_infos import read_security_infos
from kiosk.identify.chip_card.signatures import is_ecdsa_signature
from kiosk.identify.chip_card.tlv import read_tlv
from kiosk.model.chip_card import CheckOutcome

_DG15 = 0x6F
_INFO = bytes.fromhex("678108010105")
_PLAIN, _NAMED = "04007F000701010401", "2A8648CE3D04"
_ECDSA_HASHES = {
    bytes.fromhex(text): name
    for name, texts in {
        "sha1": (_PLAIN + "01", _NAMED + "01"),
        "sha224": (_PLAIN + "02", _NAMED + "0301"),
        "sha256": (_PLAIN + "03", _NAMED + "0302"),
        "sha384": (_PLAIN + "04", _NAMED + "0303"),
        "sha512": (_PLAIN + "05", _NAMED + "0304"),
    }.items()
    for text in texts
}
"""By object identifier: BSI TR-03111's plain signatures, as the standard asks, or those of certificates (RFC 5758).

SHA-1 is enough for an answer that lasts a second.
"""
_TRAILERS = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}
_SHORT_TRAILER, _LONG_TRAILER = 0xBC, 0xCC
_RSA_BITS = range(1024, 4097, 8)
_SHORT_SIGNATURE = 208  # with its protection, a longer one does not fit into the 256 bytes of a short answer
_NOT_POSSIBLE = Proof(CheckOutcome.NOT_POSSIBLE)


def prove(channel: Channel, dg15: bytes, dg14: bytes | None, challenge: bytes, *, takes_extended: bool = True) -> Proof:
    """Let the chip sign `challenge`.

    Args:
        channel: to the selected application, protected.
        dg15: raw, as read.
        dg14: raw, as read; names the hash of an ECDSA key.
        challenge: eight bytes never used before.
        takes_extended: whether card and reader take the extended form of commands, which a long signature asks for.

    Raises:
        CardError: the card left, or secure messaging broke.
    """
    try:
        info = read_dg15(dg15)
        key = read_public_key(info)
        digest = _ecdsa_hash(dg14) if isinstance(key, EcKey) else ""
    except InputError:
        return _NOT_POSSIBLE
    if digest is None or (isinstance(key, RsaKey) and key.modulus.bit_length() not in _RSA_BITS):
        return _NOT_POSSIBLE
    fits = key.size <= _SHORT_SIGNATURE if isinstance(key, RsaKey) else True
    expected = SHORT_EXPECTED if fits or not takes_extended else EXTENDED_EXPECTED
    answer = channel.exchange(Command(0x00, 0x88, 0x00, 0x00, challenge, expected))
    if expected == EXTENDED_EXPECTED and answer.status == Status.WRONG_LENGTH:
        answer = channel.exchange(Command(0x00, 0x88, 0x00, 0x00, challenge, SHORT_EXPECTED))
    if not answer.ok:
        return Proof(CheckOutcome.NOT_POSSIBLE, refused_status=answer.status)
    if not is_answer(key, digest, answer.data, challenge):
        return Proof(CheckOutcome.FAILED)
    return Proof(CheckOutcome.PASSED, hashlib.sha256(info).hexdigest())


def read_dg15(raw: bytes) -> bytes:
    """DG15's SubjectPublicKeyInfo.

    Raises:
        InputError: kind ``malformed``, or as `tlv.read_tlv`.
    """
    outer = read_tlv(raw)
    if outer.tag != _DG15 or outer.raw != raw:
        raise InputError("malformed", "DG15", "DG15 is not one data object with tag 6F")
    return outer.value


def is_answer(key: PublicKey, digest: str, signature: bytes, challenge: bytes) -> bool:
    """Whether `signature` is the chip's over `challenge`; `digest` counts for ECDSA only."""
    if isinstance(key, EcKey):
        return is_ecdsa_signature(key, digest, _der(key, signature), challenge)
    return _is_rsa_answer(key, signature, challenge)


def _ecdsa_hash(dg14: bytes | None) -> str | None:
    """The hash that DG14's ActiveAuthenticationInfo names (9.2.7)."""
    for info in read_security_infos(dg14) if dg14 else ():
        if info.oid == _INFO and info.optional is not None:
            return _ECDSA_HASHES.get(info.optional.value)
    return None


def _der(key: EcKey, signature: bytes) -> bytes:
    """The plain r || s of BSI TR-03111 in DER; some chips answer in DER, which differs in length."""
    half = (key.curve.n.bit_length() + 7) // 8
    if len(signature) != 2 * half:
        return signature
    return encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))


def _is_rsa_answer(key: RsaKey, signature: bytes, challenge: bytes) -> bool:
    """ISO/IEC 9796-2 scheme 1 with partial recovery: the chip's own part is recovered, the challenge is not."""
    number = int.from_bytes(signature)
    if len(signature) != key.size or number >= key.modulus:
        return False
    opened = pow(number, key.exponent, key.modulus)
    if opened % 16 != _LONG_TRAILER % 16:  # the standard lets a signer give the smaller of s and n - s
        opened = key.modulus - opened
    message = opened.to_bytes(key.size)
    name, trailer_bytes = _trailer(message)
    if name is None:
        return False
    digest = hashlib.new(name)
    recovered = _recovered(message[: -digest.digest_size - trailer_bytes])
    if recovered is None:
        return False
    digest.update(recovered + challenge)
    return compare_digest(digest.digest(), message[-digest.digest_size - trailer_bytes : -trailer_bytes])


def _trailer(message: bytes) -> tuple[str | None, int]:
    """The hash that the trailer names, and the trailer's length."""
    if message[-1] == _SHORT_TRAILER:
        return "sha1", 1
    return (_TRAILERS.get(message[-2]) if message[-1] == _LONG_TRAILER else None), 2


def _recovered(head: bytes) -> bytes | None:
    """What stands behind the header: bits 01, 1 for a partly recovered message, and padding that ends in A."""
    if head[:1] == b"\x6a":
        return head[1:]
    padding, border, message = head[1:].partition(b"\xba")
    return message if head[:1] == b"\x6b" and border and not padding.strip(b"\xbb") else None
