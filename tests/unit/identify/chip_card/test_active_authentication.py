import secrets

import pytest
from asn1crypto import core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.active_authentication import prove
from kiosk.identify.chip_card.apdu import Command, Response
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.tlv import encode
from kiosk.model.chip_card import CheckOutcome
from tests.support.chip_issuer import ec_key, rsa_key
from tests.support.proving_chip import PACE_ONLY, Answers, active_info, active_info_of, dg14, dg15, sign_plain, sign_rsa

CHALLENGE = bytes(range(8))
FAILED, NOT_POSSIBLE = Proof(CheckOutcome.FAILED), Proof(CheckOutcome.NOT_POSSIBLE)


def answering(data: bytes, status: int = 0x9000) -> Answers:
    return Answers(lambda _: Response(data, status))


@pytest.mark.parametrize("bits", [1024, 1536, 2048, 3072, 4096])
def test_a_chip_with_an_rsa_key_proves_itself(bits: int) -> None:
    key = rsa_key(bits)
    proof = prove(answering(sign_rsa(key, CHALLENGE)), dg15(key), None, CHALLENGE)
    assert proof.outcome is CheckOutcome.PASSED


@pytest.mark.parametrize(
    ("digest", "trailer"),
    [
        ("sha1", b"\xbc"),
        ("sha1", b"\x33\xcc"),
        ("sha224", b"\x38\xcc"),
        ("sha256", b"\x34\xcc"),
        ("sha384", b"\x36\xcc"),
        ("sha512", b"\x35\xcc"),
    ],
)
def test_the_trailer_names_the_hash(digest: str, trailer: bytes) -> None:
    key = rsa_key(1024)
    proof = prove(answering(sign_rsa(key, CHALLENGE, digest, trailer)), dg15(key), None, CHALLENGE)
    assert proof.outcome is CheckOutcome.PASSED


def test_a_trailer_that_names_another_hash_is_a_wrong_answer() -> None:
    key = rsa_key(1024)
    answer = sign_rsa(key, CHALLENGE, "sha256", b"\x36\xcc")
    assert prove(answering(answer), dg15(key), None, CHALLENGE) == FAILED


def test_an_unknown_trailer_is_a_wrong_answer() -> None:
    key = rsa_key(1024)
    answer = sign_rsa(key, CHALLENGE, "sha256", b"\x31\xcc")
    assert prove(answering(answer), dg15(key), None, CHALLENGE) == FAILED


def test_the_smaller_of_the_signature_and_its_complement_is_as_good() -> None:
    key = rsa_key(1024)
    modulus = key.public_key().public_numbers().n
    other = modulus - int.from_bytes(sign_rsa(key, CHALLENGE))
    proof = prove(answering(other.to_bytes(128)), dg15(key), None, CHALLENGE)
    assert proof.outcome is CheckOutcome.PASSED


@pytest.mark.parametrize(
    "curve", [ec.SECP256R1(), ec.SECP521R1(), ec.BrainpoolP256R1(), ec.BrainpoolP384R1(), ec.SECP192R1()]
)
def test_a_chip_with_an_elliptic_key_proves_itself(curve: ec.EllipticCurve) -> None:
    key = ec_key(curve)
    answer = sign_plain(key, CHALLENGE, hashes.SHA256())
    proof = prove(answering(answer), dg15(key), dg14(active_info(3)), CHALLENGE)
    assert proof.outcome is CheckOutcome.PASSED


@pytest.mark.parametrize(
    ("number", "digest"),
    [
        (1, hashes.SHA1()),  # noqa: S303 # an answer that lasts a second
        (2, hashes.SHA224()),
        (3, hashes.SHA256()),
        (4, hashes.SHA384()),
        (5, hashes.SHA512()),
    ],
)
def test_dg14_names_the_hash_of_an_elliptic_key(number: int, digest: hashes.HashAlgorithm) -> None:
    key = ec_key(ec.SECP256R1())
    answer = sign_plain(key, CHALLENGE, digest)
    assert prove(answering(answer), dg15(key), dg14(active_info(number)), CHALLENGE).outcome is CheckOutcome.PASSED


def test_an_answer_in_der_counts_too() -> None:
    key = ec_key(ec.SECP256R1())
    answer = key.sign(CHALLENGE, ec.ECDSA(hashes.SHA256()))
    assert prove(answering(answer), dg15(key), dg14(active_info(3)), CHALLENGE).outcome is CheckOutcome.PASSED


