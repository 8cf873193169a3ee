"""What came of asking a chip for proof that it is no copy."""

from dataclasses import dataclass

from kiosk.model.chip_card import CheckOutcome


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of active or chip authentication.

    Attributes:
        outcome: ``passed``; ``failed`` for a wrong answer; ``not_possible`` where the card refused by status word, or
            its key is of a sort that this reader cannot use; ``not_present`` where the card's data offer no such key.
        key_fingerprint: SHA-256 of the card's SubjectPublicKeyInfo, hexadecimal, when passed.
        refused_status: the status word of a refusal.
    """

    outcome: CheckOutcome
    key_fingerprint: str | None = None
    refused_status: int | None = None
