"""Chip authentication version 1: a key agreement with the key of DG14 (ICAO Doc 9303-11, 6.2).

A hub that does not trust the host at the reader takes the parts instead of `prove`: it keeps the private key, lets the
host send `announcement` with the public point, derives `agreed_keys` itself, and builds one protected exchange.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.errors import CardError, CardProblem, InputError
from kiosk.identify.chip_card.apdu import SHORT_EXPECTED, Channel, Command, PlainChannel
from kiosk.identify.chip_card.challenges import Challenges
from kiosk.identify.chip_card.curves import encode_point, multiply, shared_x
from kiosk.identify.chip_card.key_derivation import Cipher, SessionKeys, session_keys
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.public_keys import EcKey, read_public_key
from kiosk.identify.chip_card.secure_messaging import SecureChannel
from kiosk.identify.chip_card.security_infos import SecurityInfo, read_security_infos
from kiosk.identify.chip_card.tlv import Tlv, encode
from kiosk.model.chip_card import CheckOutcome

_KEY = bytes.fromhex("04007F000702020102")
_ANY_KEY = bytes.fromhex("04007F0007020201")
_AGREEMENT = bytes.fromhex("04007F0007020203") + b"\x02"
_CIPHERS = {1: Cipher.TDES, 2: Cipher.AES_128, 3: Cipher.AES_192, 4: Cipher.AES_256}
_SELECT_COMMON = Command(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e")


@dataclass(frozen=True, slots=True)
class Offer:
    """One key of the chip, and how to agree with it.

    Attributes:
        info: the key's SubjectPublicKeyInfo, raw.
        agreement: content bytes of the object identifier; empty where DG14 names none, which means 3DES.
        key_id: None when there is one key without a name.
    """

    key: EcKey
    info: bytes
    cipher: Cipher
    agreement: bytes
    key_id: bytes | None


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
    try:
        if not offers_key(dg14):
            return Proof(CheckOutcome.NOT_PRESENT), channel
        offer = best_offer(dg14)
        if offer is None:
            return Proof(CheckOutcome.NOT_POSSIBLE), channel
        private_key = challenges.private_key(offer.key.curve)
        public_point = encode_point(offer.key.curve, multiply(offer.key.curve, private_key, offer.key.curve.generator))
        keys = agreed_keys(offer, private_key)
    except InputError:
        return Proof(CheckOutcome.NOT_POSSIBLE), channel
    for command in announcement(offer, public_point):
        answer = channel.exchange(command)
        if not answer.ok:
            return Proof(CheckOutcome.NOT_POSSIBLE, refused_status=answer.status), channel
    return _confirmed(SecureChannel(plain, keys), offer)


def offers_key(dg14: bytes) -> bool:
    """Whether DG14 holds a key for chip authentication, of whatever kind.

    Raises:
        InputError: DG14 cannot be read.
    """
    return any(info.oid.startswith(_ANY_KEY) for info in read_security_infos(dg14))


def best_offer(dg14: bytes) -> Offer | None:
    """The key with the strongest cipher; None where every key is for Diffie-Hellman without curves or unusable.

    Raises:
        InputError: DG14 cannot be read.
    """
    offers = list(_offers(read_security_infos(dg14)))
    return max(offers, key=lambda offer: (offer.cipher is not Cipher.TDES, offer.cipher.key_bytes), default=None)


def announcement(offer: Offer, public_point: bytes) -> list[Command]:
    """The commands that give the chip our ephemeral public key, an uncompressed point."""
    key_id = b"" if offer.key_id is None else encode(0x84, offer.key_id)
    if offer.cipher is Cipher.TDES:
        return [Command(0x00, 0x22, 0x41, 0xA6, encode(0x91, public_point) + key_id)]
    data = encode(0x7C, encode(0x80, public_point))
    return [
        Command(0x00, 0x22, 0x41, 0xA4, encode(0x80, offer.agreement) + key_id),
        Command(0x00, 0x86, 0x00, 0x00, data, SHORT_EXPECTED),
    ]


def agreed_keys(offer: Offer, private_key: int) -> SessionKeys:
    """The session keys that only the chip with the offered key can derive too; their counter starts at zero.

    Raises:
        InputError: kind ``bad_point``.
    """
    return session_keys(shared_x(offer.key.curve, private_key, offer.key.point), offer.cipher)


def _confirmed(channel: SecureChannel, offer: Offer) -> tuple[Proof, Channel]:
    try:
        channel.exchange(_SELECT_COMMON)
    except CardError as error:
        if error.kind is CardProblem.SECURE_MESSAGING:
            return Proof(CheckOutcome.FAILED), channel
        raise
    return Proof(CheckOutcome.PASSED, hashlib.sha256(offer.info).hexdigest()), channel


def _offers(infos: tuple[SecurityInfo, ...]) -> Iterator[Offer]:
    keys = [info for info in infos if info.oid == _KEY]
    agreements = [info for info in infos if info.oid.startswith(_AGREEMENT) and info.oid[-1] in _CIPHERS]
    for entry in keys:
        try:
            key = read_public_key(entry.required.raw)
        except InputError:
            continue
        if not isinstance(key, EcKey):
            continue
        key_id = _value(entry.optional)
        for agreement in agreements:
            if _value(agreement.optional) in (key_id, None) or (key_id is None and len(keys) == 1):
                named = key_id or _value(agreement.optional)
                yield Offer(key, entry.required.raw, _CIPHERS[agreement.oid[-1]], agreement.oid, named)
        if not agreements:
            yield Offer(key, entry.required.raw, Cipher.TDES, b"", key_id)


def _value(tlv: Tlv | None) -> bytes | None:
    return tlv.value if tlv else None
