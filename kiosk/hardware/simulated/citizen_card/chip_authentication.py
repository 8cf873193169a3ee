"""Chip authentication version 1 by ECDH, the card's end (ICAO Doc 9303-11, 6.2)."""

from collections.abc import Callable

from kiosk.hardware.simulated.citizen_card.ciphers import KeyPair
from kiosk.hardware.simulated.citizen_card.commands import Refusal, Sw
from kiosk.hardware.simulated.citizen_card.elliptic import BadPoint, Point, field_bytes
from kiosk.hardware.simulated.citizen_card.image import ChipKey, Proof
from kiosk.hardware.simulated.citizen_card.secure_messaging import CardChannel


def agree(key: ChipKey, public_key: bytes, proof: Proof, random: Callable[[int], bytes]) -> CardChannel | None:
    """The session under the keys agreed with the terminal's ephemeral key.

    Returns:
        None where the chip leaves the session as it was, which a copy might hope to get away with.

    Raises:
        Refusal: 6A80, the key is no point of the curve.
    """
    try:
        shared = Point.decode(key.curve, public_key).times(int.from_bytes(key.scalar, "big")).x
    except BadPoint as error:
        raise Refusal(Sw.WRONG_DATA) from error
    if proof is Proof.REPLAYED:
        return None
    secret = random(field_bytes(key.curve)) if proof is Proof.WRONG else shared
    return CardChannel(KeyPair.derived(secret, key.suite))