@pytest.mark.parametrize("algorithm", ["2A8648CE3D0401", "2A8648CE3D040302"])
def test_the_hash_may_be_named_as_certificates_name_it(algorithm: str) -> None:
    key = ec_key(ec.SECP256R1())
    digest = hashes.SHA1() if algorithm.endswith("0401") else hashes.SHA256()  # noqa: S303 # as above
    named = dg14(active_info_of(bytes.fromhex(algorithm)))
    for answer in (sign_plain(key, CHALLENGE, digest), key.sign(CHALLENGE, ec.ECDSA(digest))):
        assert prove(answering(answer), dg15(key), named, CHALLENGE).outcome is CheckOutcome.PASSED


def test_a_modulus_that_is_not_of_whole_bytes_is_not_asked_rather_than_called_a_copy() -> None:
    chip = answering(bytes(128))
    assert prove(chip, dg15(rsa_key(1025)), None, CHALLENGE) == NOT_POSSIBLE
    assert not chip.commands


@pytest.mark.parametrize("parameters", [None, PACE_ONLY, dg14(active_info(6)), b"\x6e\x01\x31"])
def test_an_elliptic_key_without_a_usable_hash_is_not_asked(parameters: bytes | None) -> None:
    chip = answering(b"")
    assert prove(chip, dg15(ec_key()), parameters, CHALLENGE) == NOT_POSSIBLE
    assert not chip.commands


def test_a_passed_proof_carries_the_fingerprint_of_the_key() -> None:
    key = rsa_key(1024)
    first = prove(answering(sign_rsa(key, CHALLENGE)), dg15(key), None, CHALLENGE)
    other = secrets.token_bytes(8)
    second = prove(answering(sign_rsa(key, other)), dg15(key), None, other)
    assert first.key_fingerprint == second.key_fingerprint
    assert len(first.key_fingerprint or "") == 64


@pytest.mark.parametrize("answer", [b"", b"\0" * 128, b"\xff" * 128, b"\x01", b"\0" * 127 + b"\x01", b"\x30" * 4000])
def test_a_wrong_answer_fails(answer: bytes) -> None:
    assert prove(answering(answer), dg15(rsa_key(1024)), None, CHALLENGE) == FAILED
    key = ec_key(ec.SECP256R1())
    assert prove(answering(answer), dg15(key), dg14(active_info(3)), CHALLENGE) == FAILED


def test_the_answer_to_an_earlier_challenge_fails() -> None:
    key = rsa_key(1024)
    assert prove(answering(sign_rsa(key, b"earlier!")), dg15(key), None, CHALLENGE) == FAILED


@pytest.mark.parametrize("status", [0x6D00, 0x6A88, 0x6985, 0x6982, 0x6700])
def test_a_refusal_is_no_failure_and_names_its_status(status: int) -> None:
    proof = prove(answering(b"", status), dg15(rsa_key(1024)), None, CHALLENGE)
    assert proof == Proof(CheckOutcome.NOT_POSSIBLE, refused_status=status)


def test_a_card_that_leaves_is_neither() -> None:
    def leave(_: Command) -> Response:
        raise CardError(CardProblem.REMOVED, "gone")

    with pytest.raises(CardError):
        prove(Answers(leave), dg15(rsa_key(1024)), None, CHALLENGE)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\x6f\x00",
        encode(0x61, b""),
        encode(0x6F, encode(0x30, b"\x05\x00")),
        dg15(rsa_key(1024)) + b"\0",
        encode(0x6F, encode(0x30, encode(0x30, bytes.fromhex("06072A8648CE3E0201")) + core.BitString((1,)).dump())),
    ],
)
def test_a_key_that_cannot_be_read_or_used_is_not_asked(file: bytes) -> None:
    assert prove(answering(b""), file, None, CHALLENGE) == NOT_POSSIBLE


@pytest.mark.parametrize(("bits", "extended", "expected"), [(1024, True, 256), (2048, True, 65536), (2048, False, 256)])
def test_a_long_signature_is_asked_for_in_extended_form(bits: int, expected: int, *, extended: bool) -> None:
    key = rsa_key(bits)
    chip = answering(sign_rsa(key, CHALLENGE))
    prove(chip, dg15(key), None, CHALLENGE, takes_extended=extended)
    assert [command.expected for command in chip.commands] == [expected]


def test_a_card_that_refuses_the_extended_form_is_asked_once_more_in_short_form() -> None:
    key = rsa_key(2048)
    answers = iter([Response(b"", 0x6700), Response(sign_rsa(key, CHALLENGE), 0x9000)])
    chip = Answers(lambda _: next(answers))
    assert prove(chip, dg15(key), None, CHALLENGE).outcome is CheckOutcome.PASSED
    assert [command.expected for command in chip.commands] == [65536, 256]
