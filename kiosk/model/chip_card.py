"""What a citizen card's chip said, and how far it may be believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from kiosk.model.identity import PartialDate, Sex


class ChipVerdict(StrEnum):
    """The one word over all checks of a chip."""

    GENUINE = "genuine"
    """The issuer is trusted and copying is excluded."""
    CONSISTENT = "consistent"
    """Nothing is wrong, but the issuer is unknown or a copy is not excluded: worth as much as typed data."""
    REFUSED = "refused"


class CheckOutcome(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not_possible"
    """The card answered with a status word that refuses it, or an input that it needs is missing."""
    NOT_PRESENT = "not_present"
    """The card does not offer it."""


class ChipCheck(StrEnum):
    """The checks of a chip, in the order in which they are done (ICAO Doc 9303-11 and -12)."""

    SIGNATURE = "signature"
    """EF.SOD's signature by the document signer."""
    SIGNER_VALIDITY = "signer_validity"
    """The document signer was valid at signing time."""
    CHAIN = "chain"
    """The document signer chains to a pinned CSCA."""
    REVOCATION = "revocation"
    COUNTRY = "country"
    """CSCA, document signer and DG1 name the same state, and the document kind is the anchor's."""
    HASHES = "hashes"
    """Each data group read has the hash that EF.SOD lists."""
    COMPLETENESS = "completeness"
    """No data group outside EF.SOD; DG14 and DG15 present when listed."""
    CARD_ACCESS = "card_access"
    """EF.CardAccess's SecurityInfos occur in DG14, when DG14 holds PACE information."""
    ACTIVE_AUTHENTICATION = "active_authentication"
    CHIP_AUTHENTICATION = "chip_authentication"


class ChipReason(StrEnum):
    """Why a chip is not `genuine`."""

    ISSUER_UNKNOWN = "issuer-unknown"
    COPY_NOT_EXCLUDED = "copy-not-excluded"
    DATA_FORGED = "data-forged"
    """Signature or hash wrong, EF.SOD missing, or a data group outside it."""
    WRONG_STATE_OR_KIND = "wrong-state-or-kind"
    SIGNER_NOT_VALID = "signer-not-valid"
    """Not valid at signing time, or revoked."""
    CHIP_CLONED = "chip-cloned"
    """Active or chip authentication answered wrongly, or DG14 or DG15 is missing though listed: an alarm."""
    CHIP_NOT_PROVEN = "chip-not-proven"
    """Every mechanism that the card offers was refused by status word: no alarm."""


@dataclass(frozen=True, slots=True)
class CitizenData:
    """The holder, as far as checking in needs it.

    Attributes:
        name: with diacritics from DG13, otherwise from the MRZ, without.
        expires_on: None for a card without expiry.
        kept_from_dg13: whether DG13 was there.
        not_kept: how many fields of DG13 were counted and dropped.
    """

    number: str
    name: str
    birth_date: PartialDate
    sex: Sex | None
    expires_on: date | None
    residence: str | None = None
    issued_on: date | None = None
    old_number: str | None = None
    kept_from_dg13: bool = False
    not_kept: int = 0


@dataclass(frozen=True, slots=True)
class ChipReading:
    """What a check-in is told of a chip; the raw files end with the reading.

    Attributes:
        citizen: None where DG1 could not be used.
        contradictions: fields in which DG1, DG13 and the scanned QR disagree.
        signer: SHA-256 of the document signer's certificate, hexadecimal.
        chip_key: SHA-256 of the public key that active or chip authentication passed with; None when neither passed.
        security_object: SHA-256 of EF.SOD.
        portrait: DG2's picture as JPEG, made anew from its pixels.
        expired: the document's expiry lies before today.
    """

    verdict: ChipVerdict
    reasons: tuple[ChipReason, ...] = ()
    alarm: bool = False
    checks: Mapping[ChipCheck, CheckOutcome] = field(default_factory=dict)
    citizen: CitizenData | None = None
    contradictions: tuple[str, ...] = ()
    signer: str | None = None
    chip_key: str | None = None
    security_object: str | None = None
    portrait: bytes | None = None
    expired: bool = False
