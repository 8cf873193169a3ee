"""PACE with generic mapping over elliptic curves: a password agrees on strong keys (ICAO Doc 9303-11, 4.4)."""

import hashlib
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Self

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card.apdu import (
    SHORT_EXPECTED,
    Command,
    PlainChannel,
    Response,
    Status,
    is_throttled,
    tries_left,
)
from kiosk.identify.chip_card.block_cipher import decrypt, mac, pad
from kiosk.identify.chip_card.curves import (
    Curve,
    Point,
    PrivateKeys,
    add,
    decode_point,
    encode_point,
    multiply,
    random_private_key,
    shared_x,
)
from kiosk.identify.chip_card.key_derivation import SessionKeys, password_key, session_keys
from kiosk.identify.chip_card.secure_messaging import SecureChannel
from kiosk.identify.chip_card.security_infos import PaceInfo
from kiosk.identify.chip_card.tlv import encode, find

_CHAINED = 0x10
_DYNAMIC_DATA = 0x7C
_NONCE, _MAP, _MAPPED, _PUBLIC, _CARD_PUBLIC, _TOKEN, _CARD_TOKEN = 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86
_PUBLIC_KEY, _OBJECT_IDENTIFIER, _POINT = 0x7F49, 0x06, 0x86
_PROTOCOL, _PASSWORD, _PARAMETERS = 0x80, 0x83, 0x84
_MAX_NONCE_BYTES = 64
_TRIES_TO_SPARE = 2


@dataclass(frozen=True, slots=True)
class Password:
    """What the holder's card shows: its access number or its zone.

    Attributes:
        name: ``can`` or ``mrz``.
        reference: how the card calls it (9303-11, 4.4.4.1).
    """

    name: str
    reference: int
    secret: bytes = field(repr=False)

    @classmethod
    def from_can(cls, can: str) -> Self:
        """The card access number."""
        return cls("can", 2, can.encode("ascii"))

    @classmethod
    def from_mrz(cls, key_text: str) -> Self:
        """Number, birth and expiry date with their check digits, as the zone has them."""
        return cls("mrz", 1, hashlib.sha1(key_text.encode("ascii")).digest())  # noqa: S324 # the standard prescribes it


@dataclass(frozen=True, slots=True)
class _Agreement:
    """What both sides know once the keys are agreed, before they have shown it."""

    keys: SessionKeys
    own: Point
    cards: Point


def open_with_pace(
    plain: PlainChannel,
    info: PaceInfo,
    password: Password,
    *,
    is_ambiguous: bool = False,
    private_keys: PrivateKeys = random_private_key,
) -> SecureChannel:
    """Agree on session keys with the chip.

    Args:
        plain: to the chip, before any application is selected.
        info: what the card offers; must be usable.
        password: of the holder.
        is_ambiguous: the card offers more than one set of domain parameters, so that the command names which.
        private_keys: ephemeral keys.

    Raises:
        CardError: ``wrong_key``; ``throttled``; ``unsupported`` or ``malformed`` for every other trouble that the
            card makes.
    """
    curve = info.curve
    if curve is None or not info.is_usable:
        raise CardError(CardProblem.UNSUPPORTED, f"{info.name} is not done by this reader")
    try:
        _choose(plain, info, password, is_ambiguous=is_ambiguous)
        nonce = _nonce(plain, info, password)
        base = _map_nonce(plain, curve, nonce, private_keys)
        agreement = _agree(plain, info, curve, base, private_keys)
        _show_tokens(plain, info, curve, agreement)
    except InputError as error:
        raise CardError(CardProblem.MALFORMED, f"PACE: {error.message}") from None
    return SecureChannel(plain, agreement.keys)


def _choose(plain: PlainChannel, info: PaceInfo, password: Password, *, is_ambiguous: bool) -> None:
    """MSE:Set AT (4.4.4.1); a card may warn how many tries are left, and its last one is not ours to spend."""
    data = encode(_PROTOCOL, info.oid) + encode(_PASSWORD, bytes((password.reference,)))
    if is_ambiguous and info.parameter_id is not None:
        data += encode(_PARAMETERS, bytes((info.parameter_id,)))
    response = plain.exchange(Command(0x00, 0x22, 0xC1, 0xA4, data))
    if (tries_left(response.status) or 0) < _TRIES_TO_SPARE:
        _require(response)


