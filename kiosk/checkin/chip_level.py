"""How far a chip card proves who its holder is: the only place that says so, as docs/reference/assurance.md has it."""

from kiosk.model.chip_card import ChipVerdict
from kiosk.model.chip_evidence import Holder
from kiosk.model.identity import Assurance

_LEVELS = {
    (ChipVerdict.GENUINE, Holder.MATCH): Assurance.PROVEN,
    (ChipVerdict.GENUINE, Holder.STAFF): Assurance.PROVEN,
}
_KNOWN_LEVELS = {
    (ChipVerdict.CONSISTENT, Holder.MATCH): Assurance.VERIFIED,
    (ChipVerdict.CONSISTENT, Holder.STAFF): Assurance.VERIFIED,
}


def chip_level(verdict: ChipVerdict, holder: Holder, *, known: bool = False, lost: bool = False) -> Assurance:
    """The level of a claim by chip.

    Args:
        verdict: over all checks.
        holder: whether somebody compared the portrait with the holder.
        known: key and security object were bound to this patient, and the key answered rightly now.
        lost: the card was reported lost or stolen.
    """
    if lost:
        return Assurance.CLAIMED
    levels = _LEVELS | _KNOWN_LEVELS if known else _LEVELS
    return levels.get((verdict, holder), Assurance.CLAIMED)
