"""What must leave the host, until it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DeliveryKind(StrEnum):
    """What must leave the host for the hospital's record."""

    ENCOUNTER = "encounter"
    """The Encounter of a check-in must show the check-in's present stage."""
    APPOINTMENT = "appointment"
    """The Appointment must show that the patient arrived, or that this was taken back."""
    WITHDRAWAL = "withdrawal"
    """Whoever was attached by mistake was not here: their Encounter never was, their Appointment is booked."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the outbox: what it says is drawn from the check-in when it is sent, so a repeat is harmless.

    Attributes:
        asked: raised by each `OutboxStore.add` for the same check-in and kind.
    """

    id: int
    kind: DeliveryKind
    check_in_id: str
    attempts: int
    asked: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A delivery that the record refused for good.

    Attributes:
        error: the kind of refusal.
        asked_at: when it was to be sent.
    """

    kind: DeliveryKind
    check_in_id: str
    error: str
    asked_at: datetime


class OutboxStore(Protocol):
    """What must be sent, written with the change that causes it."""

    def add(self, kind: DeliveryKind, check_in_id: str, due_at: datetime) -> None:
        """Queue a delivery; of one check-in and kind only one waits, with the newest due time."""

    def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """Those to be tried now, oldest first."""

    def still_due(self, delivery: Delivery, now: datetime) -> bool:
        """Whether it is to be sent as it was read: not asked for again meanwhile, nor for later."""

    def owed_since(self, now: datetime) -> datetime | None:
        """Since when the delivery that is due longest has been due, however often it was tried; None when none is."""

    def done(self, delivery: Delivery) -> None:
        """It arrived; one that was asked for again meanwhile stays due."""

    def retry(self, delivery: Delivery, error: str, due_at: datetime) -> None:
        """It did not: try again then, unless asked for again meanwhile. `error` is a kind, without personal data."""

    def refused(self, delivery: Delivery, error: str) -> None:
        """It never will: kept for the operator, not tried again unless asked for again."""

    def waiting(self) -> int:
        """How many are queued, for the metrics."""

    def undelivered(self) -> frozenset[str]:
        """The ids of check-ins of which the record is still to be told, or has refused to be."""

    def refusals(self) -> Sequence[Refusal]:
        """What was refused, oldest first."""

    def send_refused_again(self, due_at: datetime) -> int:
        """Queue everything that was refused, as if asked for anew.

        Returns:
            How many.
        """
