"""Passive authentication: whether these files are what the issuing state signed (ICAO Doc 9303-11, 5.1)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from kiosk.errors import InputError
from kiosk.identify.chip_card.certificates import Certificate
from kiosk.identify.chip_card.issuer import Issuer, Pinned, country_of
from kiosk.identify.chip_card.security_infos import pace_infos, read_security_infos
from kiosk.identify.chip_card.security_object import SecurityObject, read_security_object
from kiosk.identify.chip_card.tlv import find
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipReason

PROOFS = frozenset({"DG14", "DG15"})
"""What active and chip authentication need: taking one of them off a copied card is an attack."""

_STATE_ONLY = frozenset({"DG3", "DG4"})  # fingerprints and irises, which only the state's terminals may read
_GROUP_TAGS = (0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70)
_PASSPORT_CHARACTERS = 88
_REFUSALS = {
    ChipCheck.CHAIN: ChipReason.DATA_FORGED,
    ChipCheck.HASHES: ChipReason.DATA_FORGED,
    ChipCheck.CARD_ACCESS: ChipReason.DATA_FORGED,
    ChipCheck.COUNTRY: ChipReason.WRONG_STATE_OR_KIND,
    ChipCheck.SIGNER_VALIDITY: ChipReason.SIGNER_NOT_VALID,
    ChipCheck.REVOCATION: ChipReason.SIGNER_NOT_VALID,
}
_TRUST = (ChipCheck.CHAIN, ChipCheck.SIGNER_VALIDITY, ChipCheck.COUNTRY)


@dataclass(frozen=True, slots=True)
class PassiveResult:
    """What passive authentication found.

    Attributes:
        reasons: for which nothing of the chip must be used; empty when nothing is wrong.
        is_trusted: the issuer is known: signer, anchor and state fit together.
        listed: the data groups that EF.SOD lists, such as ``DG1``.
    """

    checks: Mapping[ChipCheck, CheckOutcome]
    reasons: tuple[ChipReason, ...]
    is_trusted: bool = False
    listed: frozenset[str] = frozenset()
    signer: Certificate | None = None


def authenticate(
    files: Mapping[str, bytes],
    *,
    trust: TrustStore,
    today: date,
    expected: Issuer,
    not_read: Collection[str] = (),
) -> PassiveResult:
    """Do every check of passive authentication, in order, over raw bytes; for the arguments see `verdict.judge`."""
    security_object = _security_object(files)
    if security_object is None:
        return PassiveResult({ChipCheck.SIGNATURE: CheckOutcome.FAILED}, (ChipReason.DATA_FORGED,))
    signer = _signer(security_object, trust)
    chain, anchor = _chain(signer, trust, expected)
    groups = _Groups.of(files, security_object, not_read)
    checks = {
        ChipCheck.SIGNATURE: _signature(security_object, signer),
        ChipCheck.SIGNER_VALIDITY: _signer_validity(security_object, signer, today),
        ChipCheck.CHAIN: chain,
        ChipCheck.REVOCATION: _revocation(signer, anchor, trust, today),
        ChipCheck.COUNTRY: _country(files.get("DG1"), signer, anchor, expected),
        ChipCheck.HASHES: _hashes(files, security_object),
        ChipCheck.COMPLETENESS: _outcome(passed=not groups.outside and not groups.missing),
        ChipCheck.CARD_ACCESS: _card_access(files.get("EF.CardAccess"), files.get("DG14")),
    }
    reasons = tuple(dict.fromkeys(_refusals(checks, groups)))
    trusted = not reasons and all(checks[check] is CheckOutcome.PASSED for check in _TRUST)
    return PassiveResult(checks, reasons, trusted, frozenset(security_object.hashes), signer)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Data groups that are there though EF.SOD does not list them, and those that it lists in vain."""

    outside: frozenset[str] = field(default=frozenset())
    missing: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, files: Mapping[str, bytes], security_object: SecurityObject, not_read: Collection[str]) -> "_Groups":
        listed = frozenset(security_object.hashes)
        present = frozenset(name for name in files if name.startswith("DG"))
        announced = _announced(files.get("EF.COM")) - _STATE_ONLY
        excused = _STATE_ONLY | (frozenset(not_read) - PROOFS)
        return cls((present | announced) - listed, (listed | {"DG1"}) - present - excused)


def _refusals(checks: Mapping[ChipCheck, CheckOutcome], groups: _Groups) -> Iterable[ChipReason]:
    if checks[ChipCheck.SIGNATURE] is not CheckOutcome.PASSED or groups.outside or groups.missing - PROOFS:
        yield ChipReason.DATA_FORGED
    for check, reason in _REFUSALS.items():
        if checks[check] is CheckOutcome.FAILED:
            yield reason
    if groups.missing & PROOFS:
        yield ChipReason.CHIP_CLONED


def _security_object(files: Mapping[str, bytes]) -> SecurityObject | None:
    try:
        return read_security_object(files["EF.SOD"]) if "EF.SOD" in files else None
    except InputError:
        return None


def _signer(security_object: SecurityObject, trust: TrustStore) -> Certificate | None:
    """The document signer: the one on the chip, otherwise one from the trust folder."""
    try:
        embedded = security_object.signature.embedded_signer()
    except InputError:
        return None
    stored = (entry.certificate for entry in trust.signers if security_object.signature.is_of(entry.certificate))
    return embedded or next(stored, None)


