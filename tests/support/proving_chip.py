"""The chip's side of active and chip authentication, just enough for one proof."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from asn1crypto import core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from kiosk.identify.chip_card.apdu import Command, Response
from kiosk.identify.chip_card.block_cipher import mac, pad
from kiosk.identify.chip_card.curves import decode_point, shared_x
from kiosk.identify.chip_card.key_derivation import Cipher, session_keys
from kiosk.identify.chip_card.public_keys import EcKey, read_public_key
from kiosk.identify.chip_card.tlv import encode, find
from tests.support.chip_issuer import key_info

_TRAILERS = {"sha1": b"\x33\xcc", "sha224": b"\x38\xcc", "sha256": b"\x34\xcc", "sha384": b"\x36\xcc"}
CIPHERS = {Cipher.TDES: 1, Cipher.AES_128: 2, Cipher.AES_192: 3, Cipher.AES_256: 4}
_AGREEMENT = "04007F000702020302"
_PACE_INFO = bytes.fromhex("3012060A04007F000702020402020201020201 0D")
CARD_ACCESS = encode(0x31, _PACE_INFO)


def dg15(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return encode(0x6F, key_info(key))


def dg14(*infos: bytes) -> bytes:
    return encode(0x6E, encode(0x31, b"".join(infos)))


PACE_ONLY = dg14(_PACE_INFO)


def active_info(number: int) -> bytes:
    """ActiveAuthenticationInfo with plain signatures; 3 is SHA-256."""
    return active_info_of(bytes.fromhex("04007F000701010401") + bytes((number,)))


def active_info_of(algorithm: bytes) -> bytes:
    """ActiveAuthenticationInfo that names this object identifier."""
    return encode(0x30, bytes.fromhex("0606678108010105") + core.Integer(1).dump() + encode(0x06, algorithm))


def agreement_info(cipher: Cipher, key_id: int | None = None) -> bytes:
    """ChipAuthenticationInfo."""
    oid = encode(0x06, bytes.fromhex(_AGREEMENT) + bytes((CIPHERS[cipher],)))
    return encode(0x30, oid + core.Integer(1).dump() + _number(key_id))


def chip_key_info(info: bytes, key_id: int | None = None) -> bytes:
    """ChipAuthenticationPublicKeyInfo."""
    return encode(0x30, encode(0x06, bytes.fromhex("04007F000702020102")) + info + _number(key_id))


def _number(value: int | None) -> bytes:
    return b"" if value is None else bytes(core.Integer(value).dump())


def sign_rsa(key: rsa.RSAPrivateKey, challenge: bytes, digest: str = "sha256", trailer: bytes | None = None) -> bytes:
    """ISO/IEC 9796-2 scheme 1, as a chip does it."""
    trailer = trailer or _TRAILERS[digest]
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n
    size = (modulus.bit_length() + 7) // 8
    nonce = b"\x5a" * (size - 1 - hashlib.new(digest).digest_size - len(trailer))
    text = b"\x6a" + nonce + hashlib.new(digest, nonce + challenge).digest() + trailer
    return pow(int.from_bytes(text), numbers.d, modulus).to_bytes(size)


def sign_plain(key: ec.EllipticCurvePrivateKey, challenge: bytes, digest: hashes.HashAlgorithm) -> bytes:
    """r || s."""
    own = read_public_key(key_info(key))
    assert isinstance(own, EcKey)
    size = (own.curve.n.bit_length() + 7) // 8
    return b"".join(part.to_bytes(size) for part in decode_dss_signature(key.sign(challenge, ec.ECDSA(digest))))


@dataclass
class Answers:
    """A channel that answers each command as told, and keeps the commands."""

    answer: Callable[[Command], Response]
    commands: list[Command] = field(default_factory=list)

    def exchange(self, command: Command) -> Response:
        self.commands.append(command)
        return self.answer(command)


@dataclass
class AgreeingChip:
    """Takes our ephemeral key, and then answers one protected command under the keys that it derived.

    It is both ends of a test: `exchange` is the old channel, `transmit` the wire below the new one.

    Attributes:
        refusal: the status word for the announcement, instead of an agreement.
        recorded: an answer of another session, replayed instead of a fresh one.
    """

    key: ec.EllipticCurvePrivateKey
    cipher: Cipher
    refusal: int | None = None
    recorded: bytes | None = None
    commands: list[Command] = field(default_factory=list)
    answered: bytes = b""
    _mac_key: bytes = b""

    def exchange(self, command: Command) -> Response:
        self.commands.append(command)
        if self.refusal is not None:
            return Response(b"", self.refusal)
        point = find(command.data, 0x91) or find(command.data, 0x7C, 0x80)
        if command.ins == 0x86 or command.p2 == 0xA6:
            assert point is not None
            self._agree(point.value)
        return Response(b"\x7c\x00" if command.ins == 0x86 else b"", 0x9000)

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        assert command[0] == 0x0C
        status = encode(0x99, b"\x90\x00")
        size = self.cipher.block_bytes
        text = (2).to_bytes(size) + pad(status, size)
        self.answered = status + encode(0x8E, mac(self.cipher, self._mac_key, text))
        return self.recorded or self.answered, 0x9000

    def _agree(self, point: bytes) -> None:
        own = read_public_key(key_info(self.key))
        assert isinstance(own, EcKey)
        private_key = self.key.private_numbers().private_value
        self._mac_key = session_keys(shared_x(own.curve, private_key, decode_point(own.curve, point)), self.cipher).mac
