"""Secure messaging against ICAO Doc 9303-11 Appendix D.4, and against cards that break it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.apdu import Command, PlainChannel, Response
from kiosk.identify.chip_card.block_cipher import decrypt, encrypt, mac, pad, unpad
from kiosk.identify.chip_card.key_derivation import Cipher, SessionKeys, session_keys
from kiosk.identify.chip_card.secure_messaging import SecureChannel
from kiosk.identify.chip_card.tlv import children, encode

KEYS = SessionKeys(
    Cipher.TDES,
    bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5"),
    bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8"),
)
COUNTER = 0x887022120C06C226
SELECT_COM = Command(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e")
READ_FOUR = Command(0x00, 0xB0, 0x00, 0x00, b"", 4)
SELECTED = bytes.fromhex("990290008E08FA855A5D4C50A8ED")
FIRST_FOUR = bytes.fromhex("8709019FF0EC34F9922651990290008E08AD55CC17140B2DED")


class Scripted:
    """A connection that gives prepared answers."""

    def __init__(self, *answers: tuple[bytes, int]) -> None:
        self.sent: list[bytes] = []
        self._answers = iter(answers)

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self.sent.append(command)
        return next(self._answers)


def test_the_worked_example_is_protected_and_opened() -> None:
    card = Scripted((SELECTED, 0x9000), (FIRST_FOUR, 0x9000))
    channel = SecureChannel(PlainChannel(card), KEYS, COUNTER)
    assert channel.exchange(SELECT_COM) == Response(b"", 0x9000)
    assert channel.exchange(READ_FOUR) == Response(bytes.fromhex("60145F01"), 0x9000)
    assert card.sent[0].hex().upper() == "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800"
    assert card.sent[1].hex().upper() == "0CB000000D9701048E08ED6705417E96BA5500"


@pytest.mark.parametrize(
    "answer",
    [
        (b"", 0x9000),
        (b"", 0x6987),
        (b"", 0x6988),
        (b"", 0x6700),
        (SELECTED[:-1] + b"\0", 0x9000),
        (SELECTED[:4], 0x9000),
        (SELECTED[4:], 0x9000),
        (SELECTED[4:] + SELECTED[:4], 0x9000),
        (SELECTED + SELECTED[:4], 0x9000),
        (FIRST_FOUR, 0x9000),
        (b"\x80\x01\x00" + SELECTED, 0x9000),
        (bytes.fromhex("9903009000") + SELECTED[4:], 0x9000),
        (SELECTED[:4] + b"\x8e\x02\x00\x00", 0x9000),
        (b"\x30\x80\x00\x00", 0x9000),
    ],
)
def test_an_answer_without_right_protection_ends_the_channel_for_good(answer: tuple[bytes, int]) -> None:
    channel = SecureChannel(PlainChannel(Scripted(answer, (SELECTED, 0x9000))), KEYS, COUNTER)
    for _ in range(2):
        with pytest.raises(CardError) as refusal:
            channel.exchange(SELECT_COM)
        assert refusal.value.kind is CardProblem.SECURE_MESSAGING


def test_a_replayed_answer_does_not_count() -> None:
    channel = SecureChannel(PlainChannel(Scripted((SELECTED, 0x9000), (SELECTED, 0x9000))), KEYS, COUNTER)
    channel.exchange(SELECT_COM)
    with pytest.raises(CardError, match="MAC"):
        channel.exchange(SELECT_COM)


def protected_answer(keys: SessionKeys, counter: int, objects: bytes) -> bytes:
    """An answer with a right MAC over whatever is in it, as ICAO Doc 9303-11, 9.8.5 has it."""
    size = keys.cipher.block_bytes
    text = counter.to_bytes(size) + pad(objects, size)
    return objects + encode(0x8E, mac(keys.cipher, keys.mac, text))


CIPHERS = [pytest.param(cipher, id=cipher.label) for cipher in Cipher]


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("ins", [0xB0, 0xB1])
def test_each_cipher_carries_data_both_ways_and_odd_instructions_have_their_own_object(
    cipher: Cipher, ins: int
) -> None:
    keys = session_keys(b"secret", cipher)
    size = cipher.block_bytes
    initial = encrypt(cipher, keys.encryption, (2).to_bytes(size)) if cipher.is_aes else None
    secret = encrypt(cipher, keys.encryption, pad(b"the answer", size), initial)
    answered = encode(0x85, secret) if ins & 1 else encode(0x87, b"\x01" + secret)
    card = Scripted((protected_answer(keys, 2, answered + bytes.fromhex("99026282")), 0x6282))
    channel = SecureChannel(PlainChannel(card), keys)
    assert channel.exchange(Command(0, ins, 0, 0, b"the question", 500)) == Response(b"the answer", 0x6282)
    sent = children(card.sent[0][7:-2])
    assert [part.tag for part in sent] == [0x85 if ins & 1 else 0x87, 0x97, 0x8E]
    assert sent[1].value == (500).to_bytes(2)
    assert b"the question" not in card.sent[0]


@pytest.mark.parametrize(
    "objects",
    [
        encode(0x87, b"\x02" + bytes(16)) + encode(0x99, b"\x90\0"),
        encode(0x87, b"\x01") + encode(0x99, b"\x90\0"),
        encode(0x87, b"") + encode(0x99, b"\x90\0"),
        encode(0x87, b"\x01" + bytes(15)) + encode(0x99, b"\x90\0"),
        encode(0x87, b"\x01" + bytes(16)) + encode(0x99, b"\x90\0"),
        encode(0x85, bytes(16)) + encode(0x87, b"\x01" + bytes(16)) + encode(0x99, b"\x90\0"),
        encode(0x87, b"\x01" + bytes(16)) * 2 + encode(0x99, b"\x90\0"),
        encode(0x87, b"\x01" + bytes(16)),
    ],
)
def test_a_right_mac_over_wrong_objects_ends_the_channel_too(objects: bytes) -> None:
    keys = session_keys(b"secret", Cipher.AES_128)
    channel = SecureChannel(PlainChannel(Scripted((protected_answer(keys, 2, objects), 0x9000))), keys)
    with pytest.raises(CardError) as refusal:
        channel.exchange(READ_FOUR)
    assert refusal.value.kind is CardProblem.SECURE_MESSAGING


@given(data=st.binary(max_size=300), status=st.sampled_from([0x9000, 0x6282, 0x6700, 0x6988]))
def test_whatever_bytes_come_back_the_channel_opens_them_or_ends(data: bytes, status: int) -> None:
    keys = session_keys(b"secret", Cipher.AES_256)
    channel = SecureChannel(PlainChannel(Scripted((data, status))), keys)
    with pytest.raises(CardError) as refusal:
        channel.exchange(READ_FOUR)
    assert refusal.value.kind is CardProblem.SECURE_MESSAGING


@given(st.binary(max_size=300))
def test_whatever_objects_are_under_a_right_mac_nothing_but_a_card_error_comes_out(objects: bytes) -> None:
    keys = session_keys(b"secret", Cipher.TDES)
    channel = SecureChannel(PlainChannel(Scripted((protected_answer(keys, 2, objects), 0x9000))), keys)
    with contextlib.suppress(CardError):
        channel.exchange(READ_FOUR)


@given(data=st.binary(max_size=100), cipher=st.sampled_from(Cipher))
def test_padding_and_encryption_are_undone(data: bytes, cipher: Cipher) -> None:
    key = session_keys(b"secret", cipher).encryption
    padded = pad(data, cipher.block_bytes)
    assert unpad(decrypt(cipher, key, encrypt(cipher, key, padded))) == data


def test_a_short_protected_command_stays_short_as_long_as_its_protection_fits() -> None:
    keys = session_keys(b"secret", Cipher.AES_128)
    lengths = {}
    for size in (223, 224, 240):
        card = Scripted((b"", 0x9000))
        with pytest.raises(CardError):
            SecureChannel(PlainChannel(card), keys).exchange(Command(0, 0xDA, 0, 0, bytes(size)))
        lengths[size] = card.sent[0][4] != 0
    assert lengths == {223: True, 224: True, 240: False}
