"""Single parts against a card that lies, swells or spies: caps, and nothing of the holder where errors are printed."""

import os
import subprocess
import sys

import pytest

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card import decode_portrait
from kiosk.identify.chip_card.apdu import Command, PlainChannel, Response
from kiosk.identify.chip_card.chip_authentication import best_offer
from kiosk.identify.chip_card.key_derivation import Cipher
from kiosk.identify.chip_card.portrait import Picture, PictureFormat, PortraitDecoder
from kiosk.identify.chip_card.security_infos import MAX_INFOS, read_security_infos
from kiosk.identify.chip_card.tlv import encode, read_tlv
from tests.support.chip_issuer import ec_key, key_info
from tests.support.proving_chip import agreement_info, chip_key_info, dg14
from tests.support.work_done import steps


class Repeating:
    """A card that gives the same answer to everything."""

    def __init__(self, data: bytes, status: int) -> None:
        self._answer = data, status

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        assert command
        return self._answer


def test_an_answer_in_pieces_that_outgrows_every_answer_is_refused() -> None:
    plain = PlainChannel(Repeating(bytes(60_000), 0x6100))
    with pytest.raises(CardError) as refusal:
        plain.exchange(Command(0x00, 0xB0, 0x00, 0x00, expected=256))
    assert refusal.value.kind is CardProblem.MALFORMED
    assert plain.bytes_read <= 3 * 60_000


def test_dg14_with_thousands_of_entries_is_refused_before_keys_and_algorithms_are_compared() -> None:
    key = chip_key_info(key_info(ec_key()))
    swollen = dg14(*[key] * 300, *[agreement_info(Cipher.AES_128)] * 1500)

    def refused() -> None:
        with pytest.raises(InputError) as refusal:
            best_offer(swollen)
        assert refusal.value.kind == "too_long"

    assert steps(refused) < 1000 * 1800


def test_as_many_entries_as_any_card_could_have_are_read() -> None:
    assert len(read_security_infos(dg14(*[agreement_info(Cipher.AES_128)] * MAX_INFOS))) == MAX_INFOS


SECRET = b"HOLDER"


@pytest.mark.parametrize(
    "carrier", [Command(0x00, 0xB0, 0x00, 0x00, SECRET), Response(SECRET, 0x9000), read_tlv(encode(0x5F1F, SECRET))]
)
def test_what_carries_a_holders_data_does_not_print_them(carrier: object) -> None:
    assert "HOLDER" not in repr(carrier)


def test_a_decoder_that_was_taken_over_cannot_name_a_picture_that_no_encoder_takes() -> None:
    """One pixel high and four million wide: few enough pixels, too long a side."""
    decoder = PortraitDecoder()
    with decoder:
        sides = (1).to_bytes(4) + decode_portrait.MAX_PIXELS.to_bytes(4)
        os.pwrite(decoder._result, sides + bytes(decode_portrait.MAX_PIXELS * 3), 0)  # noqa: SLF001 # the taker's hand
        with pytest.raises(InputError) as refusal:
            decoder._read(PictureFormat.JPEG)  # noqa: SLF001 # as above
    assert refusal.value.kind == "bad_picture"


def test_a_decoder_that_was_taken_over_can_open_no_file_and_no_connection() -> None:
    program = """
import socket
from kiosk.identify.chip_card import decode_portrait
decode_portrait.close_doors()
for attempt in (lambda: open("/etc/hostname"), lambda: socket.socket(socket.AF_UNIX)):
    try:
        attempt()
    except OSError as error:
        print(error.errno)
"""
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=30)
    assert ran.stdout.split() == ["24", "24"]


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\xff\x4f\xff\x51" + bytes(100)])
def test_a_picture_that_is_none_is_refused_by_name(data: bytes) -> None:
    with PortraitDecoder() as decoder, pytest.raises(InputError):
        decoder.decode(Picture(PictureFormat.JPEG, data))
