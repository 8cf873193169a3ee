"""Chip authentication version 1: a key agreement with the key of DG14 (ICAO Doc 9303-11, 6.2)."""

from kiosk.identify.chip_card.apdu import Channel, PlainChannel
from kiosk.identify.chip_card.challenges import Challenges
from kiosk.identify.chip_card.proof import Proof


def prove(plain: PlainChannel, channel: Channel, dg14: bytes, challenges: Challenges) -> tuple[Proof, Channel]:
    """Agree on new session keys with the chip, and let it answer one command (SELECT EF.COM) under them.

    Args:
        plain: what the new protected channel is put upon.
        channel: the protected channel so far, to the selected application.
        dg14: raw, as read.
        challenges: draws the ephemeral key.

    Returns:
        The proof, and the channel to go on with: the new one when passed; the old one when nothing was begun or the
        card refused by status word. After ``failed`` neither can be used any more.

    Raises:
        CardError: the card left, or secure messaging broke before the new keys were in use.
    """
    raise NotImplementedError
