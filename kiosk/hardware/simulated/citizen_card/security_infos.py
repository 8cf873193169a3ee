"""EF.CardAccess, DG14 and DG15: what the chip says of its own protocols (ICAO Doc 9303-11, 9.2)."""

from collections.abc import Iterable

from kiosk.hardware.simulated.citizen_card import ber
from kiosk.hardware.simulated.citizen_card.ciphers import Suite
from kiosk.hardware.simulated.citizen_card.image import ChipKey, PaceOffer
from kiosk.hardware.simulated.citizen_card.private_keys import PrivateKey

TERMINAL_AUTHENTICATION = "0.4.0.127.0.7.2.2.2"
ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
_PACE_GENERIC_MAPPING = "0.4.0.127.0.7.2.2.4.2"
_CHIP_AUTHENTICATION = "0.4.0.127.0.7.2.2.3.2"
_CHIP_PUBLIC_KEY = "0.4.0.127.0.7.2.2.1.2"
_PLAIN_ECDSA = "0.4.0.127.0.7.1.1.4.1"
_SUITES = {Suite.TDES: 1, Suite.AES_128: 2, Suite.AES_192: 3, Suite.AES_256: 4}
_PLAIN_HASHES = {"sha1": 1, "sha224": 2, "sha256": 3, "sha384": 4, "sha512": 5}


def pace_oid(suite: Suite) -> str:
    """The object identifier id-PACE-ECDH-GM with this cipher."""
    return f"{_PACE_GENERIC_MAPPING}.{_SUITES[suite]}"


def chip_authentication_oid(suite: Suite) -> str:
    """The object identifier id-CA-ECDH with this cipher."""
    return f"{_CHIP_AUTHENTICATION}.{_SUITES[suite]}"


def terminal_authentication_info() -> bytes:
    """TerminalAuthenticationInfo: fingerprints are for the state's own terminals."""
    return ber.sequence(ber.oid(TERMINAL_AUTHENTICATION), ber.integer(1))


def pace_info(offer: PaceOffer) -> bytes:
    """PACEInfo, version 2."""
    return ber.sequence(ber.oid(pace_oid(offer.suite)), ber.integer(2), ber.integer(offer.curve))


def chip_authentication_info(key: ChipKey) -> bytes:
    """ChipAuthenticationInfo, version 1."""
    return ber.sequence(ber.oid(chip_authentication_oid(key.suite)), ber.integer(1), *_key_id(key))


def chip_public_key_info(key: ChipKey, *, explicit: bool = True) -> bytes:
    """ChipAuthenticationPublicKeyInfo."""
    public = PrivateKey(curve=key.curve, scalar=key.scalar, explicit=explicit).public_info()
    return ber.sequence(ber.oid(_CHIP_PUBLIC_KEY), public, *_key_id(key))


def _key_id(key: ChipKey) -> tuple[bytes, ...]:
    return () if key.key_id is None else (ber.integer(key.key_id),)


def active_authentication_info(key: PrivateKey) -> bytes:
    """ActiveAuthenticationInfo: the algorithm of an ECDSA key (9303-11, 9.2.9)."""
    algorithm = f"{_PLAIN_ECDSA}.{_PLAIN_HASHES[key.hash_name]}"
    return ber.sequence(ber.oid(ACTIVE_AUTHENTICATION), ber.integer(1), ber.oid(algorithm))


def card_access(offers: Iterable[PaceOffer], chip_key: ChipKey | None) -> bytes:
    """EF.CardAccess in the order of a published Vietnamese card: the PACEInfo comes last."""
    infos = [terminal_authentication_info()]
    infos += [chip_authentication_info(chip_key)] if chip_key else []
    return ber.tlv(0x31, *infos, *map(pace_info, offers))


def data_group_14(infos: Iterable[bytes]) -> bytes:
    """DG14: SecurityInfos."""
    return ber.tlv(0x6E, ber.set_of(infos))


def data_group_15(key: PrivateKey) -> bytes:
    """DG15: the public key of active authentication."""
    return ber.tlv(0x6F, key.public_info())
