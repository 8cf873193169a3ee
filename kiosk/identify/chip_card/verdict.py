"""From a chip's raw files and proofs to one word: genuine, consistent or refused."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from kiosk.errors import InputError
from kiosk.identify.chip_card.chip_authentication import offers_key
from kiosk.identify.chip_card.issuer import CITIZEN_CARD, Issuer
from kiosk.identify.chip_card.passive_authentication import PassiveResult, authenticate
from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.trust_store import TrustStore
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipReason, ChipVerdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict over one chip and each check's own result.

    Attributes:
        alarm: whether staff should be told quietly: the chip is a copy.
        signer: SHA-256 of the document signer's certificate, hexadecimal.
        chip_key: SHA-256 of the public key that active authentication, otherwise chip authentication, passed with.
        security_object: SHA-256 of EF.SOD.
    """

    verdict: ChipVerdict
    reasons: tuple[ChipReason, ...] = ()
    alarm: bool = False
    checks: Mapping[ChipCheck, CheckOutcome] = field(default_factory=dict)
    signer: str | None = None
    chip_key: str | None = None
    security_object: str | None = None


def judge(
    files: Mapping[str, bytes],
    *,
    trust: TrustStore,
    today: date,
    active: Proof | None,
    chip: Proof | None,
    not_read: Collection[str] = (),
    expected: Issuer = CITIZEN_CARD,
) -> Judgement:
    """Do every check, in order, over the raw bytes as read.

    Args:
        files: raw, by name: ``EF.SOD``, ``EF.COM``, ``EF.CardAccess``, ``DG1`` to ``DG16``; a file that the card does
            not give is left out.
        trust: the pinned anchors.
        today: at the hospital.
        active: of active authentication; None when it was not tried.
        chip: of chip authentication; None when it was not tried.
        not_read: data groups that the reader did not ask for; it cannot excuse DG14 or DG15, and without DG1 no chip is
            genuine.
        expected: the state and kind of document that was asked for.
    """
    passive = authenticate(files, trust=trust, today=today, expected=expected, not_read=not_read)
    copy = {
        ChipCheck.ACTIVE_AUTHENTICATION: _active(files, passive, active),
        ChipCheck.CHIP_AUTHENTICATION: _chip(files, passive, chip),
    }
    verdict, reasons = _verdict(passive, tuple(copy.values()))
    return Judgement(
        verdict=verdict,
        reasons=reasons,
        alarm=ChipReason.CHIP_CLONED in reasons,
        checks=dict.fromkeys(ChipCheck, CheckOutcome.NOT_POSSIBLE) | dict(passive.checks) | copy,
        signer=passive.signer.fingerprint if passive.signer else None,
        chip_key=_chip_key(copy, active, chip),
        security_object=hashlib.sha256(files["EF.SOD"]).hexdigest() if "EF.SOD" in files else None,
    )


def _verdict(passive: PassiveResult, copy: tuple[CheckOutcome, ...]) -> tuple[ChipVerdict, tuple[ChipReason, ...]]:
    """Two axes, the issuer and the copy; what speaks against the chip outweighs both."""
    offered = [outcome for outcome in copy if outcome is not CheckOutcome.NOT_PRESENT]
    against = list(passive.reasons)
    if CheckOutcome.FAILED in offered and ChipReason.CHIP_CLONED not in against:
        against.append(ChipReason.CHIP_CLONED)
    if not against and offered and CheckOutcome.PASSED not in offered:
        against.append(ChipReason.CHIP_NOT_PROVEN)
    if against:
        return ChipVerdict.REFUSED, tuple(against)
    missing = [] if passive.is_trusted else [ChipReason.ISSUER_UNKNOWN]
    missing += [] if offered else [ChipReason.COPY_NOT_EXCLUDED]
    return (ChipVerdict.CONSISTENT if missing else ChipVerdict.GENUINE), tuple(missing)


def _active(files: Mapping[str, bytes], passive: PassiveResult, proof: Proof | None) -> CheckOutcome:
    if not passive.listed:
        return CheckOutcome.NOT_POSSIBLE
    if "DG15" not in passive.listed:
        return CheckOutcome.NOT_PRESENT
    return CheckOutcome.FAILED if "DG15" not in files else _tried(proof)


def _chip(files: Mapping[str, bytes], passive: PassiveResult, proof: Proof | None) -> CheckOutcome:
    """DG14 alone says nothing: it may hold only PACE's or active authentication's parameters."""
    if not passive.listed:
        return CheckOutcome.NOT_POSSIBLE
    if "DG14" not in passive.listed:
        return CheckOutcome.NOT_PRESENT
    if "DG14" not in files:
        return CheckOutcome.FAILED
    try:
        return _tried(proof) if offers_key(files["DG14"]) else CheckOutcome.NOT_PRESENT
    except InputError:
        return CheckOutcome.NOT_POSSIBLE


def _tried(proof: Proof | None) -> CheckOutcome:
    """An offered mechanism that nobody tried is one that was not possible."""
    tried = proof is not None and proof.outcome is not CheckOutcome.NOT_PRESENT
    return proof.outcome if proof is not None and tried else CheckOutcome.NOT_POSSIBLE


def _chip_key(copy: Mapping[ChipCheck, CheckOutcome], active: Proof | None, chip: Proof | None) -> str | None:
    proofs = ((ChipCheck.ACTIVE_AUTHENTICATION, active), (ChipCheck.CHIP_AUTHENTICATION, chip))
    passed = (proof for check, proof in proofs if proof and copy[check] is CheckOutcome.PASSED)
    return next((proof.key_fingerprint for proof in passed), None)
