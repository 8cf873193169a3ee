"""A country signing authority and its document signers, made on the fly (ICAO Doc 9303-12, 7.1)."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from kiosk.hardware.simulated.citizen_card import ber
from kiosk.hardware.simulated.citizen_card.private_keys import PrivateKey, elliptic_key

DEMO_MARKER = "KIOSK DEMO"
"""The organizational unit of every certificate made here: a production host takes none of them."""
_BRAINPOOL_P384 = 16
_FROM, _SIGNER_UNTIL, _AUTHORITY_UNTIL = (datetime(year, 1, 1, tzinfo=UTC) for year in (2015, 2045, 2049))
_COUNTRY, _ORGANIZATION, _UNIT, _COMMON_NAME = "2.5.4.6", "2.5.4.10", "2.5.4.11", "2.5.4.3"
_SIGN_CERTIFICATES, _SIGN_DATA = bytes.fromhex("03020106"), bytes.fromhex("03020780")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Somebody with a key and a certificate of it.

    Attributes:
        country: two letters.
        certificate: DER.
    """

    country: str
    name: bytes
    serial: int
    key: PrivateKey
    certificate: bytes

    @property
    def key_id(self) -> bytes:
        """Of its public key (RFC 5280, 4.2.1.2)."""
        return _key_id(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """A signing authority and the document signer that signs its cards."""

    authority: Entity
    signer: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a certificate says beside names and keys.

    Attributes:
        kinds: document kinds of the signer's document type list, such as ``ID``; none for no list.
    """

    valid_from: datetime = _FROM
    valid_until: datetime = _SIGNER_UNTIL
    kinds: tuple[str, ...] = ("ID",)
    serial: int = field(default_factory=lambda: secrets.randbits(63) | 1 << 62)


def subject(country: str, common_name: str) -> bytes:
    """A distinguished name with the demo marker."""
    parts = (
        (_COUNTRY, ber.printable(country)),
        (_ORGANIZATION, ber.utf8("Invented State Printer")),
        (_UNIT, ber.utf8(DEMO_MARKER)),
        (_COMMON_NAME, ber.utf8(common_name)),
    )
    return ber.sequence(*(ber.set_of([ber.sequence(ber.oid(kind), value)]) for kind, value in parts))


def new_authority(
    country: str = "VN", key: PrivateKey | None = None, name: str = "Demo CSCA", terms: Terms | None = None
) -> Entity:
    """A self-signed country signing authority."""
    key = key or elliptic_key(_BRAINPOOL_P384, "sha384")
    terms = terms or Terms(valid_until=_AUTHORITY_UNTIL)
    own = Entity(country=country, name=subject(country, name), serial=terms.serial, key=key, certificate=b"")
    return replace(own, certificate=_certificate(own, own, _authority_extensions(own, own), terms))


def new_signer(
    authority: Entity, key: PrivateKey | None = None, terms: Terms | None = None, country: str | None = None
) -> Entity:
    """A document signer of an authority; brainpoolP384r1 with SHA-256 as Vietnam's."""
    key, terms, country = key or elliptic_key(_BRAINPOOL_P384), terms or Terms(), country or authority.country
    own = Entity(
        country=country, name=subject(country, "Demo document signer"), serial=terms.serial, key=key, certificate=b""
    )
    return replace(
        own, certificate=_certificate(own, authority, _signer_extensions(own, authority, terms.kinds), terms)
    )


def new_issuer(country: str = "VN") -> Issuer:
    """An authority with one document signer."""
    authority = new_authority(country)
    return Issuer(authority=authority, signer=new_signer(authority))


def link_certificate(old: Entity, new: Entity) -> bytes:
    """The new authority's key, certified by the old one (9303-12, 4.1.2)."""
    return _certificate(new, old, _authority_extensions(new, old), Terms(valid_until=_AUTHORITY_UNTIL))


def revocation_list(authority: Entity, serials: Iterable[int], at: datetime, until: datetime) -> bytes:
    """A CRL, version 2 (RFC 5280, 5.1)."""
    rows = [ber.sequence(ber.integer(serial), ber.time(at)) for serial in serials]
    number = ber.sequence(ber.oid("2.5.29.20"), ber.octets(ber.integer(1)))
    key = _authority_key(authority)
    listed = ber.sequence(
        ber.integer(1),
        authority.key.algorithm(),
        authority.name,
        ber.time(at),
        ber.time(until),
        *([ber.sequence(*rows)] if rows else []),
        ber.tlv(0xA0, ber.sequence(key, number)),
    )
    return _signed(listed, authority.key)


def _certificate(owner: Entity, issuer: Entity, extensions: bytes, terms: Terms) -> bytes:
    content = ber.sequence(
        ber.tlv(0xA0, ber.integer(2)),
        ber.integer(terms.serial),
        issuer.key.algorithm(),
        issuer.name,
        ber.sequence(ber.time(terms.valid_from), ber.time(terms.valid_until)),
        owner.name,
        owner.key.public_info(),
        ber.tlv(0xA3, extensions),
    )
    return _signed(content, issuer.key)


def _signed(content: bytes, key: PrivateKey) -> bytes:
    return ber.sequence(content, key.algorithm(), ber.bits(key.sign(content)))


def _authority_extensions(owner: Entity, issuer: Entity) -> bytes:
    constraints = ber.sequence(ber.boolean_true(), ber.integer(0))
    return ber.sequence(
        _extension("2.5.29.15", _SIGN_CERTIFICATES, critical=True),
        _extension("2.5.29.19", constraints, critical=True),
        _extension("2.5.29.14", ber.octets(owner.key_id)),
        _authority_key(issuer),
    )


def _signer_extensions(owner: Entity, issuer: Entity, kinds: tuple[str, ...]) -> bytes:
    listed = ber.sequence(ber.integer(0), ber.set_of(map(ber.printable, kinds)))
    return ber.sequence(
        _extension("2.5.29.15", _SIGN_DATA, critical=True),
        _extension("2.5.29.14", ber.octets(owner.key_id)),
        _authority_key(issuer),
        *([_extension("2.23.136.1.1.6.2", listed)] if kinds else []),
    )


def _authority_key(issuer: Entity) -> bytes:
    return _extension("2.5.29.35", ber.sequence(ber.tlv(0x80, issuer.key_id)))


def _extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    return ber.sequence(ber.oid(dotted), *([ber.boolean_true()] if critical else []), ber.octets(value))


def _key_id(key: PrivateKey) -> bytes:
    return hashlib.sha1(key.public_info()).digest()  # noqa: S324 # an identifier, as RFC 5280 makes it
