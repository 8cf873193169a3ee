"""Active authentication: the chip signs a challenge with the key of DG15 (ICAO Doc 9303-11, 6.1)."""

from kiosk.identify.chip_card.apdu import Channel
from kiosk.identify.chip_card.proof import Proof


def prove(channel: Channel, dg15: bytes, dg14: bytes | None, challenge: bytes) -> Proof:
    """Let the chip sign `challenge` (eight bytes).

    Args:
        channel: to the selected application, protected.
        dg15: raw, as read.
        dg14: raw, as read; names the hash of an ECDSA key.
        challenge: eight bytes never used before.

    Raises:
        CardError: the card left, or secure messaging broke.
    """
    raise NotImplementedError