def _nonce(plain: PlainChannel, info: PaceInfo, password: Password) -> int:
    encrypted = _authenticate(plain, b"", _NONCE)
    if not 0 < len(encrypted) <= _MAX_NONCE_BYTES:
        raise InputError("bad_nonce", None, "the nonce has another length")
    return int.from_bytes(decrypt(info.cipher, password_key(password.secret, info.cipher), encrypted))


def _map_nonce(plain: PlainChannel, curve: Curve, nonce: int, private_keys: PrivateKeys) -> Point:
    """The generic mapping (4.4.3.3.1): a generator that only who knows the nonce can tell."""
    private = private_keys(curve)
    own = multiply(curve, private, curve.generator)
    cards = _exchange_points(plain, curve, own, (_MAP, _MAPPED))
    return add(curve, multiply(curve, nonce, curve.generator), multiply(curve, private, cards))


def _agree(plain: PlainChannel, info: PaceInfo, curve: Curve, base: Point, private_keys: PrivateKeys) -> _Agreement:
    private = private_keys(curve)
    own = multiply(curve, private, base)
    cards = _exchange_points(plain, curve, own, (_PUBLIC, _CARD_PUBLIC))
    return _Agreement(session_keys(shared_x(curve, private, cards), info.cipher), own, cards)


def _exchange_points(plain: PlainChannel, curve: Curve, own: Point, tags: tuple[int, int]) -> Point:
    sent, expected = tags
    cards = decode_point(curve, _authenticate(plain, encode(sent, encode_point(curve, own)), expected))
    if cards == own:
        raise InputError("bad_point", None, "the card sent our own public key back")
    return cards


def _show_tokens(plain: PlainChannel, info: PaceInfo, curve: Curve, agreement: _Agreement) -> None:
    """Each side authenticates the other's public key (4.4.3.4); here a wrong password shows."""
    token = encode(_TOKEN, _token(info, curve, agreement.keys, agreement.cards))
    cards = _authenticate(plain, token, _CARD_TOKEN, is_last=True)
    if not compare_digest(cards, _token(info, curve, agreement.keys, agreement.own)):
        raise InputError("bad_token", None, "the card's token is wrong")


def _token(info: PaceInfo, curve: Curve, keys: SessionKeys, point: Point) -> bytes:
    point_object = encode(_POINT, encode_point(curve, point))
    public_key = encode(_PUBLIC_KEY, encode(_OBJECT_IDENTIFIER, info.oid) + point_object)
    # CMAC pads for itself, the retail MAC does not
    text = public_key if info.cipher.is_aes else pad(public_key, info.cipher.block_bytes)
    return mac(info.cipher, keys.mac, text)


def _authenticate(plain: PlainChannel, data: bytes, expected: int, *, is_last: bool = False) -> bytes:
    """One GENERAL AUTHENTICATE (4.4.4.2); all but the last are chained."""
    text = encode(_DYNAMIC_DATA, data)
    response = plain.exchange(Command(0 if is_last else _CHAINED, 0x86, 0x00, 0x00, text, SHORT_EXPECTED))
    if is_last and response.status == Status.AUTHENTICATION_FAILED:
        raise CardError(CardProblem.WRONG_KEY, "the card does not open with this password")
    _require(response)
    found = find(response.data, _DYNAMIC_DATA, expected)
    if found is None:
        raise InputError("bad_step", None, "the card's answer lacks its part")
    return found.value


def _require(response: Response) -> None:
    if is_throttled(response.status):
        raise CardError(CardProblem.THROTTLED, "the card counts or blocks passwords")
    if not response.ok:
        raise CardError(CardProblem.UNSUPPORTED, f"the card answered PACE with {response.status:04X}")
