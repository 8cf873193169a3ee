"""Signatures of certificates, revocation lists and CMS (ICAO Doc 9303-12, 4.4): RSA PKCS #1 v1.5, RSA-PSS, ECDSA."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import ecdsa
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from ecdsa.ellipticcurve import Point as LibraryPoint
from ecdsa.util import sigdecode_der

from kiosk.errors import InputError
from kiosk.identify.chip_card.public_keys import EcKey, PublicKey, RsaKey

STRONG_HASHES: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {"sha224": hashes.SHA224(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
)
"""SHA-1 and older ones are refused wherever a signature must outlive the moment."""

_ALL_HASHES = {**STRONG_HASHES, "sha1": hashes.SHA1()}  # noqa: S303 # for active authentication only
_MIN_RSA_BYTES = 256
_LONGEST_SALT = 512  # bytes of an RSA key of 4096 bits
_CURVES = (
    ec.SECP192R1(),
    ec.SECP224R1(),
    ec.SECP256R1(),
    ec.SECP384R1(),
    ec.SECP521R1(),
    ec.BrainpoolP256R1(),
    ec.BrainpoolP384R1(),
    ec.BrainpoolP512R1(),
)


class Scheme(Enum):
    """How a digest is signed."""

    PKCS1 = "rsassa_pkcs1v15"
    PSS = "rsassa_pss"
    ECDSA = "ecdsa"


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """A scheme with its parameters.

    Attributes:
        digest: such as ``sha256``.
        mask_digest: of RSA-PSS's mask generation.
        salt_bytes: of RSA-PSS.
    """

    scheme: Scheme
    digest: str
    mask_digest: str = ""
    salt_bytes: int = 0


def strong_hash(name: str) -> str:
    """The same name.

    Raises:
        InputError: kind ``weak_hash``.
    """
    if name not in STRONG_HASHES:
        raise InputError("weak_hash", None, f"the hash {name} is not accepted")
    return name


def read_algorithm(source: SignedDigestAlgorithm, digest: str | None = None) -> SignatureAlgorithm:
    """What an AlgorithmIdentifier says.

    Args:
        source: as parsed; call this where asn1crypto's errors are turned into ours.
        digest: of the CMS signer, for algorithms that name none.

    Raises:
        InputError: kind ``weak_hash`` or ``unsupported_signature``.
    """
    name = source["algorithm"].native
    if name in {"rsassa_pkcs1v15", "ecdsa"} or source["algorithm"].dotted == "1.2.840.10045.2.1":
        scheme = Scheme.PKCS1 if name == "rsassa_pkcs1v15" else Scheme.ECDSA
        return SignatureAlgorithm(scheme, strong_hash(digest or "none"))
    if name == "rsassa_pss":
        return _read_pss(source)
    family, known, kind = str(name).partition("_")
    if not known or kind not in {"rsa", "ecdsa"}:
        raise InputError("unsupported_signature", None, "signatures of this algorithm cannot be checked")
    return SignatureAlgorithm(Scheme.PKCS1 if kind == "rsa" else Scheme.ECDSA, strong_hash(family))


def _read_pss(source: SignedDigestAlgorithm) -> SignatureAlgorithm:
    parameters = source["parameters"]
    digest = strong_hash(parameters["hash_algorithm"]["algorithm"].native)
    mask = parameters["mask_gen_algorithm"]
    if mask["algorithm"].native != "mgf1":
        raise InputError("unsupported_signature", None, "RSA-PSS with an unknown mask generation")
    mask_digest = strong_hash(mask["parameters"]["algorithm"].native)
    salt_bytes = int(parameters["salt_length"].native)
    if not 0 <= salt_bytes <= _LONGEST_SALT:
        raise InputError("unsupported_signature", None, "RSA-PSS with a salt longer than any key")
    return SignatureAlgorithm(Scheme.PSS, digest, mask_digest, salt_bytes)


def is_signature(key: PublicKey, algorithm: SignatureAlgorithm, signature: bytes, data: bytes) -> bool:
    """Whether `signature` is `key`'s over `data`. RSA keys need 2048 bits; ECDSA signatures are DER."""
    if isinstance(key, EcKey):
        return algorithm.scheme is Scheme.ECDSA and is_ecdsa_signature(key, algorithm.digest, signature, data)
    return algorithm.scheme is not Scheme.ECDSA and _is_rsa_signature(key, algorithm, signature, data)


def is_ecdsa_signature(key: EcKey, digest: str, signature: bytes, data: bytes) -> bool:
    """Whether a DER-encoded ECDSA signature is `key`'s over `data`; how strong `digest` must be, the caller knows."""
    curve = next((known for known in _CURVES if known.name == key.curve.name), None)
    if curve is None:
        return _is_rare_curve_signature(key, digest, signature, data)
    try:
        public = ec.EllipticCurvePublicNumbers(key.point.x, key.point.y, curve).public_key()
        public.verify(signature, data, ec.ECDSA(_ALL_HASHES[digest]))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _is_rare_curve_signature(key: EcKey, digest: str, signature: bytes, data: bytes) -> bool:
    """For curves that OpenSSL's binding lacks: brainpoolP192r1, P224r1 and P320r1."""
    curve = next(known for known in ecdsa.curves.curves if ".".join(map(str, known.oid or ())) == key.curve.oid)
    point = LibraryPoint(curve.curve, key.point.x, key.point.y)
    public = ecdsa.VerifyingKey.from_public_point(point, curve)
    hashed = hashlib.new(digest, data).digest()
    try:
        return bool(public.verify_digest(signature, hashed, sigdecode=sigdecode_der, allow_truncate=True))
    except (ecdsa.BadSignatureError, ecdsa.der.UnexpectedDER):
        return False


def _is_rsa_signature(key: RsaKey, algorithm: SignatureAlgorithm, signature: bytes, data: bytes) -> bool:
    if key.size < _MIN_RSA_BYTES:
        return False
    digest = STRONG_HASHES[algorithm.digest]
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    try:
        if algorithm.scheme is Scheme.PSS:
            scheme = padding.PSS(padding.MGF1(STRONG_HASHES[algorithm.mask_digest]), algorithm.salt_bytes)
        rsa.RSAPublicNumbers(key.exponent, key.modulus).public_key().verify(signature, data, scheme, digest)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
