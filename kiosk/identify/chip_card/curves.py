"""The elliptic curves of the standardised domain parameters (ICAO Doc 9303-11, 9.5.1) and arithmetic on them."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from ecdsa import curves as known
from ecdsa.ellipticcurve import INFINITY, PointJacobi

from kiosk.errors import InputError

_UNCOMPRESSED = b"\x04"


@dataclass(frozen=True)
class Curve:
    """A curve y² = x³ + ax + b over the prime field of p, with a generator of order n and cofactor h.

    Attributes:
        name: as in SEC 2 and RFC 5639, such as ``secp256r1`` or ``brainpoolP256r1``.
        oid: dotted.
    """

    name: str
    oid: str
    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int
    h: int

    @property
    def field_bytes(self) -> int:
        """Bytes of a coordinate."""
        return (self.p.bit_length() + 7) // 8

    @property
    def generator(self) -> "Point":
        """The base point."""
        return Point(self.gx, self.gy)

    @cached_property
    def _arithmetic(self) -> known.Curve:
        return next(curve for curve in known.curves if ".".join(map(str, curve.oid or ())) == self.oid)


@dataclass(frozen=True, slots=True)
class Point:
    """A point other than the one at infinity."""

    x: int
    y: int


PrivateKeys = Callable[[Curve], int]
"""Where ephemeral private keys (1 to n - 1) come from; a hub may keep them to itself."""


def random_private_key(curve: Curve) -> int:
    """A fresh private key, 1 to n - 1."""
    return secrets.randbelow(curve.n - 1) + 1


def decode_point(curve: Curve, data: bytes) -> Point:
    """An uncompressed point (BSI TR-03111 3.2.1), checked to lie on the curve.

    Raises:
        InputError: kind ``bad_point``.
    """
    size = curve.field_bytes
    if data[:1] != _UNCOMPRESSED or len(data) != 1 + 2 * size:
        raise InputError("bad_point", None, "not an uncompressed point of this curve's size")
    point = Point(int.from_bytes(data[1 : 1 + size]), int.from_bytes(data[1 + size :]))
    if not is_on_curve(curve, point):
        raise InputError("bad_point", None, "the point does not lie on the curve")
    return point


def encode_point(curve: Curve, point: Point) -> bytes:
    """A point in uncompressed form."""
    return _UNCOMPRESSED + encode_x(curve, point) + point.y.to_bytes(curve.field_bytes)


def encode_x(curve: Curve, point: Point) -> bytes:
    """The x-coordinate in the field's length, leading zero bytes kept."""
    return point.x.to_bytes(curve.field_bytes)


def is_on_curve(curve: Curve, point: Point) -> bool:
    """Whether both coordinates are of the field and satisfy the curve's equation."""
    if not (0 <= point.x < curve.p and 0 <= point.y < curve.p):
        return False
    return (point.y**2 - (point.x**3 + curve.a * point.x + curve.b)) % curve.p == 0


def multiply(curve: Curve, factor: int, point: Point) -> Point:
    """`factor` times a point of the curve.

    Raises:
        InputError: kind ``bad_point`` when that is the point at infinity.
    """
    # the library's own generator keeps a table that makes it three times as fast
    own = curve._arithmetic.generator if point == curve.generator else _jacobian(curve, point)  # noqa: SLF001 # same module
    return _affine(own * factor)


def add(curve: Curve, one: Point, other: Point) -> Point:
    """The sum of two points of the curve.

    Raises:
        InputError: kind ``bad_point`` when that is the point at infinity.
    """
    return _affine(_jacobian(curve, one) + _jacobian(curve, other))


def shared_x(curve: Curve, private_key: int, point: Point) -> bytes:
    """The shared secret of ECDH: the x-coordinate, always in the field's length (ICAO Doc 9303-11, 9.7.1).

    Stripping its leading zero bytes makes one session in 256 fail, and every second one on secp521r1.

    Raises:
        InputError: kind ``bad_point``: the point does not lie on the curve, or the product is the point at infinity.
    """
    if not is_on_curve(curve, point):
        raise InputError("bad_point", None, "the point does not lie on the curve")
    return encode_x(curve, multiply(curve, private_key, point))


def by_oid(dotted: str) -> Curve | None:
    """The curve with this object identifier."""
    return next((curve for curve in STANDARD_CURVES.values() if curve.oid == dotted), None)


def find_curve(p: int, a: int, b: int, gx: int, gy: int, n: int, h: int | None) -> Curve | None:
    """The known curve with all of these parameters, the generator among them; a missing cofactor is not compared."""
    wanted = (p, a % p if p else a, b, gx, gy, n)
    for curve in STANDARD_CURVES.values():
        own = (curve.p, curve.a, curve.b, curve.gx, curve.gy, curve.n)
        if own == wanted and h in (None, curve.h):
            return curve
    return None


def _jacobian(curve: Curve, point: Point) -> PointJacobi:
    return PointJacobi(curve._arithmetic.curve, point.x, point.y, 1, curve.n)  # noqa: SLF001 # same module


def _affine(point: PointJacobi) -> Point:
    if point == INFINITY:
        raise InputError("bad_point", None, "the point at infinity")
    flat = point.to_affine()
    return Point(int(flat.x()), int(flat.y()))


def _curve(name: str, source: known.Curve) -> Curve:
    field, generator = source.curve, source.generator
    p = int(field.p())
    coordinates = (int(generator.x()), int(generator.y()))
    oid = ".".join(map(str, source.oid))
    return Curve(
        name, oid, p, int(field.a()) % p, int(field.b()), *coordinates, int(source.order), int(field.cofactor())
    )


STANDARD_CURVES: Mapping[int, Curve] = MappingProxyType(
    {
        8: _curve("secp192r1", known.NIST192p),
        9: _curve("brainpoolP192r1", known.BRAINPOOLP192r1),
        10: _curve("secp224r1", known.NIST224p),
        11: _curve("brainpoolP224r1", known.BRAINPOOLP224r1),
        12: _curve("secp256r1", known.NIST256p),
        13: _curve("brainpoolP256r1", known.BRAINPOOLP256r1),
        14: _curve("brainpoolP320r1", known.BRAINPOOLP320r1),
        15: _curve("secp384r1", known.NIST384p),
        16: _curve("brainpoolP384r1", known.BRAINPOOLP384r1),
        17: _curve("brainpoolP512r1", known.BRAINPOOLP512r1),
        18: _curve("secp521r1", known.NIST521p),
    }
)
"""By the standardised domain parameter id (ICAO Doc 9303-11, table in 9.5.1)."""
