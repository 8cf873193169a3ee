"""Public keys of certificates, DG14 and DG15 (SubjectPublicKeyInfo, RFC 5480 and RFC 3279).

Most certificates of issuing states spell their curve's parameters out. Such a key is put upon the known curve with all
of the same parameters. The generator is compared too: with a generator of his own choosing a forger signs for any
public key (CVE-2020-0601).
"""

from dataclasses import dataclass

from kiosk.errors import InputError
from kiosk.identify.chip_card.curves import STANDARD_CURVES, Curve, Point, by_oid, decode_point, find_curve
from kiosk.identify.chip_card.tlv import Tlv, children, read_tlv

BIT_STRING, INTEGER, OCTET_STRING, OBJECT_IDENTIFIER, SEQUENCE = 0x03, 0x02, 0x04, 0x06, 0x30
MAX_KEY_BYTES = 4096
"""Of one SubjectPublicKeyInfo; an RSA key of 8192 bits has about 1050."""

_RSA = frozenset({"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"})
_ELLIPTIC = frozenset({"1.2.840.10045.2.1", "1.3.132.1.12"})
_PRIME_FIELD = "1.2.840.10045.1.1"
_RSA_BITS = range(1024, 8193)
_EXPONENT_BITS = 64
_OID_BYTES = 32
_EXPLICIT_PARTS = 5


@dataclass(frozen=True, slots=True)
class RsaKey:
    """An RSA public key."""

    modulus: int
    exponent: int

    @property
    def size(self) -> int:
        """Bytes of a signature."""
        return (self.modulus.bit_length() + 7) // 8


@dataclass(frozen=True, slots=True)
class EcKey:
    """A point on a known curve."""

    curve: Curve
    point: Point


PublicKey = RsaKey | EcKey


def read_public_key(info: bytes) -> PublicKey:
    """Read a SubjectPublicKeyInfo.

    Raises:
        InputError: kind ``unsupported_key`` for another algorithm (Diffie-Hellman among them) or an unknown curve,
            ``foreign_generator``, ``bad_key`` and ``bad_point``, or as `tlv.read_tlv`.
    """
    if len(info) > MAX_KEY_BYTES:
        raise InputError("bad_key", None, "a public key is larger than any")
    algorithm, bits = _parts(_only(info, SEQUENCE), SEQUENCE, BIT_STRING)
    name, *parameters = children(algorithm.value) or [algorithm]
    oid = read_oid(name)
    if oid in _RSA:
        return _read_rsa(_octets(bits))
    if oid not in _ELLIPTIC:
        raise InputError("unsupported_key", None, f"keys of the algorithm {oid} cannot be used")
    if len(parameters) != 1:
        raise InputError("bad_key", None, "an elliptic-curve key names no curve")
    curve = _read_curve(parameters[0])
    return EcKey(curve, decode_point(curve, _octets(bits)))


def read_oid(tlv: Tlv) -> str:
    """An object identifier in dotted form (ISO/IEC 8825-1 8.19).

    Raises:
        InputError: kind ``bad_oid``.
    """
    data = tlv.value
    if tlv.tag != OBJECT_IDENTIFIER or not 1 <= len(data) <= _OID_BYTES or data[-1] & 0x80:
        raise InputError("bad_oid", None, "not an object identifier")
    arcs, arc = [], 0
    for byte in data:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))


def read_integer(tlv: Tlv) -> int:
    """An integer that is not negative.

    Raises:
        InputError: kind ``bad_integer``.
    """
    if tlv.tag != INTEGER or not tlv.value or tlv.value[0] & 0x80:
        raise InputError("bad_integer", None, "not an integer of zero or more")
    return int.from_bytes(tlv.value)


def _only(data: bytes, tag: int) -> Tlv:
    tlv = read_tlv(data)
    if tlv.tag != tag or len(tlv.raw) != len(data):
        raise InputError("bad_key", None, "a public key is not one sequence")
    return tlv


def _parts(tlv: Tlv, *tags: int) -> list[Tlv]:
    """The children, which have these tags and are no more."""
    parts = children(tlv.value)
    if [part.tag for part in parts] != list(tags):
        raise InputError("bad_key", None, "the parts of a public key are not those of the standard")
    return parts


def _octets(bits: Tlv) -> bytes:
    if bits.value[:1] != b"\0":
        raise InputError("bad_key", None, "a public key is not of whole bytes")
    return bits.value[1:]


def _read_rsa(data: bytes) -> RsaKey:
    modulus, exponent = map(read_integer, _parts(_only(data, SEQUENCE), INTEGER, INTEGER))
    sound = modulus % 2 and exponent % 2 and exponent > 1
    if not sound or modulus.bit_length() not in _RSA_BITS or exponent.bit_length() > _EXPONENT_BITS:
        raise InputError("unsupported_key", None, "an RSA key of unusual size or form")
    return RsaKey(modulus, exponent)


def _read_curve(parameters: Tlv) -> Curve:
    curve = _explicit_curve(parameters) if parameters.tag == SEQUENCE else by_oid(read_oid(parameters))
    if curve is None:
        raise InputError("unsupported_key", None, "the key's curve is not among the standardised ones")
    return curve


def _explicit_curve(parameters: Tlv) -> Curve | None:
    """SpecifiedECDomain (SEC 1 C.2): version, field, coefficients, generator, order and perhaps cofactor."""
    parts = children(parameters.value)
    if len(parts) not in (_EXPLICIT_PARTS, _EXPLICIT_PARTS + 1) or parts[3].tag != OCTET_STRING:
        raise InputError("bad_key", None, "curve parameters are not those of the standard")
    a, b = _coefficients(parts[2])
    p, order = _prime(parts[1]), read_integer(parts[4])
    cofactor = read_integer(parts[5]) if len(parts) > _EXPLICIT_PARTS else None
    x, y = _generator(parts[3].value, p)
    curve = find_curve(p, a, b, x, y, order, cofactor)
    if curve is None and any((p, a, b) == (known.p, known.a, known.b) for known in STANDARD_CURVES.values()):
        raise InputError("foreign_generator", None, "a known curve with another generator or order")
    return curve


def _prime(field: Tlv) -> int:
    kind, prime = _parts(field, OBJECT_IDENTIFIER, INTEGER)
    if field.tag != SEQUENCE or read_oid(kind) != _PRIME_FIELD:
        raise InputError("unsupported_key", None, "a curve that is not over a prime field")
    return read_integer(prime)


def _coefficients(curve: Tlv) -> tuple[int, int]:
    parts = children(curve.value)
    if [part.tag for part in parts] not in ([OCTET_STRING] * 2, [OCTET_STRING] * 2 + [BIT_STRING]):
        raise InputError("bad_key", None, "a curve without its two coefficients")
    return int.from_bytes(parts[0].value), int.from_bytes(parts[1].value)


def _generator(data: bytes, p: int) -> tuple[int, int]:
    """Its coordinates; of the compressed form, y is the known curve's with the same x and parity."""
    size = (p.bit_length() + 7) // 8
    x = int.from_bytes(data[1 : 1 + size])
    if data[:1] == b"\4" and len(data) == 1 + 2 * size:
        return x, int.from_bytes(data[1 + size :])
    if data[:1] in (b"\2", b"\3") and len(data) == 1 + size:
        known = (curve.gy for curve in STANDARD_CURVES.values() if (curve.p, curve.gx) == (p, x))
        return x, next((y for y in known if y % 2 == data[0] % 2), 0)
    raise InputError("bad_key", None, "a generator of another size than its curve's")
