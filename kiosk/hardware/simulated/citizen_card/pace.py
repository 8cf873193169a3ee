"""PACE by ECDH with generic mapping, the card's end (ICAO Doc 9303-11, 4.4)."""

import hashlib
import hmac
from collections.abc import Callable

from kiosk.hardware.simulated.citizen_card import ber
from kiosk.hardware.simulated.citizen_card.ciphers import KeyPair, derive_key, encrypt, token
from kiosk.hardware.simulated.citizen_card.commands import Refusal, Sw
from kiosk.hardware.simulated.citizen_card.elliptic import BadPoint, Point, draw_scalar
from kiosk.hardware.simulated.citizen_card.image import PaceOffer
from kiosk.hardware.simulated.citizen_card.secure_messaging import CardChannel
from kiosk.hardware.simulated.citizen_card.security_infos import pace_oid

NONCE_BYTES = 16
MRZ_PASSWORD, CAN_PASSWORD = 1, 2
_PASSWORD_COUNTER = 3
_TERMINAL_MAPS, _CARD_MAPS, _TERMINAL_KEY, _CARD_KEY, _TERMINAL_TOKEN, _CARD_TOKEN = range(0x81, 0x87)
_NONCE = 0x80
_PUBLIC_KEY, _POINT = 0x7F49, 0x86


def mrz_secret(mrz_information: str) -> bytes:
    """What a password derived from the MRZ stands for (9303-11, 4.4.4.1)."""
    return hashlib.sha1(mrz_information.encode()).digest()  # noqa: S324 # the standard's


class PaceRun:
    """One run: nonce, mapping, key agreement, tokens, each in its own command.

    Args:
        offer: cipher and curve.
        secret: the password's octets.
        random: gives that many random bytes.
    """

    def __init__(self, offer: PaceOffer, secret: bytes, random: Callable[[int], bytes]) -> None:
        self._offer = offer
        self._password_key = derive_key(secret, offer.suite, _PASSWORD_COUNTER)
        self._random = random
        self._nonce = b""
        self._own: tuple[int, Point] | None = None
        self._theirs: Point | None = None
        self._keys: KeyPair | None = None

    def answer(self, objects: list[tuple[int, bytes]]) -> bytes:
        """The dynamic authentication data that answer the terminal's.

        Raises:
            Refusal: 6985 out of order, 6A80 for what is no point, 6300 for a wrong password.
        """
        tag, value = objects[0] if objects else (_NONCE, b"")
        if len(objects) > 1 or tag != self._expected_tag():
            raise Refusal(Sw.CONDITIONS_NOT_SATISFIED)
        try:
            return self._step(tag, value)
        except BadPoint as error:
            raise Refusal(Sw.WRONG_DATA) from error

    @property
    def is_last(self) -> bool:
        """Whether the next command ends the chain."""
        return self._keys is not None

    def _expected_tag(self) -> int:
        if not self._nonce:
            return _NONCE
        if self._own is None:
            return _TERMINAL_MAPS
        return _TERMINAL_KEY if self._keys is None else _TERMINAL_TOKEN

    def _step(self, tag: int, value: bytes) -> bytes:
        if tag == _NONCE:
            return self._encrypted_nonce()
        if tag == _TERMINAL_TOKEN:
            return self._exchange_tokens(value)
        point = Point.decode(self._offer.curve, value)
        return self._map(point) if tag == _TERMINAL_MAPS else self._agree(point)

    def _encrypted_nonce(self) -> bytes:
        self._nonce = self._random(NONCE_BYTES)
        return ber.tlv(_NONCE, encrypt(self._offer.suite, self._password_key, self._nonce))

    def _map(self, theirs: Point) -> bytes:
        """Both sides move to a generator that only the password's owners know (9303-11, 4.4.3.3.1)."""
        curve = self._offer.curve
        scalar = draw_scalar(curve, self._random)
        base = Point.generator(curve)
        mapped = base.times(int.from_bytes(self._nonce, "big")).plus(theirs.times(scalar))
        ephemeral = draw_scalar(curve, self._random)
        self._own = ephemeral, mapped.times(ephemeral)
        return ber.tlv(_CARD_MAPS, base.times(scalar).encode())

    def _agree(self, theirs: Point) -> bytes:
        scalar, own = self._own_key()
        if own.encode() == theirs.encode():
            raise Refusal(Sw.NOT_AUTHENTICATED)
        self._theirs = theirs
        self._keys = KeyPair.derived(theirs.times(scalar).x, self._offer.suite)
        return ber.tlv(_CARD_KEY, own.encode())

    def _exchange_tokens(self, received: bytes) -> bytes:
        own, theirs = self._own_key()[1], self._theirs
        if theirs is None or not hmac.compare_digest(self._token(own), received):
            raise Refusal(Sw.NOT_AUTHENTICATED)
        return ber.tlv(_CARD_TOKEN, self._token(theirs))

    def _token(self, point: Point) -> bytes:
        keys = self._session_keys()
        public = ber.tlv(_PUBLIC_KEY, ber.oid(pace_oid(self._offer.suite)), ber.tlv(_POINT, point.encode()))
        return token(keys.suite, keys.authentication, public)

    def channel(self) -> CardChannel:
        """The protected session that a finished run opens."""
        return CardChannel(self._session_keys())

    def _own_key(self) -> tuple[int, Point]:
        if self._own is None:
            raise Refusal(Sw.CONDITIONS_NOT_SATISFIED)
        return self._own

    def _session_keys(self) -> KeyPair:
        if self._keys is None:
            raise Refusal(Sw.CONDITIONS_NOT_SATISFIED)
        return self._keys
