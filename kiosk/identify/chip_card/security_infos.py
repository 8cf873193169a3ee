"""SecurityInfos: what access control and authentication a chip offers (ICAO Doc 9303-11, 9.2)."""

from dataclasses import dataclass
from enum import Enum

from kiosk.errors import InputError
from kiosk.identify.chip_card.curves import STANDARD_CURVES, Curve
from kiosk.identify.chip_card.key_derivation import Cipher
from kiosk.identify.chip_card.tlv import Tlv, children, read_tlv

_DG14, _SET, _SEQUENCE, _INTEGER, _OBJECT_IDENTIFIER = 0x6E, 0x31, 0x30, 0x02, 0x06
_PACE = bytes.fromhex("04007F0007020204")
_PACE_VERSION = 2
_LEAST_PARTS = 2
MAX_INFOS = 64
"""Real files have fewer than ten; every key is tried with every algorithm."""
_CIPHERS = {1: Cipher.TDES, 2: Cipher.AES_128, 3: Cipher.AES_192, 4: Cipher.AES_256}
_CIPHER_NAMES = {1: "3DES-CBC-CBC", 2: "AES-CBC-CMAC-128", 3: "AES-CBC-CMAC-192", 4: "AES-CBC-CMAC-256"}


class Mapping(Enum):
    """How PACE agrees keys and maps its nonce: the arc of the object identifier after id-PACE."""

    DH_GM = 1
    ECDH_GM = 2
    DH_IM = 3
    ECDH_IM = 4
    ECDH_CAM = 6


@dataclass(frozen=True, slots=True)
class SecurityInfo:
    """One entry.

    Attributes:
        oid: the object identifier's content bytes.
        required: its data.
        optional: more of it, or None.
        raw: the whole entry as it stood.
    """

    oid: bytes
    required: Tlv
    optional: Tlv | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class PaceInfo:
    """One way to do PACE (id-PACE, 9.2.5).

    Attributes:
        oid: content bytes, sent back to the card.
        parameter_id: of the standardised domain parameters; None when the card has its own.
    """

    oid: bytes
    mapping: Mapping
    cipher: Cipher
    parameter_id: int | None

    @property
    def name(self) -> str:
        """Such as ``id-PACE-ECDH-GM-AES-CBC-CMAC-128``."""
        return f"id-PACE-{self.mapping.name.replace('_', '-')}-{_CIPHER_NAMES[self.oid[-1]]}"

    @property
    def curve(self) -> Curve | None:
        """The curve that its parameters name, if it is one of the table's."""
        return STANDARD_CURVES.get(self.parameter_id) if self.parameter_id is not None else None

    @property
    def is_usable(self) -> bool:
        """Whether this reader can do it: generic mapping on a curve of the table."""
        return self.mapping is Mapping.ECDH_GM and self.curve is not None


def read_security_infos(raw: bytes) -> tuple[SecurityInfo, ...]:
    """The entries of EF.CardAccess (a SET) or of DG14 (a SET within tag 6E), in their order.

    Raises:
        InputError: kinds of `tlv`, ``bad_security_infos`` or ``too_long``.
    """
    outer = read_tlv(raw)
    entries = read_tlv(outer.value) if outer.tag == _DG14 else outer
    if entries.tag != _SET:
        raise _bad("expected a set")
    found = children(entries.value)
    if len(found) > MAX_INFOS:
        raise InputError("too_long", None, f"at most {MAX_INFOS} entries")
    return tuple(map(_entry, found))


def pace_infos(infos: tuple[SecurityInfo, ...]) -> tuple[PaceInfo, ...]:
    """Every way to do PACE among the entries, known mappings and ciphers only, the strongest cipher first."""
    found = [info for entry in infos if (info := _pace_info(entry)) is not None]
    return tuple(sorted(found, key=lambda info: (info.cipher.is_aes, info.cipher.key_bytes), reverse=True))


def _entry(tlv: Tlv) -> SecurityInfo:
    parts = children(tlv.value) if tlv.tag == _SEQUENCE else []
    if len(parts) < _LEAST_PARTS or parts[0].tag != _OBJECT_IDENTIFIER:
        raise _bad("expected a sequence that begins with an object identifier")
    return SecurityInfo(parts[0].value, parts[1], parts[2] if len(parts) > _LEAST_PARTS else None, tlv.raw)


def _pace_info(entry: SecurityInfo) -> PaceInfo | None:
    arcs = entry.oid.removeprefix(_PACE)
    if len(arcs) != len(entry.oid) - len(_PACE) or len(arcs) != 2:  # noqa: PLR2004 # mapping and cipher
        return None
    is_known = arcs[0] in {mapping.value for mapping in Mapping} and arcs[1] in _CIPHERS
    if not is_known or _integer(entry.required) != _PACE_VERSION:
        return None
    parameter_id = _integer(entry.optional) if entry.optional else None
    return PaceInfo(entry.oid, Mapping(arcs[0]), _CIPHERS[arcs[1]], parameter_id)


def _integer(tlv: Tlv) -> int | None:
    return int.from_bytes(tlv.value) if tlv.tag == _INTEGER and tlv.value else None


def _bad(message: str) -> InputError:
    return InputError("bad_security_infos", None, message)
