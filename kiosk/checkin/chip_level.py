"""How far a chip card proves who its holder is, as docs/reference/assurance.md has it."""

from kiosk.identify.face.policy import portrait_level
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.chip_evidence import Holder
from kiosk.model.identity import Assurance


def chip_level(verdict: ChipVerdict, holder: Holder, *, known: bool = False, lost: bool = False) -> Assurance:
    """The level of a claim by chip.

    Args:
        verdict: over all checks.
        holder: whether somebody compared the portrait with the holder.
        known: key and security object were bound to this patient, and the key answered rightly now.
        lost: the card was reported lost or stolen.
    """
    if holder not in {Holder.MATCH, Holder.STAFF}:
        return Assurance.CLAIMED
    return portrait_level(verdict, known=known, lost=lost)
