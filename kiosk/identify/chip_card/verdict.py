"""From a chip's raw files and proofs to one word: genuine, consistent or refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from kiosk.identify.chip_card.proof import Proof
from kiosk.identify.chip_card.trust_store import CITIZEN_CARD, Issuer, TrustStore
from kiosk.model.chip_card import CheckOutcome, ChipCheck, ChipReason, ChipVerdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict over one chip and each check's own result.

    Attributes:
        alarm: whether staff should be told quietly: the chip is a copy.
        signer: SHA-256 of the document signer's certificate, hexadecimal.
        chip_key: SHA-256 of the public key that active or chip authentication passed with.
        security_object: SHA-256 of EF.SOD.
    """

    verdict: ChipVerdict
    reasons: tuple[ChipReason, ...] = ()
    alarm: bool = False
    checks: Mapping[ChipCheck, CheckOutcome] = field(default_factory=dict)
    signer: str | None = None
    chip_key: str | None = None
    security_object: str | None = None


def judge(  # noqa: PLR0913 # everything that the verdict depends on
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
        not_read: data groups that the reader chose not to read; it cannot excuse DG1, DG14 or DG15.
        expected: the state and kind of document that was asked for.
    """
    raise NotImplementedError
