import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.errors import InputError
from kiosk.identify.chip_card.curves import STANDARD_CURVES, multiply
from kiosk.identify.chip_card.public_keys import EcKey, RsaKey, read_public_key
from tests.support.chip_issuer import ec_key, explicit_key_info, key_info, rsa_key

CURVES = [
    ec.SECP192R1(),
    ec.SECP224R1(),
    ec.SECP256R1(),
    ec.SECP384R1(),
    ec.SECP521R1(),
    ec.BrainpoolP256R1(),
    ec.BrainpoolP384R1(),
    ec.BrainpoolP512R1(),
]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: str(curve.name))
def test_a_curve_spelt_out_is_the_named_curve(curve: ec.EllipticCurve) -> None:
    key = ec_key(curve)
    named, explicit = read_public_key(key_info(key)), read_public_key(explicit_key_info(key))
    assert isinstance(named, EcKey)
    assert named == explicit
    assert named.curve.name == curve.name


def test_a_foreign_generator_is_refused() -> None:
    """With it, whoever chose it has a private key for this public key (CVE-2020-0601)."""
    curve = STANDARD_CURVES[16]
    other = multiply(curve, 7, curve.generator)
    with pytest.raises(InputError) as caught:
        read_public_key(explicit_key_info(ec_key(), gx=other.x, gy=other.y))
    assert caught.value.kind == "foreign_generator"


@pytest.mark.parametrize("changed", [{"n": 7}, {"h": 2}, {"gy": 1}])
def test_any_other_parameter_beside_a_known_curve_is_refused_too(changed: dict[str, int]) -> None:
    with pytest.raises(InputError) as caught:
        read_public_key(explicit_key_info(ec_key(), **changed))
    assert caught.value.kind == "foreign_generator"


@pytest.mark.parametrize("changed", [{"a": 7}, {"b": 7}])
def test_an_unknown_curve_is_refused(changed: dict[str, int]) -> None:
    with pytest.raises(InputError) as caught:
        read_public_key(explicit_key_info(ec_key(), **changed))
    assert caught.value.kind == "unsupported_key"


def test_a_compressed_generator_is_the_known_one() -> None:
    key = ec_key(ec.SECP256R1())
    curve = STANDARD_CURVES[12]
    long = b"\x04" + curve.gx.to_bytes(32) + curve.gy.to_bytes(32)
    short = bytes((2 + curve.gy % 2,)) + curve.gx.to_bytes(32)
    info = explicit_key_info(key).replace(b"\x04\x41" + long, b"\x04\x21" + short)
    shortened = _with_lengths_less_32(info)
    assert read_public_key(shortened) == read_public_key(key_info(key))


def _with_lengths_less_32(info: bytes) -> bytes:
    """The three sequences around the generator, made shorter (all have a length of two bytes: 81 or 82 before it)."""
    data = bytearray(info)
    at = 0
    for _ in range(3):
        head = 2 + (data[at + 1] & 0x7F)
        length = int.from_bytes(data[at + 2 : at + head]) - 32
        data[at + 2 : at + head] = length.to_bytes(head - 2)
        at += head if at == 0 else head + 9
    return bytes(data)


def test_an_rsa_key_is_read() -> None:
    numbers = rsa_key(1024).public_key().public_numbers()
    assert read_public_key(key_info(rsa_key(1024))) == RsaKey(numbers.n, numbers.e)


def test_another_kind_of_key_is_refused() -> None:
    key = dsa.generate_private_key(2048).public_key()
    with pytest.raises(InputError) as caught:
        read_public_key(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert caught.value.kind == "unsupported_key"


def test_a_point_beside_the_curve_is_refused() -> None:
    info = bytearray(key_info(ec_key()))
    info[-1] ^= 1
    with pytest.raises(InputError) as caught:
        read_public_key(bytes(info))
    assert caught.value.kind == "bad_point"


def test_a_key_without_end_is_refused() -> None:
    with pytest.raises(InputError):
        read_public_key(bytes(10_000))
