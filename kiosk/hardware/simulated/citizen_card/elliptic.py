"""The curves of ICAO Doc 9303-11 (9.5.1), by their standardised ids, and arithmetic on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from ecdsa import curves, ellipticcurve

UNCOMPRESSED = b"\x04"
_BY_ID: dict[int, Any] = {
    8: curves.NIST192p,
    9: curves.BRAINPOOLP192r1,
    10: curves.NIST224p,
    11: curves.BRAINPOOLP224r1,
    12: curves.NIST256p,
    13: curves.BRAINPOOLP256r1,
    14: curves.BRAINPOOLP320r1,
    15: curves.NIST384p,
    16: curves.BRAINPOOLP384r1,
    17: curves.BRAINPOOLP512r1,
    18: curves.NIST521p,
}
CURVE_IDS = tuple(_BY_ID)


class BadPoint(ValueError):
    """Bytes that are no point of the curve, or the neutral element."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a curve, never the neutral element.

    Attributes:
        curve: id of the curve.
        native: the library's own.
    """

    curve: int
    native: Any

    @classmethod
    def generator(cls, curve: int) -> Self:
        """The curve's base point."""
        return cls(curve, _BY_ID[curve].generator)

    @classmethod
    def decode(cls, curve: int, data: bytes) -> Self:
        """Read an uncompressed point.

        Raises:
            BadPoint: it is not on the curve.
        """
        size = field_bytes(curve)
        if len(data) != 1 + 2 * size or not data.startswith(UNCOMPRESSED):
            raise BadPoint("expected an uncompressed point")
        x, y = int.from_bytes(data[1 : 1 + size], "big"), int.from_bytes(data[1 + size :], "big")
        native = _BY_ID[curve]
        if max(x, y) >= native.curve.p() or not native.curve.contains_point(x, y):
            raise BadPoint("the point is not on the curve")
        return cls(curve, ellipticcurve.PointJacobi(native.curve, x, y, 1, native.order))

    def encode(self) -> bytes:
        """Uncompressed, both coordinates padded to the field's length."""
        return UNCOMPRESSED + self.x + int(self.native.y()).to_bytes(field_bytes(self.curve), "big")

    @property
    def x(self) -> bytes:
        """The x coordinate, padded to the field's length: leading zeros belong to a shared secret."""
        return int(self.native.x()).to_bytes(field_bytes(self.curve), "big")

    def times(self, scalar: int) -> "Point":
        """Scalar multiplication.

        Raises:
            BadPoint: the result is the neutral element.
        """
        return self._checked(self.native * scalar)

    def plus(self, other: "Point") -> "Point":
        """Addition.

        Raises:
            BadPoint: the result is the neutral element.
        """
        return self._checked(self.native + other.native)

    def _checked(self, native: Any) -> "Point":  # noqa: ANN401 # the library has no types
        if native == ellipticcurve.INFINITY:
            raise BadPoint("the neutral element")
        return Point(self.curve, native)


def field_bytes(curve: int) -> int:
    """Length of a coordinate."""
    return (int(_BY_ID[curve].curve.p()).bit_length() + 7) // 8


def order(curve: int) -> int:
    """The number of points of the group."""
    return int(_BY_ID[curve].order)


def order_bytes(curve: int) -> int:
    """Length of a scalar."""
    return (order(curve).bit_length() + 7) // 8


def native_curve(curve: int) -> Any:  # noqa: ANN401 # the library has no types
    """The curve as the library has it."""
    return _BY_ID[curve]


def draw_scalar(curve: int, random: Callable[[int], bytes]) -> int:
    """A private key, evenly drawn."""
    mask = (1 << order(curve).bit_length()) - 1
    while True:
        scalar = int.from_bytes(random(order_bytes(curve)), "big") & mask
        if 1 <= scalar < order(curve):
            return scalar
