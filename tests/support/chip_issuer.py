"""An invented issuing state: its signing authority, document signers, security objects, lists, and a chip's proofs."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache

from asn1crypto import algos, cms, core, crl, keys, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.identify.chip_card.curves import Curve, by_oid
from kiosk.identify.chip_card.tlv import encode

TODAY = date(2026, 11, 22)
MOMENT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
SECURITY_OBJECT = "2.23.136.1.1.1"
MASTER_LIST = "2.23.136.1.1.2"
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 # to see it refused
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    """The same key for the same arguments: RSA keys are slow to make."""
    del number
    return rsa.generate_private_key(65537, bits)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.BrainpoolP384R1())


def key_info(key: PrivateKey) -> bytes:
    """SubjectPublicKeyInfo, with the curve by name."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def explicit_key_info(key: ec.EllipticCurvePrivateKey, **changed: int) -> bytes:
    """SubjectPublicKeyInfo with the curve's parameters spelt out; `changed` ones are written instead of its own."""
    info = keys.PublicKeyInfo.load(key_info(key))
    curve = by_oid(info["algorithm"]["parameters"].chosen.dotted)
    assert curve is not None
    return encode(0x30, encode(0x30, _EC_PUBLIC_KEY + _explicit(curve, changed)) + info["public_key"].dump())


_EC_PUBLIC_KEY = bytes.fromhex("06072A8648CE3D0201")
_PRIME_FIELD = bytes.fromhex("06072A8648CE3D0101")


def _explicit(curve: Curve, changed: Mapping[str, int]) -> bytes:
    values = {name: changed.get(name, getattr(curve, name)) for name in ("p", "a", "b", "gx", "gy", "n", "h")}
    size = curve.field_bytes
    number = {name: core.Integer(value).dump() for name, value in values.items()}
    octets = {name: value.to_bytes(size) for name, value in values.items()}
    return encode(
        0x30,
        core.Integer(1).dump()
        + encode(0x30, _PRIME_FIELD + number["p"])
        + encode(0x30, encode(0x04, octets["a"]) + encode(0x04, octets["b"]))
        + encode(0x04, b"\4" + octets["gx"] + octets["gy"])
        + number["n"]
        + number["h"],
    )


@dataclass(frozen=True)
class Signing:
    """A private key and how it signs."""

    key: PrivateKey = field(default_factory=ec_key)
    digest: str = "sha256"
    pss: bool = False

    @property
    def algorithm(self) -> algos.SignedDigestAlgorithm:
        if self.pss:
            digest = {"algorithm": self.digest}
            mask = {"algorithm": "mgf1", "parameters": digest}
            parameters = {"hash_algorithm": digest, "mask_gen_algorithm": mask, "salt_length": 32}
            return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
        kind = "rsa" if isinstance(self.key, rsa.RSAPrivateKey) else "ecdsa"
        return algos.SignedDigestAlgorithm({"algorithm": f"{self.digest}_{kind}"})

    def sign(self, data: bytes) -> bytes:
        digest = _DIGESTS[self.digest]
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(digest))
        scheme = padding.PSS(padding.MGF1(digest), 32) if self.pss else padding.PKCS1v15()
        return self.key.sign(data, scheme, digest)


@dataclass(frozen=True)
class Party:
    """Whoever has a certificate and its private key."""

    certificate: bytes
    signing: Signing

    @property
    def source(self) -> x509.Certificate:
        return x509.Certificate.load(self.certificate)


def authority(
    country: str = "VN",
    name: str = "Invented CSCA",
    *,
    signing: Signing | None = None,
    info: bytes | None = None,
    unit: str | None = None,
    not_before: datetime = datetime(2020, 1, 1, tzinfo=UTC),
) -> Party:
    """A self-signed country signing authority."""
    own = signing or Signing()
    subject = _name(country, name, unit)
    body = _body(subject, subject, info or key_info(own.key), own, not_before, 15)
    return Party(_signed(body, own, info or key_info(own.key), authority=True, issuer_key=None), own)


def link(old: Party, new: Party) -> bytes:
    """The old authority's certificate for the new one's key."""
    info = key_info(new.signing.key)
    body = _body(new.source.subject, old.source.subject, info, old.signing, datetime(2021, 1, 1, tzinfo=UTC), 10)
    return _signed(body, old.signing, info, authority=True, issuer_key=_key_identifier(old))


def document_signer(  # noqa: PLR0913 # what a test may want otherwise
    by: Party,
    *,
    country: str = "VN",
    signing: Signing | None = None,
    info: bytes | None = None,
    not_before: datetime = datetime(2024, 1, 1, tzinfo=UTC),
    years: int = 10,
    document_types: Iterable[str] = (),
    purposes: Iterable[str] = (),
    is_authority: bool = False,
    serial: int | None = None,
) -> Party:
    """A certificate that `by` issues."""
    own = signing or Signing()
    info = info or key_info(own.key)
    body = _body(_name(country, "Invented signer", None), by.source.subject, info, by.signing, not_before, years)
    if serial is not None:
        body["serial_number"] = serial
    extra = []
    if document_types:
        types = b"".join(encode(0x13, name.encode()) for name in document_types)
        value = encode(0x30, core.Integer(0).dump() + encode(0x31, types))
        extra.append({"extn_id": "2.23.136.1.1.6.2", "extn_value": core.ParsableOctetString(value)})
    if purposes:
        extra.append({"extn_id": "extended_key_usage", "critical": True, "extn_value": list(purposes)})
    issuer_key = _key_identifier(by)
    raw = _signed(body, by.signing, info, authority=is_authority, issuer_key=issuer_key, extra=extra)
    return Party(raw, own)


