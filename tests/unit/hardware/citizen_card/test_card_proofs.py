"""Active and chip authentication, checked with the public keys of DG14 and DG15 by a library of their own."""

import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from kiosk.hardware.simulated.citizen_card.ber import tlv
from kiosk.hardware.simulated.citizen_card.ciphers import KeyPair, Suite
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage, ChipKey, Proof
from kiosk.hardware.simulated.citizen_card.private_keys import PrivateKey, elliptic_key, rsa_key
from kiosk.hardware.simulated.citizen_card.security_infos import chip_public_key_info
from tests.support.card_terminal import Answer, Terminal

CHALLENGE = bytes.fromhex("F173589974BF40C6")
TRAILERS = {"sha1": "bc", "sha224": "38cc", "sha256": "34cc", "sha384": "36cc", "sha512": "35cc"}
CURVES: list[tuple[int, ec.EllipticCurve]] = [
    (12, ec.SECP256R1()),
    (13, ec.BrainpoolP256R1()),
    (16, ec.BrainpoolP384R1()),
    (17, ec.BrainpoolP512R1()),
    (18, ec.SECP521R1()),
]
SET_AT, SET_KAT, AUTHENTICATE = "0C2241A4", "0C2241A6", "0C860000"
CHIP_AUTHENTICATION_AES_128 = bytes.fromhex("800A04007F00070202030202")


@pytest.fixture(scope="module")
def active_key() -> PrivateKey:
    return rsa_key(1024)


def challenged(card: CardImage, key: PrivateKey | None, behaviour: Behaviour | None = None) -> Answer:
    image = replace(card, active_key=key, behaviour=behaviour or card.behaviour)
    return Terminal(image).send("0C880000", CHALLENGE, 65536, extended=True)


def recovered(key: PrivateKey, signature: bytes) -> bytes:
    public = load_der_public_key(key.public_info())
    assert isinstance(public, rsa.RSAPublicKey)
    numbers = public.public_numbers()
    return pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes(len(signature), "big")


def is_right(key: PrivateKey, signature: bytes) -> bool:
    """ISO/IEC 9796-2, digital signature scheme 1: header 6A, what is recovered, hash, trailer."""
    message, size = recovered(key, signature), hashlib.new(key.hash_name).digest_size
    trailer = bytes.fromhex(TRAILERS[key.hash_name])
    body = message.removeprefix(b"\x6a").removesuffix(trailer)
    digest = hashlib.new(key.hash_name, body[:-size] + CHALLENGE).digest()
    return message.startswith(b"\x6a") and message.endswith(trailer) and body[-size:] == digest


@pytest.mark.parametrize("hash_name", TRAILERS)
def test_an_rsa_key_signs_with_every_hash(card: CardImage, active_key: PrivateKey, hash_name: str) -> None:
    key = replace(active_key, hash_name=hash_name)
    answer = challenged(card, key)
    assert (is_right(key, answer.data), answer.status) == (True, 0x9000)


def test_a_long_signature_comes_in_pieces_to_a_short_command(card: CardImage) -> None:
    key = card.active_key
    assert key is not None
    answer = Terminal(card).send("0C880000", CHALLENGE, 256)
    assert len(answer.data) == 256
    assert is_right(key, answer.data)


