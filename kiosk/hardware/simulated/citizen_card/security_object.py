"""EF.SOD: the issuer's signature over the data groups' hashes (ICAO Doc 9303-10, 4.6.2 and appendix D)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from kiosk.hardware.simulated.citizen_card import ber
from kiosk.hardware.simulated.citizen_card.pki import Entity
from kiosk.hardware.simulated.citizen_card.private_keys import hash_algorithm

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{number}" for number in (3, 4, 5))


def security_object(
    groups: Mapping[int, bytes],
    signer: Entity,
    *,
    hash_name: str = "sha256",
    signed_at: datetime | None = None,
) -> bytes:
    """EF.SOD over the data groups, by number; without signing time where `signed_at` is None."""
    hashes = (
        ber.sequence(ber.integer(number), ber.octets(hashlib.new(hash_name, content).digest()))
        for number, content in sorted(groups.items())
    )
    listed = ber.sequence(ber.integer(0), hash_algorithm(hash_name), ber.sequence(*hashes))
    signed_data = ber.sequence(
        ber.integer(3),
        ber.set_of([hash_algorithm(signer.key.hash_name)]),
        ber.sequence(ber.oid(_LDS_SECURITY_OBJECT), ber.tlv(0xA0, ber.octets(listed))),
        ber.tlv(0xA0, signer.certificate),
        ber.set_of([_signer_info(listed, signer, signed_at)]),
    )
    return ber.tlv(0x77, ber.sequence(ber.oid(_SIGNED_DATA), ber.tlv(0xA0, signed_data)))


def _signer_info(listed: bytes, signer: Entity, signed_at: datetime | None) -> bytes:
    digest = hashlib.new(signer.key.hash_name, listed).digest()
    attributes = [_attribute(_CONTENT_TYPE, ber.oid(_LDS_SECURITY_OBJECT))]
    attributes += [_attribute(_SIGNING_TIME, ber.time(signed_at))] if signed_at else []
    attributes += [_attribute(_MESSAGE_DIGEST, ber.octets(digest))]
    signature = signer.key.sign(ber.set_of(attributes))
    return ber.sequence(
        ber.integer(1),
        ber.sequence(_issuer_name(signer), ber.integer(signer.serial)),
        hash_algorithm(signer.key.hash_name),
        ber.tlv(0xA0, *sorted(attributes)),
        signer.key.algorithm(),
        ber.octets(signature),
    )


def _attribute(dotted: str, value: bytes) -> bytes:
    return ber.sequence(ber.oid(dotted), ber.set_of([value]))


def _issuer_name(signer: Entity) -> bytes:
    """The fourth field of the certificate's content, after version, serial number and algorithm."""
    (_, certificate), *_ = ber.parse(signer.certificate)
    (_, content), *_ = ber.parse(certificate)
    tag, value = ber.parse(content)[3]
    return ber.tlv(tag, value)
