"""The standardised curves, checked against the definition of a curve and against another library."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.errors import InputError
from kiosk.identify.chip_card.curves import (
    STANDARD_CURVES,
    Curve,
    Point,
    add,
    by_oid,
    decode_point,
    encode_point,
    find_curve,
    is_on_curve,
    multiply,
    random_private_key,
    shared_x,
)

CURVES = [pytest.param(curve, id=curve.name) for curve in STANDARD_CURVES.values()]
P256 = STANDARD_CURVES[12]
BITS = {8: 192, 9: 192, 10: 224, 11: 224, 12: 256, 13: 256, 14: 320, 15: 384, 16: 384, 17: 512, 18: 521}


def test_the_table_names_every_standardised_curve_by_its_size() -> None:
    assert {number: curve.p.bit_length() for number, curve in STANDARD_CURVES.items()} == BITS


@pytest.mark.parametrize("curve", CURVES)
def test_the_generator_lies_on_the_curve_and_has_the_stated_order(curve: Curve) -> None:
    assert is_on_curve(curve, curve.generator)
    before_the_last = multiply(curve, curve.n - 1, curve.generator)
    assert before_the_last == Point(curve.gx, curve.p - curve.gy)
    with pytest.raises(InputError, match="infinity"):
        add(curve, before_the_last, curve.generator)
    assert curve.h == 1
    assert abs(curve.n - (curve.p + 1)) <= 2 * 2 ** (curve.p.bit_length() // 2 + 1)  # Hasse: no other order fits


@pytest.mark.parametrize(
    ("number", "other"),
    [
        (12, ec.SECP256R1()),
        (13, ec.BrainpoolP256R1()),
        (15, ec.SECP384R1()),
        (16, ec.BrainpoolP384R1()),
        (17, ec.BrainpoolP512R1()),
        (18, ec.SECP521R1()),
    ],
)
def test_two_libraries_agree_on_public_keys_and_shared_secrets(number: int, other: ec.EllipticCurve) -> None:
    curve = STANDARD_CURVES[number]
    assert curve.name == other.name
    theirs = ec.generate_private_key(other)
    numbers = theirs.public_key().public_numbers()
    mine = random_private_key(curve)
    my_public = multiply(curve, mine, curve.generator)
    their_view = ec.EllipticCurvePublicNumbers(my_public.x, my_public.y, other).public_key()
    assert shared_x(curve, mine, Point(numbers.x, numbers.y)) == theirs.exchange(ec.ECDH(), their_view)


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_is_found_by_all_its_parameters_and_by_its_object_identifier(curve: Curve) -> None:
    parameters = (curve.p, curve.a, curve.b, curve.gx, curve.gy, curve.n)
    assert find_curve(*parameters, 1) is curve
    assert find_curve(*parameters, None) is curve
    assert by_oid(curve.oid) is curve


def test_a_foreign_generator_or_cofactor_is_no_known_curve() -> None:
    foreign = multiply(P256, 2, P256.generator)
    assert find_curve(P256.p, P256.a, P256.b, foreign.x, foreign.y, P256.n, 1) is None
    assert find_curve(P256.p, P256.a, P256.b, P256.gx, P256.gy, P256.n, 2) is None
    assert find_curve(0, 0, 0, 0, 0, 0, 0) is None
    assert by_oid("1.3.132.0.10") is None


@pytest.mark.parametrize("curve", CURVES)
def test_a_point_survives_encoding_in_the_fields_length(curve: Curve) -> None:
    point = multiply(curve, 12_345, curve.generator)
    encoded = encode_point(curve, point)
    assert len(encoded) == 1 + 2 * curve.field_bytes
    assert decode_point(curve, encoded) == point


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x04",
        encode_point(P256, P256.generator)[:-1],
        encode_point(P256, P256.generator) + b"\0",
        b"\x02" + encode_point(P256, P256.generator)[1:],
        encode_point(P256, Point(P256.gx, P256.gy ^ 1)),
        b"\x04" + P256.p.to_bytes(32) + P256.gy.to_bytes(32),
        b"\x04" + bytes(64),
    ],
)
def test_a_point_that_is_not_one_of_the_curve_is_refused(encoded: bytes) -> None:
    with pytest.raises(InputError, match="point"):
        decode_point(P256, encoded)


@pytest.mark.parametrize("curve", CURVES)
def test_a_shared_secret_that_begins_with_zero_keeps_the_fields_length(curve: Curve) -> None:
    key, secret = next(
        (key, secret) for key in range(2, 3_000) if (secret := shared_x(curve, key, curve.generator)).startswith(b"\0")
    )
    assert len(secret) == curve.field_bytes
    assert int.from_bytes(secret) == multiply(curve, key, curve.generator).x


def test_a_secret_is_never_shared_with_a_point_off_the_curve() -> None:
    with pytest.raises(InputError, match="does not lie"):
        shared_x(P256, 5, Point(1, 1))


def test_a_multiple_that_is_infinity_is_refused() -> None:
    with pytest.raises(InputError, match="infinity"):
        multiply(P256, P256.n, P256.generator)
    with pytest.raises(InputError, match="infinity"):
        multiply(P256, P256.n, multiply(P256, 7, P256.generator))
