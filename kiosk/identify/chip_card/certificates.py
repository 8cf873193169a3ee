"""Certificates of country signing authorities and document signers (ICAO Doc 9303-12, 7.1; RFC 5280)."""

import hashlib
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta

from asn1crypto import x509

from kiosk.errors import InputError
from kiosk.identify.chip_card.asn1_errors import asn1_errors
from kiosk.identify.chip_card.public_keys import PublicKey, read_public_key
from kiosk.identify.chip_card.signatures import SignatureAlgorithm, is_signature, read_algorithm
from kiosk.identify.chip_card.tlv import children, read_tlv

MAX_CERTIFICATE_BYTES = 16_384
CLOCK_SKEW = timedelta(days=1)
"""Tolerated around a validity: clocks differ, and `today` is the hospital's date while certificates say UTC."""
MASTER_LIST_SIGNING = "2.23.136.1.1.3"

_DOCUMENT_TYPES = "2.23.136.1.1.6.2"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the checks of a chip need of one certificate.

    Attributes:
        signed: the part that the signature covers, as it stood.
        issuer: comparable form of the name; shows no difference of encoding.
        name: the subject, for people.
        country: the subject's, otherwise the issuer's; two letters, upper case.
        units: the subject's organisational units.
        purposes: extended key usages, dotted or by asn1crypto's name; empty when not limited.
        document_types: as in the MRZ, such as ``P`` or ``ID``; empty when not limited.
        may_sign_documents: its key usage and purposes allow signatures on documents.
    """

    raw: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    algorithm: SignatureAlgorithm
    signature: bytes = field(repr=False)
    public_key: PublicKey
    serial: int
    issuer: str
    subject: str
    name: str
    country: str | None
    units: frozenset[str]
    not_before: datetime
    not_after: datetime
    key_identifier: bytes | None
    issuer_key_identifier: bytes | None
    is_authority: bool
    may_sign_documents: bool
    purposes: frozenset[str]
    document_types: frozenset[str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the whole certificate, hexadecimal."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def is_self_signed(self) -> bool:
        """Whether its own key signed it."""
        return self.is_signed_by(self)

    def names_key_of(self, other: "Certificate") -> bool:
        """Whether it says that `other`'s key signed it, by key identifier."""
        return self.issuer_key_identifier is not None and self.issuer_key_identifier == other.key_identifier

    def names_as_issuer(self, other: "Certificate") -> bool:
        """Whether it says that `other` signed it, by key identifier or by name."""
        return self.names_key_of(other) or self.issuer == other.subject

    def is_signed_by(self, other: "Certificate") -> bool:
        """Whether `other`'s key signed it."""
        return is_signature(other.public_key, self.algorithm, self.signature, self.signed)

    def was_valid_at(self, moment: datetime) -> bool:
        """Whether `moment` lies in its validity, give or take `CLOCK_SKEW`."""
        return self.not_before - CLOCK_SKEW <= moment <= self.not_after + CLOCK_SKEW

    def is_valid_on(self, day: date) -> bool:
        """Whether noon of `day` lies in its validity, give or take `CLOCK_SKEW`."""
        return self.was_valid_at(datetime.combine(day, time(12), UTC))


def read_certificate(der: bytes) -> Certificate:
    """Read one certificate in DER form.

    Raises:
        InputError: kind ``too_long``, ``malformed``, ``weak_hash``, ``unsupported_signature``, or as
            `public_keys.read_public_key`.
    """
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise InputError("too_long", None, f"a certificate has at most {MAX_CERTIFICATE_BYTES} bytes")
    with asn1_errors("a certificate"):
        source = x509.Certificate.load(der, strict=True)
        return _read(source, der)


def _read(source: x509.Certificate, der: bytes) -> Certificate:
    body = source["tbs_certificate"]
    algorithm = read_algorithm(source["signature_algorithm"])
    if body["signature"].dump() != source["signature_algorithm"].dump():
        raise InputError("malformed", None, "a certificate names two signature algorithms")
    return Certificate(
        raw=der,
        signed=children(read_tlv(der).value)[0].raw,
        algorithm=algorithm,
        signature=source["signature_value"].native,
        public_key=read_public_key(body["subject_public_key_info"].dump()),
        serial=int(body["serial_number"].native),
        issuer=source.issuer.hashable,
        subject=source.subject.hashable,
        name=source.subject.human_friendly,
        country=_country(source.subject) or _country(source.issuer),
        units=frozenset(_values(source.subject, "organizational_unit_name")),
        not_before=_moment(body["validity"]["not_before"]),
        not_after=_moment(body["validity"]["not_after"]),
        key_identifier=source.key_identifier,
        issuer_key_identifier=source.authority_key_identifier,
        is_authority=bool(source.ca),
        may_sign_documents=_may_sign_documents(source),
        purposes=_purposes(source),
        document_types=_document_types(source),
    )


def _values(name: x509.Name, attribute: str) -> list[str]:
    """The values of an attribute that may stand several times."""
    pairs = (pair for part in name.chosen for pair in part)
    return [str(pair["value"].native) for pair in pairs if pair["type"].native == attribute]


def _country(name: x509.Name) -> str | None:
    return next((value.upper() for value in _values(name, "country_name")), None)


def _moment(source: x509.Time) -> datetime:
    moment = source.native
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InputError("malformed", None, "a certificate's validity is not a moment in UTC")
    if not MINYEAR < moment.year < MAXYEAR:
        raise InputError("malformed", None, "a certificate's validity lies beyond the calendar")
    return moment.astimezone(UTC)


def _may_sign_documents(source: x509.Certificate) -> bool:
    """A signer of master lists and the like has its purpose said, a document signer has none (Doc 9303-12, 7.1.1)."""
    usage, purposes = source.key_usage_value, _purposes(source)
    allowed = not purposes or "any_extended_key_usage" in purposes
    return allowed and not source.ca and (usage is None or "digital_signature" in usage.native)


def _purposes(source: x509.Certificate) -> frozenset[str]:
    usage = source.extended_key_usage_value
    return frozenset(usage.native) if usage is not None else frozenset()


def _document_types(source: x509.Certificate) -> frozenset[str]:
    """DocumentTypeList: SEQUENCE { version INTEGER, docTypeList SET OF PrintableString }."""
    for extension in source["tbs_certificate"]["extensions"]:
        if extension["extn_id"].dotted == _DOCUMENT_TYPES:
            _, types = children(read_tlv(extension["extn_value"].native).value)
            return frozenset(entry.value.decode("ascii").strip("<") for entry in children(types.value))
    return frozenset()
