"""Basic access control, the card's end (ICAO Doc 9303-11, 4.3)."""

import hashlib
import hmac
from collections.abc import Callable

from kiosk.hardware.simulated.citizen_card.ciphers import MAC_BYTES, KeyPair, Suite, decrypt, encrypt, mac, pad
from kiosk.hardware.simulated.citizen_card.commands import Refusal, Sw
from kiosk.hardware.simulated.citizen_card.secure_messaging import CardChannel

CHALLENGE_BYTES = 8
_KEY_BYTES = 16
_CRYPTOGRAM_BYTES = 2 * CHALLENGE_BYTES + _KEY_BYTES


class BasicAccess:
    """One run of the mutual authentication.

    Args:
        mrz_information: document number, birth and expiry date, each with its check digit.
        random: gives that many random bytes.
    """

    def __init__(self, mrz_information: str, random: Callable[[int], bytes]) -> None:
        self._keys = KeyPair.derived(hashlib.sha1(mrz_information.encode()).digest()[:16], Suite.TDES)  # noqa: S324 # the standard's
        self._random = random
        self._challenge: bytes | None = None

    def challenge(self) -> bytes:
        """RND.IC, new each time."""
        self._challenge = self._random(CHALLENGE_BYTES)
        return self._challenge

    def authenticate(self, data: bytes) -> tuple[bytes, CardChannel]:
        """Check the terminal's cryptogram and answer with ours; a challenge serves once.

        Raises:
            Refusal: 6985 without challenge, 6700 for a wrong length, 6300 for a wrong key.
        """
        challenge, self._challenge = self._challenge, None
        if challenge is None:
            raise Refusal(Sw.CONDITIONS_NOT_SATISFIED)
        if len(data) != _CRYPTOGRAM_BYTES + MAC_BYTES:
            raise Refusal(Sw.WRONG_LENGTH)
        terminal_challenge, terminal_key = self._check(challenge, data)
        own_key = self._random(_KEY_BYTES)
        answer = self._protect(challenge + terminal_challenge + own_key)
        seed = bytes(ours ^ theirs for ours, theirs in zip(own_key, terminal_key, strict=True))
        counter = int.from_bytes(challenge[4:] + terminal_challenge[4:], "big")
        return answer, CardChannel(KeyPair.derived(seed, Suite.TDES), counter)

    def _check(self, challenge: bytes, data: bytes) -> tuple[bytes, bytes]:
        cryptogram = data[:_CRYPTOGRAM_BYTES]
        if not hmac.compare_digest(self._mac(cryptogram), data[_CRYPTOGRAM_BYTES:]):
            raise Refusal(Sw.NOT_AUTHENTICATED)
        plain = decrypt(Suite.TDES, self._keys.encryption, cryptogram)
        if plain[CHALLENGE_BYTES : 2 * CHALLENGE_BYTES] != challenge:
            raise Refusal(Sw.NOT_AUTHENTICATED)
        return plain[:CHALLENGE_BYTES], plain[2 * CHALLENGE_BYTES :]

    def _protect(self, plain: bytes) -> bytes:
        cryptogram = encrypt(Suite.TDES, self._keys.encryption, plain)
        return cryptogram + self._mac(cryptogram)

    def _mac(self, cryptogram: bytes) -> bytes:
        return mac(Suite.TDES, self._keys.authentication, pad(cryptogram, 8))
