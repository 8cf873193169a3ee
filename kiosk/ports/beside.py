"""What is kept beside a check-in, so that it makes no touch of patient or staff stale."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kiosk.model.chip_evidence import CardState, KnownChip
from kiosk.model.queue import PrintState, Showings


class PaperStore(Protocol):
    """What became of each check-in's paper, beside the check-in: it raises no version."""

    def put(self, check_in_id: str, state: PrintState) -> None:
        """Say what is now."""

    def get(self, check_in_id: str) -> PrintState:
        """What was said last."""


class ShowingStore(Protocol):
    """How often the code of somebody who has a number was shown again, beside the check-in: it raises no version."""

    def add(self, check_in_id: str, station_id: str, at: datetime) -> None:
        """Count one."""

    def of(self, check_in_id: str) -> Showings | None:
        """How often and where last; None for never."""


class CardStore(Protocol):
    """How far each station is with the card on its reader; ends with the check-in."""

    def put(self, check_in_id: str, state: CardState) -> None:
        """Say what is now."""

    def get(self, check_in_id: str) -> CardState | None:
        """What was said last."""

    def drop(self, check_in_id: str) -> None:
        """Forget it."""


class PortraitStore(Protocol):
    """Portraits from chips, sealed, for as long as staff may compare them with the holder."""

    def put(self, check_in_id: str, jpeg: bytes, at: datetime) -> bool:
        """Keep a portrait in place of an earlier one.

        Returns:
            Whether it is kept: without a key to seal with it is not.
        """

    def get(self, check_in_id: str) -> bytes | None:
        """The JPEG; None when there is none, or when it cannot be opened with this key."""

    def has(self, check_in_id: str) -> bool:
        """Whether there is one."""

    def drop(self, check_in_id: str) -> None:
        """Delete it."""

    def has_before(self, moment: datetime) -> bool:
        """Whether one was kept before that moment."""

    def drop_before(self, moment: datetime) -> int:
        """Delete what was kept before that moment.

        Returns:
            How many.
        """


class KnownChipStore(Protocol):
    """Chips that staff inspected and bound to patients."""

    def add(self, chip: KnownChip) -> None:
        """Store a new one."""

    def save(self, chip: KnownChip) -> None:
        """Store a change.

        Raises:
            NotFound: no such id.
        """

    def get(self, known_chip_id: str) -> KnownChip:
        """One.

        Raises:
            NotFound: no such id.
        """

    def alike(self, chip_key: str | None, security_object: str | None) -> Sequence[KnownChip]:
        """Those with this key or this security object, revoked ones too, by time."""

    def of_patient(self, patient_id: str) -> Sequence[KnownChip]:
        """Those bound to this patient, revoked ones too, by time."""