def revocation_list(by: Party, serials: Iterable[int], *, next_update: datetime) -> bytes:
    """A list that `by` signs."""
    body = crl.TbsCertList(
        {
            "version": "v2",
            "signature": by.signing.algorithm,
            "issuer": by.source.subject,
            "this_update": x509.Time({"utc_time": MOMENT}),
            "next_update": x509.Time({"utc_time": next_update}),
            "revoked_certificates": [
                {"user_certificate": serial, "revocation_date": x509.Time({"utc_time": MOMENT})} for serial in serials
            ],
        }
    )
    signature = by.signing.sign(body.dump())
    source = {"tbs_cert_list": body, "signature_algorithm": by.signing.algorithm, "signature": signature}
    return bytes(crl.CertificateList(source).dump())


def security_object(
    groups: Mapping[str, bytes],
    signer: Party,
    *,
    digest: str = "sha256",
    signed_at: datetime | None = MOMENT,
    embed: bool = True,
) -> bytes:
    """EF.SOD over raw data groups."""
    hashed = b"".join(
        encode(0x30, core.Integer(int(name[2:])).dump() + encode(0x04, hashlib.new(digest, raw).digest()))
        for name, raw in groups.items()
    )
    algorithm = algos.DigestAlgorithm({"algorithm": digest}).dump()
    content = encode(0x30, core.Integer(0).dump() + algorithm + encode(0x30, hashed))
    certificates = [signer.certificate] if embed else []
    return encode(0x77, signed_data(content, SECURITY_OBJECT, signer, digest, signed_at, certificates))


def master_list(certificates: Iterable[bytes], signer: Party, *, along: Iterable[bytes] = ()) -> bytes:
    """A CSCA master list."""
    content = encode(0x30, core.Integer(0).dump() + encode(0x31, b"".join(certificates)))
    return signed_data(content, MASTER_LIST, signer, "sha256", MOMENT, [signer.certificate, *along])


def signed_data(
    content: bytes,
    content_type: str,
    signer: Party,
    digest: str,
    signed_at: datetime | None,
    certificates: Iterable[bytes],
) -> bytes:
    """CMS of one signer."""
    attributes = [
        {"type": "content_type", "values": [content_type]},
        {"type": "message_digest", "values": [hashlib.new(digest, content).digest()]},
    ]
    if signed_at is not None:
        attributes.append({"type": "signing_time", "values": [cms.Time({"utc_time": signed_at})]})
    signed = cms.CMSAttributes(attributes)
    source = signer.source
    identifier = cms.IssuerAndSerialNumber({"issuer": source.issuer, "serial_number": source.serial_number})
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
        "digest_algorithm": {"algorithm": digest},
        "signed_attrs": signed,
        "signature_algorithm": signer.signing.algorithm,
        "signature": signer.signing.sign(signed.dump()),
    }
    body = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {"content_type": content_type, "content": core.ParsableOctetString(content)},
        "certificates": [x509.Certificate.load(raw) for raw in certificates],
        "signer_infos": [info],
    }
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(body)}).dump())


def dg1(first: str = "IDVNM") -> bytes:
    """DG1 of an invented holder; only how it begins matters here."""
    length = 88 if first.startswith("P") else 90
    return encode(0x61, encode(0x5F1F, first.encode().ljust(length, b"<")))


def _name(country: str, name: str, unit: str | None) -> x509.Name:
    parts = {"country_name": country, "organization_name": "Invented", "common_name": name}
    return x509.Name.build(parts | ({"organizational_unit_name": unit} if unit else {}))


def _body(
    subject: x509.Name, issuer: x509.Name, info: bytes, by: Signing, not_before: datetime, years: int
) -> x509.TbsCertificate:
    validity = {
        "not_before": x509.Time({"general_time": not_before}),
        "not_after": x509.Time({"general_time": not_before + timedelta(days=365 * years)}),
    }
    return x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": secrets.randbits(63),
            "signature": by.algorithm,
            "issuer": issuer,
            "validity": validity,
            "subject": subject,
            "subject_public_key_info": keys.PublicKeyInfo.load(info),
        }
    )


def _signed(
    body: x509.TbsCertificate,
    by: Signing,
    info: bytes,
    *,
    authority: bool,
    issuer_key: bytes | None,
    extra: Iterable[Mapping[str, object]] = (),
) -> bytes:
    usage = {"key_cert_sign", "crl_sign"} if authority else {"digital_signature"}
    extensions = [
        {"extn_id": "key_identifier", "extn_value": hashlib.sha1(info).digest()},  # noqa: S324 # RFC 5280 4.2.1.2
        {"extn_id": "key_usage", "critical": True, "extn_value": x509.KeyUsage(usage)},
        *extra,
    ]
    if authority:
        extensions.append({"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": True}})
    if issuer_key is not None:
        extensions.append({"extn_id": "authority_key_identifier", "extn_value": {"key_identifier": issuer_key}})
    body["extensions"] = extensions
    certificate = {
        "tbs_certificate": body,
        "signature_algorithm": by.algorithm,
        "signature_value": by.sign(body.dump()),
    }
    return bytes(x509.Certificate(certificate).dump())


def _key_identifier(party: Party) -> bytes:
    return bytes(party.source.key_identifier)
