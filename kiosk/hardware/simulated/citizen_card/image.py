"""All that a personalised card holds, and how it behaves: plain data that can be written to a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from kiosk.errors import InputError
from kiosk.hardware.simulated.citizen_card.ciphers import Suite
from kiosk.hardware.simulated.citizen_card.private_keys import PrivateKey

EF_CARD_ACCESS, EF_COM, EF_SOD = "EF.CardAccess", "EF.COM", "EF.SOD"


class Proof(StrEnum):
    """How a chip answers when it is asked to prove that it is no copy."""

    RIGHT = "right"
    """With the key it holds; a clone's key is not the one its data group names."""
    WRONG = "wrong"
    """With a value of the right length and nothing behind it."""
    REPLAYED = "replayed"
    """With what a real chip once answered to another challenge; of chip authentication, with the session as it was."""
    REFUSED = "refused"
    """With a status word."""


class Oversize(StrEnum):
    """What READ BINARY answers when it is asked for more than the chip hands out at once."""

    SHORTEN = "shorten"
    EXACT_LENGTH = "exact_length"
    """6Cxx with the length that it would give."""
    WRONG_LENGTH = "wrong_length"
    """6700."""


class Interference(StrEnum):
    """What a broken or hostile card does instead of answering."""

    REMOVED = "removed"
    SILENT = "silent"
    RANDOM_BYTES = "random_bytes"
    ENDLESS_MORE = "endless_more"
    """61xx to everything."""
    HUGE_LENGTHS = "huge_lengths"
    """Data objects that claim four gigabytes."""
    BAD_MAC = "bad_mac"
    """One bit of each protected answer turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceOffer:
    """PACE by ECDH with generic mapping, over one curve (ids of ICAO Doc 9303-11, 9.5.1)."""

    suite: Suite = Suite.AES_128
    curve: int = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipKey:
    """A private key for chip authentication."""

    suite: Suite = Suite.AES_128
    curve: int = 13
    scalar: bytes = b""
    key_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the chip behaves where cards differ, or where one is hostile.

    Attributes:
        selects_mf: Vietnamese cards answer SELECT MF with 6D00.
        hides_card_access: EF.CardAccess is found only once the MF was selected.
        has_application: False answers its AID with 6A82: a card without the ICAO application.
        has_bac: False answers GET CHALLENGE with 6D00.
        largest_block: most bytes that READ BINARY hands out at once.
        chunk: answers longer than this come in pieces, by 61xx and GET RESPONSE.
        wrong_key_status: what BAC answers to a wrong key; cards differ.
        tries: wrong keys until access is blocked; None for no limit.
        tries_used: wrong keys of earlier terminals.
        seconds_a_wrong_key: answer time that doubles with each wrong key.
        refusal: status word of a refused proof.
        interference, after: what it does instead of answering, once it answered that often since power-on.
    """

    selects_mf: bool = False
    hides_card_access: bool = False
    has_application: bool = True
    has_bac: bool = True
    extended_length: bool = True
    largest_block: int | None = None
    oversize: Oversize = Oversize.SHORTEN
    chunk: int | None = None
    wrong_key_status: int = 0x6300
    tries: int | None = None
    tries_used: int = 0
    seconds_a_wrong_key: float = 0.0
    active: Proof = Proof.RIGHT
    chip: Proof = Proof.RIGHT
    refusal: int = 0x6D00
    interference: Interference | None = None
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CardImage:
    """A personalised card.

    Attributes:
        files: raw content by name: ``EF.CardAccess``, ``EF.COM``, ``EF.SOD``, ``DG1`` … ``DG16``.
        mrz_information: document number, birth and expiry date, each with its check digit (9303-11, 4.3.2).
        can: card access number, six digits.
    """

    files: Mapping[str, bytes]
    mrz_information: str
    can: str | None = None
    pace: tuple[PaceOffer, ...] = ()
    active_key: PrivateKey | None = None
    chip_key: ChipKey | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)


def to_bytes(image: CardImage) -> bytes:
    """As a file holds it."""
    return msgspec.json.encode(image)


def from_bytes(content: bytes) -> CardImage:
    """Read what `to_bytes` wrote.

    Raises:
        InputError: kind ``bad_card``.
    """
    try:
        return msgspec.json.decode(content, type=CardImage)
    except msgspec.DecodeError as error:
        raise InputError("bad_card", "card", "expected the file of a virtual card") from error
