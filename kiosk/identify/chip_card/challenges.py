"""Where the unpredictable parts of a chip's proof come from: this host, or a hub that does not trust this host."""

import secrets
from typing import Protocol

from kiosk.identify.chip_card.curves import Curve, random_private_key

CHALLENGE_BYTES = 8
"""Of active authentication (ICAO Doc 9303-11, 6.1)."""


class Challenges(Protocol):
    """Whoever draws these can tell that the chip is there now: give each value out once."""

    def challenge(self) -> bytes:
        """Eight fresh bytes for active authentication."""

    def private_key(self, curve: Curve) -> int:
        """A fresh private key on `curve`, 1 to n - 1, for one chip authentication."""


class OwnChallenges:
    """Drawn on this host, by the system's random generator."""

    def challenge(self) -> bytes:
        """Eight random bytes."""
        return secrets.token_bytes(CHALLENGE_BYTES)

    def private_key(self, curve: Curve) -> int:
        """A random private key."""
        return random_private_key(curve)