def _signature(security_object: SecurityObject, signer: Certificate | None) -> CheckOutcome:
    if signer is None:
        return CheckOutcome.NOT_POSSIBLE
    return _outcome(passed=security_object.signature.is_signed_by(signer))


def _signer_validity(security_object: SecurityObject, signer: Certificate | None, today: date) -> CheckOutcome:
    """Valid when it signed; where that is not said, only a signer that is valid today counts."""
    if signer is None:
        return CheckOutcome.NOT_POSSIBLE
    if not signer.may_sign_documents:
        return CheckOutcome.FAILED
    signed_at = security_object.signature.signing_time
    if signed_at is not None:
        return _outcome(passed=signer.was_valid_at(signed_at))
    return CheckOutcome.PASSED if signer.is_valid_on(today) else CheckOutcome.NOT_POSSIBLE


def _chain(signer: Certificate | None, trust: TrustStore, expected: Issuer) -> tuple[CheckOutcome, Pinned | None]:
    """The pinned authority that signed the signer while it was valid.

    A signer that names the very key of a pinned authority, and was not signed by it, is forged. One that shares only
    its name may be of a newer key of that authority, which this hospital does not know yet.
    """
    if signer is None:
        return CheckOutcome.NOT_POSSIBLE, None
    named = [entry for entry in trust.authorities if signer.names_as_issuer(entry.certificate)]
    signed = [entry for entry in named if signer.is_signed_by(entry.certificate)]
    reached = [entry for entry in signed if entry.certificate.was_valid_at(signer.not_before)]
    if reached:
        return CheckOutcome.PASSED, next((entry for entry in reached if entry.issuer == expected), reached[0])
    forged = not signed and any(signer.names_key_of(entry.certificate) for entry in named)
    return CheckOutcome.FAILED if forged else CheckOutcome.NOT_POSSIBLE, None


def _revocation(signer: Certificate | None, anchor: Pinned | None, trust: TrustStore, today: date) -> CheckOutcome:
    """Whether a list names the signer; no list, or only old ones, is no reason to refuse a patient's card."""
    if signer is None or anchor is None:
        return CheckOutcome.NOT_POSSIBLE
    lists = trust.revocations_of(anchor.issuer)
    if any(signer.serial in revocation.serials for revocation in lists):
        return CheckOutcome.FAILED
    fresh = any(revocation.is_fresh_on(today) for revocation in lists)
    return CheckOutcome.PASSED if fresh else CheckOutcome.NOT_POSSIBLE


def _country(dg1: bytes | None, signer: Certificate | None, anchor: Pinned | None, expected: Issuer) -> CheckOutcome:
    """Document, signer and anchor are of the state and kind that were asked for."""
    if dg1 is None or signer is None:
        return CheckOutcome.NOT_POSSIBLE
    agreed = (
        _state_and_kind(dg1) == (expected.state, expected.kind)
        and signer.country in (None, country_of(expected.state))
        and (not signer.document_types or expected.kind in map(_kind, signer.document_types))
        and (anchor is None or anchor.issuer == expected)
    )
    return _outcome(passed=agreed) if signer.country or not agreed else CheckOutcome.NOT_POSSIBLE


def _state_and_kind(dg1: bytes) -> tuple[str, str] | None:
    """What the MRZ begins with, whatever its other fields hold (ICAO Doc 9303-3, 4.2)."""
    try:
        mrz = find(dg1, 0x61, 0x5F1F)
    except InputError:
        return None
    if mrz is None:
        return None
    text = mrz.value.decode("ascii", errors="replace")
    kind = "P" if len(text) == _PASSPORT_CHARACTERS else _kind(text[:2])
    return text[2:5].rstrip("<"), kind


def _kind(code: str) -> str:
    """``P`` for passports, ``ID`` for the codes of cards, otherwise the code itself (ICAO Doc 9303-3 and -5)."""
    return {"P": "P", "I": "ID", "A": "ID", "C": "ID"}.get(code[:1], code)


def _hashes(files: Mapping[str, bytes], security_object: SecurityObject) -> CheckOutcome:
    read = [name for name in files if name in security_object.hashes]
    return _outcome(passed=bool(read) and all(security_object.holds(name, files[name]) for name in read))


def _announced(common: bytes | None) -> frozenset[str]:
    """The data groups that EF.COM names; it is not signed, so that it can only speak against a chip."""
    try:
        tags = find(common or b"", 0x60, 0x5C)
    except InputError:
        return frozenset()
    known = {tag: f"DG{number}" for number, tag in enumerate(_GROUP_TAGS, start=1)}
    return frozenset(known[tag] for tag in (tags.value if tags else b"") if tag in known)


def _card_access(card_access: bytes | None, dg14: bytes | None) -> CheckOutcome:
    """What EF.CardAccess said before anything was protected must stand in DG14 (ICAO Doc 9303-11, 9.2.11).

    One that cannot be read is as good as none: it opened nothing, and who would hide something takes it away.
    """
    if dg14 is None:
        return CheckOutcome.NOT_PRESENT
    try:
        signed = read_security_infos(dg14)
        if not pace_infos(signed):
            return CheckOutcome.NOT_PRESENT
        said = read_security_infos(card_access or b"")
    except InputError:
        return CheckOutcome.NOT_POSSIBLE
    return _outcome(passed={info.raw for info in said} <= {info.raw for info in signed})


def _outcome(*, passed: bool) -> CheckOutcome:
    return CheckOutcome.PASSED if passed else CheckOutcome.FAILED
