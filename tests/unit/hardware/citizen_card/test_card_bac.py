"""The card's side of basic access control and secure messaging, against ICAO Doc 9303-11, appendix D."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.hardware.simulated.citizen_card.chip import Chip
from kiosk.hardware.simulated.citizen_card.image import CardImage

SELECT_APPLICATION = bytes.fromhex("00A4040C07A0000002471001")
GET_CHALLENGE = bytes.fromhex("0084000008")
CHALLENGE, CARD_KEY = "4608F91988702212", "0B4F80323EB3191CB04970CB4052790B"
TERMINAL_CRYPTOGRAM = bytes.fromhex("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7")
SECURED_SELECT_COM = bytes.fromhex("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800")


def drawing(*values: str) -> Callable[[int], bytes]:
    """A source of randomness that gives just these values."""
    left = [bytes.fromhex(value) for value in values]

    def draw(count: int) -> bytes:
        value = left.pop(0)
        assert len(value) == count
        return value

    return draw


@pytest.fixture
def chip(card: CardImage) -> Chip:
    files = {"EF.COM": bytes.fromhex("60145F0104303130365F36063034303030305C026175")}
    image = replace(card, mrz_information="L898902C<369080619406236", files=files)
    return Chip(image, random=drawing(CHALLENGE, CARD_KEY))


def external_authenticate(data: bytes) -> bytes:
    return bytes.fromhex("0082000028") + data + b"\x28"


def open_with_bac(chip: Chip) -> bytes:
    chip.exchange(SELECT_APPLICATION)
    chip.exchange(GET_CHALLENGE)
    return chip.exchange(external_authenticate(TERMINAL_CRYPTOGRAM))


def test_the_challenge_and_the_answer_are_the_published_ones(chip: Chip) -> None:
    assert chip.exchange(SELECT_APPLICATION).hex() == "9000"
    assert chip.exchange(GET_CHALLENGE).hex().upper() == CHALLENGE + "9000"
    assert chip.exchange(external_authenticate(TERMINAL_CRYPTOGRAM)).hex().upper() == (
        "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000"
    )


def test_the_published_session_reads_the_common_data(chip: Chip) -> None:
    open_with_bac(chip)
    assert chip.exchange(SECURED_SELECT_COM).hex().upper() == "990290008E08FA855A5D4C50A8ED9000"
    first = chip.exchange(bytes.fromhex("0CB000000D9701048E08ED6705417E96BA5500"))
    assert first.hex().upper() == "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"
    second = chip.exchange(bytes.fromhex("0CB000040D9701128E082EA28A70F3C7B53500"))
    assert second.hex().upper() == (
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000"
    )


def test_a_wrong_key_opens_nothing(chip: Chip) -> None:
    chip.exchange(SELECT_APPLICATION)
    chip.exchange(GET_CHALLENGE)
    wrong = TERMINAL_CRYPTOGRAM[:-1] + b"\x00"
    assert chip.exchange(external_authenticate(wrong)).hex() == "6300"
    assert chip.exchange(SECURED_SELECT_COM).hex() == "6988"


def test_a_challenge_serves_once(chip: Chip) -> None:
    chip.exchange(SELECT_APPLICATION)
    assert chip.exchange(external_authenticate(TERMINAL_CRYPTOGRAM)).hex() == "6985"


def test_a_file_is_closed_without_a_key(chip: Chip) -> None:
    chip.exchange(SELECT_APPLICATION)
    assert chip.exchange(bytes.fromhex("00A4020C02011E")).hex() == "6982"
    assert chip.exchange(bytes.fromhex("00B09E0000")).hex() == "6982"


def test_a_command_whose_mac_is_wrong_ends_the_session(chip: Chip) -> None:
    open_with_bac(chip)
    assert chip.exchange(SECURED_SELECT_COM[:-2] + b"\x00\x00").hex() == "6988"
    assert chip.exchange(SECURED_SELECT_COM).hex() == "6988"


def test_a_command_without_mac_ends_the_session(chip: Chip) -> None:
    open_with_bac(chip)
    assert chip.exchange(bytes.fromhex("0CA4020C0B8709016375432908C044F600")).hex() == "6987"
    assert chip.exchange(SECURED_SELECT_COM).hex() == "6988"


def test_an_unprotected_command_ends_the_session(chip: Chip) -> None:
    open_with_bac(chip)
    assert chip.exchange(bytes.fromhex("00A4020C02011E")).hex() == "6982"
    assert chip.exchange(SECURED_SELECT_COM).hex() == "6988"


def test_a_reset_ends_the_session(chip: Chip) -> None:
    open_with_bac(chip)
    chip.power_on()
    assert chip.exchange(SECURED_SELECT_COM).hex() == "6988"


@pytest.mark.parametrize("apdu", ["00", "00A404", "00A4040C07A0", "00A4040C00", "00B0000000", "00A4040C0000"])
def test_strange_lengths_are_refused(chip: Chip, apdu: str) -> None:
    assert chip.exchange(bytes.fromhex(apdu))[-2:].hex() in {"6700", "6a82", "6986"}