@pytest.mark.parametrize(("curve", "known"), CURVES)
def test_a_key_on_a_curve_signs_plainly(card: CardImage, curve: int, known: ec.EllipticCurve) -> None:
    key = elliptic_key(curve)
    signature = challenged(card, key).data
    half = len(signature) // 2
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    public = load_der_public_key(key.public_info())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert public.curve.name == known.name
    public.verify(encode_dss_signature(r, s), CHALLENGE, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("proof", [Proof.WRONG, Proof.REPLAYED])
def test_a_copy_signs_something_else(card: CardImage, active_key: PrivateKey, proof: Proof) -> None:
    answer = challenged(card, active_key, Behaviour(active=proof))
    assert answer.status == 0x9000
    assert len(answer.data) == 128
    assert not is_right(active_key, answer.data)


def test_a_card_may_refuse_to_sign(card: CardImage, active_key: PrivateKey) -> None:
    assert challenged(card, active_key, Behaviour(active=Proof.REFUSED)).status == 0x6D00
    assert challenged(card, active_key, Behaviour(active=Proof.REFUSED, refusal=0x6A88)).status == 0x6A88
    assert challenged(card, None).status == 0x6D00


def test_a_challenge_has_eight_bytes(card: CardImage) -> None:
    assert Terminal(card).send("0C880000", CHALLENGE[:7], 256).status == 0x6700


def test_nothing_is_signed_before_the_card_is_open(card: CardImage) -> None:
    terminal = Terminal(card)
    assert terminal.card.exchange(bytes.fromhex("0088000008F173589974BF40C600")).hex() == "6982"


def agreed(key: ChipKey, known: ec.EllipticCurve) -> tuple[bytes, KeyPair]:
    """A terminal's ephemeral point, and the keys that it and the chip's public key give."""
    ephemeral = ec.generate_private_key(known)
    public = PrivateKey(curve=key.curve, scalar=key.scalar).public_info()
    chip = load_der_public_key(public)
    assert isinstance(chip, ec.EllipticCurvePublicKey)
    secret = ephemeral.exchange(ec.ECDH(), chip)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return point, KeyPair.derived(secret, key.suite)


def data_group_1(terminal: Terminal) -> Answer:
    return terminal.send("0CB08100", expected=95)


@pytest.mark.parametrize(("curve", "known"), CURVES)
def test_chip_authentication_goes_on_under_new_keys(card: CardImage, curve: int, known: ec.EllipticCurve) -> None:
    key = ChipKey(curve=curve, scalar=elliptic_key(curve).scalar)
    terminal = Terminal(replace(card, chip_key=key))
    point, keys = agreed(key, known)
    assert terminal.send(SET_AT, CHIP_AUTHENTICATION_AES_128).status == 0x9000
    command = tlv(0x7C, tlv(0x80, point))
    assert terminal.send(AUTHENTICATE, command, 256) == (b"\x7c\x00", 0x9000)
    terminal.enter(keys)
    assert data_group_1(terminal) == (card.files["DG1"], 0x9000)


def test_with_3des_one_command_does(card: CardImage) -> None:
    key = ChipKey(suite=Suite.TDES, curve=13, scalar=elliptic_key(13).scalar)
    terminal = Terminal(replace(card, chip_key=key))
    point, keys = agreed(key, ec.BrainpoolP256R1())
    assert terminal.send(SET_KAT, tlv(0x91, point)).status == 0x9000
    terminal.enter(keys)
    assert data_group_1(terminal).status == 0x9000


def after_chip_authentication(card: CardImage, behaviour: Behaviour) -> Terminal:
    assert card.chip_key is not None
    terminal = Terminal(replace(card, behaviour=behaviour))
    point, keys = agreed(card.chip_key, ec.BrainpoolP256R1())
    terminal.send(SET_AT, CHIP_AUTHENTICATION_AES_128)
    assert terminal.send(AUTHENTICATE, tlv(0x7C, tlv(0x80, point)), 256).status == 0x9000
    terminal.enter(keys)
    return terminal


def test_a_copy_does_not_know_the_new_keys(card: CardImage) -> None:
    assert data_group_1(after_chip_authentication(card, Behaviour())).status == 0x9000
    for proof in (Proof.WRONG, Proof.REPLAYED):
        assert data_group_1(after_chip_authentication(card, Behaviour(chip=proof))).status == 0x6988


def test_a_card_without_the_key_or_with_another_reference_says_so(card: CardImage) -> None:
    assert Terminal(replace(card, chip_key=None)).send(SET_AT, CHIP_AUTHENTICATION_AES_128).status == 0x6A88
    assert card.chip_key is not None
    numbered = replace(card, chip_key=replace(card.chip_key, key_id=7))
    assert Terminal(numbered).send(SET_AT, CHIP_AUTHENTICATION_AES_128).status == 0x6A88
    assert Terminal(numbered).send(SET_AT, CHIP_AUTHENTICATION_AES_128 + b"\x84\x01\x07").status == 0x9000
    refusing = replace(card, behaviour=Behaviour(chip=Proof.REFUSED, refusal=0x6985))
    assert Terminal(refusing).send(SET_AT, CHIP_AUTHENTICATION_AES_128).status == 0x6985


def test_explicit_parameters_stand_where_the_curve_is_not_named(card: CardImage) -> None:
    assert card.chip_key is not None
    prime = int("A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377", 16).to_bytes(33, "big")
    assert prime in chip_public_key_info(card.chip_key)
    assert prime not in chip_public_key_info(card.chip_key, explicit=False)
