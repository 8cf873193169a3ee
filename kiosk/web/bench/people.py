"""The invented patients that the bench can put before the kiosk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BenchPerson:
    """An invented patient.

    Attributes:
        note: what is special about this one, such as an unknown number; for whoever tries the demo.
        appointment: today's, as text, if any.
        cards: what this person can show, by a short name such as ``citizen_qr``.
    """

    id: str
    name: str
    note: str
    appointment: str | None
    cards: tuple[str, ...]


class BenchPeople(Protocol):
    """The invented hospital's people.

    Raises:
        NotFound: from all but `search` and `profiles`, for a person or card that is not there.
    """

    def search(self, text: str) -> Sequence[BenchPerson]:
        """Those whose name, note or number holds this text; the first ones for an empty text."""

    def payload(self, person_id: str, card: str) -> str:
        """What the code on the card says."""

    def picture(self, person_id: str, card: str) -> bytes:
        """A PNG or JPEG of the card with its code, as held before a camera."""

    def profiles(self) -> Sequence[str]:
        """The kinds of chip card that can be laid on the reader."""

    def face(self, person_id: str, beside: str | None = None) -> bytes:
        """A PNG or JPEG of the person, as the camera sees who stands before it, or of two side by side."""

    def chip_card(self, person_id: str, profile: str) -> bytes:
        """The content of a virtual card's file, of this person and kind."""
