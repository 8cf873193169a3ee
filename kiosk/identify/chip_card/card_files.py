"""The files of a travel document's chip, and selecting where they are (ICAO Doc 9303-10, 3.6 and 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kiosk.errors import CardError, CardProblem
from kiosk.identify.chip_card.apdu import Channel, Command, PlainChannel

CARD_ACCESS, COM, SOD = "EF.CardAccess", "EF.COM", "EF.SOD"
APPLICATION = bytes.fromhex("A0000002471001")
SELECT = 0xA4
NO_ANSWER = 0x0C
"""In P2 of SELECT: no description of what was selected."""

_BY_NAME = 0x04
_MASTER_FILE = b"\x3f\x00"


@dataclass(frozen=True, slots=True)
class FileId:
    """A file's two-byte identifier and its short one."""

    identifier: int
    short: int


FILES: Mapping[str, FileId] = MappingProxyType(
    {CARD_ACCESS: FileId(0x011C, 0x1C), COM: FileId(0x011E, 0x1E), SOD: FileId(0x011D, 0x1D)}
    | {f"DG{number}": FileId(0x0100 + number, number) for number in range(1, 17)}
)


def select_application(channel: Channel) -> None:
    """Select the travel document's application.

    Raises:
        CardError: ``unsupported``, the card has none.
    """
    response = channel.exchange(Command(0x00, SELECT, _BY_NAME, NO_ANSWER, APPLICATION))
    if not response.ok:
        raise CardError(CardProblem.UNSUPPORTED, f"no travel document's application: {response.status:04X}")


def select_master_file(plain: PlainChannel) -> None:
    """Select the master file, where a card knows that; Vietnamese cards may answer 6D00, and need it not."""
    plain.exchange(Command(0x00, SELECT, 0x00, NO_ANSWER, _MASTER_FILE))
