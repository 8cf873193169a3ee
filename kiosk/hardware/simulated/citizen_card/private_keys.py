"""Private keys of chips and issuers, as plain data, and how their public halves are written."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from ecdsa import SigningKey, curves
from ecdsa.util import sigencode_der, sigencode_string

from kiosk.hardware.simulated.citizen_card import ber
from kiosk.hardware.simulated.citizen_card.elliptic import Point, draw_scalar, field_bytes, native_curve, order_bytes

RSA_EXPONENT = 65537
HASH_OIDS = {
    "sha1": "1.3.14.3.2.26",
    "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_CURVE_OIDS = {
    8: "1.2.840.10045.3.1.1",
    9: "1.3.36.3.3.2.8.1.1.3",
    10: "1.3.132.0.33",
    11: "1.3.36.3.3.2.8.1.1.5",
    12: "1.2.840.10045.3.1.7",
    13: "1.3.36.3.3.2.8.1.1.7",
    14: "1.3.36.3.3.2.8.1.1.9",
    15: "1.3.132.0.34",
    16: "1.3.36.3.3.2.8.1.1.11",
    17: "1.3.36.3.3.2.8.1.1.13",
    18: "1.3.132.0.35",
}
_ECDSA_OIDS = {
    "sha1": "1.2.840.10045.4.1",
    "sha224": "1.2.840.10045.4.3.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
_RSA_OIDS = {
    "sha1": "1.2.840.113549.1.1.5",
    "sha224": "1.2.840.113549.1.1.14",
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
_RSA_ENCRYPTION, _RSA_PSS, _MGF1 = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.8"
_EC_PUBLIC_KEY, _PRIME_FIELD = "1.2.840.10045.2.1", "1.2.840.10045.1.1"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 # a reader must refuse it
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """An RSA key by its primes, or a scalar on a curve (ids of ICAO Doc 9303-11, 9.5.1).

    Attributes:
        hash_name: what it signs with.
        explicit: its public key names the curve's parameters instead of the curve.
        foreign_generator: it uses another base point than the curve's, which no reader may take.
        pss: RSA-PSS instead of PKCS #1 v1.5.
    """

    hash_name: str = "sha256"
    curve: int | None = None
    scalar: bytes = b""
    explicit: bool = False
    foreign_generator: bool = False
    primes: tuple[bytes, bytes] | None = None
    pss: bool = False

    @property
    def modulus(self) -> int:
        """Of RSA."""
        first, second = self.rsa_primes
        return first * second

    @property
    def rsa_primes(self) -> tuple[int, int]:
        """Of RSA, the greater first."""
        first, second = self.primes or (b"", b"")
        return int.from_bytes(first, "big"), int.from_bytes(second, "big")

    def public_info(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        if self.curve is None:
            algorithm = ber.sequence(ber.oid(_RSA_ENCRYPTION), ber.null())
            key = ber.sequence(ber.integer(self.modulus), ber.integer(RSA_EXPONENT))
            return ber.sequence(algorithm, ber.bits(key))
        point = self._generator(self.curve).times(int.from_bytes(self.scalar, "big"))
        return ber.sequence(
            ber.sequence(ber.oid(_EC_PUBLIC_KEY), self._parameters(self.curve)), ber.bits(point.encode())
        )

    def _generator(self, curve: int) -> Point:
        base = Point.generator(curve)
        return base.times(2) if self.foreign_generator else base

    def _parameters(self, curve: int) -> bytes:
        if not self.explicit:
            return ber.oid(_CURVE_OIDS[curve])
        native, size = native_curve(curve), field_bytes(curve)
        p, a, b = int(native.curve.p()), int(native.curve.a()), int(native.curve.b())
        return ber.sequence(
            ber.integer(1),
            ber.sequence(ber.oid(_PRIME_FIELD), ber.integer(p)),
            ber.sequence(ber.octets((a % p).to_bytes(size, "big")), ber.octets((b % p).to_bytes(size, "big"))),
            ber.octets(self._generator(curve).encode()),
            ber.integer(int(native.order)),
            ber.integer(1),
        )

    def algorithm(self) -> bytes:
        """AlgorithmIdentifier of its signatures, DER."""
        if self.curve is not None:
            return ber.sequence(ber.oid(_ECDSA_OIDS[self.hash_name]))
        if not self.pss:
            return ber.sequence(ber.oid(_RSA_OIDS[self.hash_name]), ber.null())
        digest = hash_algorithm(self.hash_name)
        mask = ber.sequence(ber.oid(_MGF1), digest)
        salt = ber.integer(hashlib.new(self.hash_name).digest_size)
        return ber.sequence(
            ber.oid(_RSA_PSS), ber.sequence(ber.tlv(0xA0, digest), ber.tlv(0xA1, mask), ber.tlv(0xA2, salt))
        )

    def sign(self, data: bytes) -> bytes:
        """A signature as certificates and CMS carry it."""
        if self.curve is not None:
            return self._ecdsa(self.curve, data, sigencode_der)
        chosen = _HASHES[self.hash_name]
        pss = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
        return _rsa_key(*self.rsa_primes).sign(data, pss if self.pss else padding.PKCS1v15(), chosen)

    def sign_plain(self, data: bytes) -> bytes:
        """An ECDSA signature as r and s, both of the order's length (BSI TR-03111, 5.2.1)."""
        return self._ecdsa(self.curve or 0, data, sigencode_string)

    def _ecdsa(self, curve: int, data: bytes, encoding: Any) -> bytes:  # noqa: ANN401 # the library has no types
        native = native_curve(curve)
        if self.foreign_generator:
            native = curves.Curve("foreign", native.curve, self._generator(curve).native, native.oid)
        key = SigningKey.from_secret_exponent(int.from_bytes(self.scalar, "big"), native)
        digest = hashlib.new(self.hash_name, data).digest()
        return bytes(key.sign_digest(digest, sigencode=encoding, allow_truncate=True))


def elliptic_key(curve: int, hash_name: str = "sha256", *, explicit: bool = False, foreign: bool = False) -> PrivateKey:
    """A new key on a curve."""
    scalar = draw_scalar(curve, secrets.token_bytes).to_bytes(order_bytes(curve), "big")
    return PrivateKey(hash_name=hash_name, curve=curve, scalar=scalar, explicit=explicit, foreign_generator=foreign)


def rsa_key(bits: int = 2048, hash_name: str = "sha256", *, pss: bool = False) -> PrivateKey:
    """A new RSA key: some 50 ms for 2048 bits."""
    numbers = rsa.generate_private_key(RSA_EXPONENT, bits).private_numbers()
    first, second = ((prime.to_bytes(bits // 16, "big")) for prime in (numbers.p, numbers.q))
    return PrivateKey(hash_name=hash_name, primes=(first, second), pss=pss)


def hash_algorithm(name: str) -> bytes:
    """AlgorithmIdentifier of a hash, DER."""
    return ber.sequence(ber.oid(HASH_OIDS[name]), ber.null())


def _rsa_key(p: int, q: int) -> rsa.RSAPrivateKey:
    d = pow(RSA_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(RSA_EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
