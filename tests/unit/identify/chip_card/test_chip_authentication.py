import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.apdu import PlainChannel
from kiosk.identify.chip_card.challenges import OwnChallenges
from kiosk.identify.chip_card.chip_authentication import best_offer, prove
from kiosk.identify.chip_card.curves import Curve, by_oid, multiply
from kiosk.identify.chip_card.key_derivation import Cipher
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.tlv import encode
from kiosk.model.chip_card import CheckOutcome
from tests.support.chip_issuer import ec_key, explicit_key_info, key_info
from tests.support.proving_chip import PACE_ONLY, AgreeingChip, agreement_info, chip_key_info, dg14

DIFFIE_HELLMAN = encode(0x30, bytes.fromhex("060904007F000702020101") + encode(0x30, b"\x05\x00"))


class FixedKey:
    """Challenges with one private key, as a hub would give it."""

    def __init__(self, private_key: int) -> None:
        self.given = private_key

    def challenge(self) -> bytes:
        return bytes(8)

    def private_key(self, curve: Curve) -> int:
        assert curve
        return self.given


def offering(key: ec.EllipticCurvePrivateKey, cipher: Cipher) -> bytes:
    return dg14(agreement_info(cipher), chip_key_info(key_info(key)))


def proof_of(chip: AgreeingChip, file: bytes) -> Proof:
    return prove(PlainChannel(chip), chip, file, OwnChallenges())[0]


@pytest.mark.parametrize("cipher", list(Cipher))
@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.BrainpoolP384R1()])
def test_the_chip_with_the_private_key_proves_itself(curve: ec.EllipticCurve, cipher: Cipher) -> None:
    key = ec_key(curve)
    chip = AgreeingChip(key, cipher)
    assert proof_of(chip, offering(key, cipher)).outcome is CheckOutcome.PASSED


@pytest.mark.parametrize("cipher", [Cipher.TDES, Cipher.AES_128])
def test_a_copy_without_the_private_key_fails(cipher: Cipher) -> None:
    chip = AgreeingChip(ec_key(), cipher)
    assert proof_of(chip, offering(ec_key(), cipher)) == Proof(CheckOutcome.FAILED)


def test_an_answer_of_an_earlier_session_fails() -> None:
    key = ec_key()
    first = AgreeingChip(key, Cipher.AES_128)
    proof_of(first, offering(key, Cipher.AES_128))
    second = AgreeingChip(key, Cipher.AES_128, recorded=first.answered)
    assert proof_of(second, offering(key, Cipher.AES_128)) == Proof(CheckOutcome.FAILED)


@pytest.mark.parametrize("status", [0x6D00, 0x6A88, 0x6985, 0x6A80])
def test_a_refusal_is_no_failure_and_the_old_channel_goes_on(status: int) -> None:
    chip = AgreeingChip(ec_key(), Cipher.AES_128, refusal=status)
    proof, channel = prove(PlainChannel(chip), chip, offering(ec_key(), Cipher.AES_128), OwnChallenges())
    assert proof == Proof(CheckOutcome.NOT_POSSIBLE, refused_status=status)
    assert channel is chip


def test_dg14_with_other_information_only_offers_nothing() -> None:
    chip = AgreeingChip(ec_key(), Cipher.AES_128)
    assert proof_of(chip, PACE_ONLY) == Proof(CheckOutcome.NOT_PRESENT)
    assert not chip.commands


@pytest.mark.parametrize(
    "file",
    [
        dg14(DIFFIE_HELLMAN),
        dg14(chip_key_info(explicit_key_info(ec_key(), gx=7))),
        dg14(chip_key_info(encode(0x30, b""))),
        b"\x6e\x02\x31\x01",
        b"",
    ],
)
def test_a_key_that_this_reader_cannot_use_is_not_tried(file: bytes) -> None:
    chip = AgreeingChip(ec_key(), Cipher.AES_128)
    assert proof_of(chip, file) == Proof(CheckOutcome.NOT_POSSIBLE)
    assert not chip.commands


def test_3des_is_announced_in_one_command_and_aes_in_two() -> None:
    key = ec_key()
    old, new = AgreeingChip(key, Cipher.TDES), AgreeingChip(key, Cipher.AES_256)
    proof_of(old, offering(key, Cipher.TDES))
    proof_of(new, offering(key, Cipher.AES_256))
    assert [(command.ins, command.p1, command.p2) for command in old.commands] == [(0x22, 0x41, 0xA6)]
    assert [(command.ins, command.p1, command.p2) for command in new.commands] == [(0x22, 0x41, 0xA4), (0x86, 0, 0)]


def test_a_key_without_an_algorithm_means_3des() -> None:
    key = ec_key()
    chip = AgreeingChip(key, Cipher.TDES)
    assert proof_of(chip, dg14(chip_key_info(key_info(key)))).outcome is CheckOutcome.PASSED


def test_of_several_keys_the_one_with_the_strongest_cipher_is_named() -> None:
    weak, strong = ec_key(ec.SECP256R1()), ec_key(ec.BrainpoolP256R1())
    file = dg14(
        agreement_info(Cipher.TDES, 1),
        chip_key_info(key_info(weak), 1),
        agreement_info(Cipher.AES_256, 2),
        chip_key_info(key_info(strong), 2),
    )
    chip = AgreeingChip(strong, Cipher.AES_256)
    assert proof_of(chip, file).outcome is CheckOutcome.PASSED
    assert chip.commands[0].data.endswith(bytes.fromhex("840102"))


def test_a_cipher_of_another_key_is_not_used() -> None:
    key = ec_key()
    file = dg14(agreement_info(Cipher.AES_256, 2), agreement_info(Cipher.TDES, 1), chip_key_info(key_info(key), 1))
    offer = best_offer(file)
    assert offer is not None
    assert offer.cipher is Cipher.TDES


def test_an_explicit_curve_is_as_good_as_a_named_one() -> None:
    key = ec_key()
    file = dg14(agreement_info(Cipher.AES_128), chip_key_info(explicit_key_info(key)))
    assert proof_of(AgreeingChip(key, Cipher.AES_128), file).outcome is CheckOutcome.PASSED


@pytest.mark.parametrize(
    ("curve", "oid"), [(ec.BrainpoolP256R1(), "1.3.36.3.3.2.8.1.1.7"), (ec.SECP521R1(), "1.3.132.0.35")]
)
def test_a_shared_secret_that_begins_with_00_is_not_shortened(curve: ec.EllipticCurve, oid: str) -> None:
    key, known = ec_key(curve), by_oid(oid)
    assert known is not None
    numbers = key.public_key().public_numbers()
    file = offering(key, Cipher.AES_128)
    offer = best_offer(file)
    assert offer is not None
    assert offer.key.point.x == numbers.x
    short = next(
        number
        for number in range(2, 5000)
        if multiply(known, number, offer.key.point).x >> 8 * (known.field_bytes - 1) == 0
    )
    chip = AgreeingChip(key, Cipher.AES_128)
    proof, _ = prove(PlainChannel(chip), chip, file, FixedKey(short))
    assert proof.outcome is CheckOutcome.PASSED


def test_a_card_that_leaves_is_no_failure() -> None:
    class Leaving(AgreeingChip):
        def transmit(self, command: bytes) -> tuple[bytes, int]:
            raise CardError(CardProblem.REMOVED, f"gone after {len(command)} bytes")

    key = ec_key()
    with pytest.raises(CardError) as caught:
        proof_of(Leaving(key, Cipher.AES_128), offering(key, Cipher.AES_128))
    assert caught.value.kind is CardProblem.REMOVED
