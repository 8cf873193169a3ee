"""The card's side of PACE, against ICAO Doc 9303-11, appendix G.1."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.hardware.simulated.citizen_card.chip import Chip
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage

NONCE = "3F00C4D39D153F2B2A214A078D899B22"
CARD_MAP_KEY = "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560"
CARD_KEY = "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A"
TERMINAL_MAPS = (
    "7ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
    "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
)
CARD_MAPS = (
    "824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
    "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
)
TERMINAL_PUBLIC = (
    "2DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
    "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
)
CARD_PUBLIC = (
    "9E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
    "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
)
SET_PACE_WITH_MRZ = "0022C1A40F800A04007F00070202040202830101"
STEPS = {
    "10860000027C0000": "7C12801095A3A016522EE98D01E76CB6B98B42C39000",
    f"10860000457C43814104{TERMINAL_MAPS}00": f"7C43824104{CARD_MAPS}9000",
    f"10860000457C43834104{TERMINAL_PUBLIC}00": f"7C43844104{CARD_PUBLIC}9000",
    "008600000C7C0A8508C2B0BD78D94BA86600": "7C0A86083ABB9674BCE93C089000",
}
WRONG_TOKEN = "008600000C7C0A8508000000000000000000"


def always(*values: str) -> Callable[[int], bytes]:
    """A source of randomness that gives these values over and over."""
    drawn = [0]

    def draw(count: int) -> bytes:
        value = bytes.fromhex(values[drawn[0] % len(values)])
        drawn[0] += 1
        assert len(value) == count
        return value

    return draw


def chip_of(card: CardImage, behaviour: Behaviour | None = None) -> Chip:
    image = replace(card, mrz_information="T22000129364081251010318", behaviour=behaviour or card.behaviour)
    return Chip(image, random=always(NONCE, CARD_MAP_KEY, CARD_KEY))


def send(chip: Chip, command: str) -> str:
    return chip.exchange(bytes.fromhex(command)).hex().upper()


def try_a_wrong_password(chip: Chip) -> str:
    send(chip, SET_PACE_WITH_MRZ)
    for command in list(STEPS)[:3]:
        send(chip, command)
    return send(chip, WRONG_TOKEN)


def test_the_published_run_opens_the_card(card: CardImage) -> None:
    chip = chip_of(card)
    assert send(chip, SET_PACE_WITH_MRZ) == "9000"
    assert {command: send(chip, command) for command in STEPS} == STEPS
    assert send(chip, "0CA4040C00") == "6987"


def test_the_card_access_is_read_before_and_selecting_the_mf_is_not_known(card: CardImage) -> None:
    chip = chip_of(card)
    assert send(chip, "00A4000C023F00") == "6D00"
    assert send(chip, "00A4020C02011C") == "9000"
    published = (
        "3134300D060804007F0007020202020101300F060A04007F000702020302020201013012060A04007F0007020204020202010202010D"
    )
    assert send(chip, "00B0000000") == published + "9000"
    assert send(chip, "00B09C0036") == published + "9000"
    assert send(chip, "00B0003500") == "0D9000"
    assert send(chip, "00B0003510") == "0D6282"
    assert send(chip, "00B0003600") == "6B00"


def test_a_wrong_password_shows_at_the_tokens(card: CardImage) -> None:
    assert try_a_wrong_password(chip_of(card)) == "6300"


def test_a_card_that_counts_says_how_many_tries_are_left_and_blocks(card: CardImage) -> None:
    chip = chip_of(card, Behaviour(tries=3))
    assert [try_a_wrong_password(chip) for _ in range(3)] == ["63C2", "63C1", "63C0"]
    chip.power_on()
    assert send(chip, SET_PACE_WITH_MRZ) == "6983"


def test_a_card_that_slows_down_doubles_its_time(card: CardImage) -> None:
    waited: list[float] = []
    image = replace(card, behaviour=Behaviour(seconds_a_wrong_key=0.5))
    chip = Chip(image, random=always(NONCE, CARD_MAP_KEY, CARD_KEY), wait=waited.append)
    for _ in range(4):
        try_a_wrong_password(chip)
    assert waited == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("0022C1A40F800A04007F00070202040204830101", "6A80"),  # AES-256, which it does not offer
        ("0022C1A412800A04007F0007020204020283010184010C", "6A80"),  # another curve
        ("0022C1A40F800A04007F00070202040202830103", "6A88"),  # a PIN
        ("10860000027C0000", "6985"),
        ("0022C1A4057C", "6700"),
    ],
)
def test_what_it_does_not_offer_is_refused(card: CardImage, command: str, status: str) -> None:
    assert send(chip_of(card), command) == status


def test_a_point_off_the_curve_is_refused(card: CardImage) -> None:
    chip = chip_of(card)
    send(chip, SET_PACE_WITH_MRZ)
    send(chip, "10860000027C0000")
    assert send(chip, f"10860000457C43814104{TERMINAL_MAPS[:-1]}000") == "6A80"


def test_steps_out_of_order_are_refused(card: CardImage) -> None:
    chip = chip_of(card)
    send(chip, SET_PACE_WITH_MRZ)
    assert send(chip, WRONG_TOKEN) == "6883"
    send(chip, SET_PACE_WITH_MRZ)
    assert send(chip, f"10860000457C43814104{TERMINAL_MAPS}00") == "6985"
