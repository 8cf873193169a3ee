"""EF.SOD: what the issuer signed about the data groups (ICAO Doc 9303-10, 4.6.2)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from asn1crypto import core
from asn1crypto.algos import DigestAlgorithm

from kiosk.errors import InputError
from kiosk.identify.chip_card.asn1_errors import asn1_errors
from kiosk.identify.chip_card.signatures import strong_hash
from kiosk.identify.chip_card.signed_data import SignedData, read_signed_data
from kiosk.identify.chip_card.tlv import read_tlv

MAX_BYTES = 65_536
_TAG = 0x77
_CONTENT_TYPE = "2.23.136.1.1.1"
_GROUPS = range(1, 17)


class _DataGroupHash(core.Sequence):  # type: ignore[misc] # the library ships no types
    _fields: ClassVar = [("number", core.Integer), ("value", core.OctetString)]  # the library needs a list


class _DataGroupHashes(core.SequenceOf):  # type: ignore[misc] # the library ships no types
    _child_spec = _DataGroupHash


class _LdsSecurityObject(core.Sequence):  # type: ignore[misc] # the library ships no types
    _fields: ClassVar = [
        ("version", core.Integer),
        ("hash_algorithm", DigestAlgorithm),
        ("hashes", _DataGroupHashes),
        ("versions", core.Any, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """The document signer's word on the data groups.

    Attributes:
        digest: such as ``sha256``.
        hashes: of the raw data groups, by file name, such as ``DG1``.
    """

    signature: SignedData
    digest: str
    hashes: Mapping[str, bytes] = field(repr=False)

    def holds(self, name: str, raw: bytes) -> bool:
        """Whether this is the file that was signed."""
        return self.hashes.get(name) == hashlib.new(self.digest, raw).digest()


def read_security_object(raw: bytes) -> SecurityObject:
    """Read EF.SOD.

    Raises:
        InputError: kind ``too_long``, ``malformed``, ``wrong_content``, ``weak_hash``, ``unsupported_signature``, or
            as `tlv.read_tlv`.
    """
    if len(raw) > MAX_BYTES:
        raise InputError("too_long", None, f"EF.SOD has at most {MAX_BYTES} bytes")
    outer = read_tlv(raw)
    if outer.tag != _TAG or outer.raw != raw:
        raise InputError("malformed", None, "EF.SOD is not one data object with tag 77")
    signature = read_signed_data(outer.value, _CONTENT_TYPE)
    with asn1_errors("EF.SOD's content"):
        content = _LdsSecurityObject.load(signature.content, strict=True)
        digest = strong_hash(content["hash_algorithm"]["algorithm"].native)
        return SecurityObject(signature, digest, _hashes(content["hashes"]))


def _hashes(source: _DataGroupHashes) -> dict[str, bytes]:
    hashes: dict[str, bytes] = {}
    for entry in source:
        number = entry["number"].native
        if number not in _GROUPS or f"DG{number}" in hashes:
            raise InputError("malformed", None, "EF.SOD lists a data group twice, or one that does not exist")
        hashes[f"DG{number}"] = entry["value"].native
    return hashes
