from collections.abc import Sequence
from datetime import date
from typing import Protocol

from kiosk.model.checkin import CheckIn
from kiosk.model.identity import Identifier


class LostNumberStore(Protocol):
    """Numbers that a restored backup does not know: each with its check-in as it was, until it is made again."""

    def put(self, check_in: CheckIn) -> None:
        """Keep one, in place of an earlier state of it; it has a number."""

    def get(self, check_in_id: str) -> CheckIn:
        """One.

        Raises:
            NotFound: no such number is lost.
        """

    def of_day(self, day: date) -> Sequence[CheckIn]:
        """Those of that day, by clinic and number."""

    def of_person(self, patient_id: str | None, identifier: Identifier | None, day: date) -> Sequence[CheckIn]:
        """Those of that day of this patient, or for which this number was presented."""

    def drop(self, check_in_id: str) -> None:
        """It is made again, or nobody wants it."""

    def has_before(self, day: date) -> bool:
        """Whether one of an earlier day is kept."""

    def drop_before(self, day: date) -> int:
        """Forget those of earlier days.

        Returns:
            How many.
        """
