"""Signed contents in CMS form (RFC 5652 5), as EF.SOD and master lists are."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asn1crypto import cms

from kiosk.errors import InputError
from kiosk.identify.chip_card.asn1_errors import asn1_errors
from kiosk.identify.chip_card.certificates import Certificate, read_certificate
from kiosk.identify.chip_card.signatures import SignatureAlgorithm, is_signature, read_algorithm, strong_hash

MAX_CERTIFICATES = 16
_SET_OF = b"\x31"


@dataclass(frozen=True, slots=True)
class SignedData:
    """One signer's signature over a content.

    Attributes:
        signed: the signed attributes as they are hashed (RFC 5652 5.4), otherwise as they stood.
        message_digest: of the content, as the signed attributes say.
        signing_time: None when not said.
        certificates: raw, those that came along.
        signer_key_identifier, signer_issuer, signer_serial: which of them signed, one way or the other.
    """

    content: bytes = field(repr=False)
    digest: str
    message_digest: bytes
    algorithm: SignatureAlgorithm
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    signing_time: datetime | None
    certificates: tuple[bytes, ...] = field(repr=False)
    signer_key_identifier: bytes | None
    signer_issuer: str | None
    signer_serial: int | None

    def is_of(self, certificate: Certificate) -> bool:
        """Whether this is the certificate that the signer names."""
        if self.signer_key_identifier is not None:
            return certificate.key_identifier == self.signer_key_identifier
        return (certificate.issuer, certificate.serial) == (self.signer_issuer, self.signer_serial)

    def is_signed_by(self, certificate: Certificate) -> bool:
        """Whether the content is what `certificate`'s key signed."""
        if hashlib.new(self.digest, self.content).digest() != self.message_digest:
            return False
        return is_signature(certificate.public_key, self.algorithm, self.signature, self.signed)

    def embedded_signer(self) -> Certificate | None:
        """The signer's certificate among those that came along.

        Raises:
            InputError: it cannot be used, as `certificates.read_certificate` says; or none can be, for that reason.
        """
        problem = None
        for raw in self.certificates:
            try:
                certificate = read_certificate(raw)
            except InputError as error:
                problem = error
                continue
            if self.is_of(certificate):
                return certificate
        if problem is not None:
            raise problem
        return None


def read_signed_data(der: bytes, content_type: str) -> SignedData:
    """Read a ContentInfo with SignedData of one signer, who signed attributes.

    Args:
        der: of a size that the caller has limited.
        content_type: the content's object identifier, dotted.

    Raises:
        InputError: kind ``malformed``, ``wrong_content``, ``weak_hash`` or ``unsupported_signature``.
    """
    with asn1_errors("signed data"):
        source = cms.ContentInfo.load(der, strict=True)
        if source["content_type"].native != "signed_data":
            raise InputError("wrong_content", None, "not signed data")
        body = source["content"]
        encapsulated = body["encap_content_info"]
        if encapsulated["content_type"].dotted != content_type:
            raise InputError("wrong_content", None, "signed data of another kind")
        if len(body["signer_infos"]) != 1:
            raise InputError("malformed", None, "signed data need one signer")
        return _read(body, body["signer_infos"][0], content_type)


def _read(body: cms.SignedData, signer: cms.SignerInfo, content_type: str) -> SignedData:
    attributes = _attributes(signer)
    if attributes["content_type"].dotted != content_type:
        raise InputError("malformed", None, "the signed attributes name another kind of content")
    digest = strong_hash(signer["digest_algorithm"]["algorithm"].native)
    key_identifier, issuer, serial = _identifier(signer)
    return SignedData(
        content=bytes(body["encap_content_info"]["content"]),
        digest=digest,
        message_digest=attributes["message_digest"].native,
        algorithm=read_algorithm(signer["signature_algorithm"], digest),
        signature=signer["signature"].native,
        # the implicit tag of the attributes is hashed as SET OF
        signed=_SET_OF + signer["signed_attrs"].dump()[1:],
        signing_time=_signing_time(attributes),
        certificates=_certificates(body),
        signer_key_identifier=key_identifier,
        signer_issuer=issuer,
        signer_serial=serial,
    )


def _attributes(signer: cms.SignerInfo) -> dict[str, cms.CMSAttribute]:
    """The single values of the attributes that count, by name."""
    found: dict[str, cms.CMSAttribute] = {}
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        if name not in {"content_type", "message_digest", "signing_time"}:
            continue
        if name in found or len(attribute["values"]) != 1:
            raise InputError("malformed", None, f"the attribute {name} does not stand once")
        found[name] = attribute["values"][0]
    if not {"content_type", "message_digest"} <= found.keys():
        raise InputError("malformed", None, "signed attributes without content type or message digest")
    return found


def _signing_time(attributes: dict[str, cms.CMSAttribute]) -> datetime | None:
    if "signing_time" not in attributes:
        return None
    moment = attributes["signing_time"].native
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InputError("malformed", None, "the signing time is not a moment in UTC")
    return moment.astimezone(UTC)


def _identifier(signer: cms.SignerInfo) -> tuple[bytes | None, str | None, int | None]:
    sid = signer["sid"]
    if sid.name == "subject_key_identifier":
        return sid.chosen.native, None, None
    return None, sid.chosen["issuer"].hashable, int(sid.chosen["serial_number"].native)


def _certificates(body: cms.SignedData) -> tuple[bytes, ...]:
    if len(body["certificates"]) > MAX_CERTIFICATES:
        raise InputError("too_long", None, f"signed data carry at most {MAX_CERTIFICATES} certificates")
    return tuple(choice.chosen.dump() for choice in body["certificates"] if choice.name == "certificate")
