"""Lists of revoked document signers (ICAO Doc 9303-12, 7.1.4; RFC 5280 5)."""

from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, date, datetime, time

from asn1crypto import crl

from kiosk.errors import InputError
from kiosk.identify.chip_card.asn1_errors import asn1_errors
from kiosk.identify.chip_card.certificates import CLOCK_SKEW, Certificate
from kiosk.identify.chip_card.signatures import SignatureAlgorithm, is_signature, read_algorithm
from kiosk.identify.chip_card.tlv import children, read_tlv

MAX_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class RevocationList:
    """One authority's list.

    Attributes:
        serials: of the revoked certificates.
        next_update: None when not said: such a list is never fresh.
    """

    raw: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    algorithm: SignatureAlgorithm
    signature: bytes = field(repr=False)
    issuer: str
    next_update: datetime | None
    serials: frozenset[int] = field(repr=False)

    def is_signed_by(self, authority: Certificate) -> bool:
        """Whether it is `authority`'s list."""
        return self.issuer == authority.subject and is_signature(
            authority.public_key, self.algorithm, self.signature, self.signed
        )

    def is_fresh_on(self, day: date) -> bool:
        """Whether the next list was not yet due on `day`."""
        return self.next_update is not None and datetime.combine(day, time(12), UTC) <= self.next_update + CLOCK_SKEW


def read_revocation_list(der: bytes) -> RevocationList:
    """Read one list in DER form.

    Raises:
        InputError: kind ``too_long``, ``malformed``, ``weak_hash`` or ``unsupported_signature``.
    """
    if len(der) > MAX_BYTES:
        raise InputError("too_long", None, f"a revocation list has at most {MAX_BYTES} bytes")
    with asn1_errors("a revocation list"):
        source = crl.CertificateList.load(der, strict=True)
        body = source["tbs_cert_list"]
        return RevocationList(
            raw=der,
            signed=children(read_tlv(der).value)[0].raw,
            algorithm=read_algorithm(source["signature_algorithm"]),
            signature=source["signature"].native,
            issuer=source.issuer.hashable,
            next_update=_moment(body["next_update"].native),
            serials=frozenset(int(entry["user_certificate"].native) for entry in body["revoked_certificates"]),
        )


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None or value.year == MAXYEAR:
        raise InputError("malformed", None, "a revocation list's next update is not a moment in UTC")
    return value.astimezone(UTC)
