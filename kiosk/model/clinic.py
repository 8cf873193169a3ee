from dataclasses import dataclass
from datetime import time

RECEPTION = "reception"
"""The queue of the reception desk: it counts its own numbers like a clinic."""


STAYS_MINUTES = 60
"""How long after closing its patients are still called and listed."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic that patients are sent to, as the settings describe it.

    Attributes:
        name: by language code, ``vi`` and ``en``.
        reference: the FHIR reference that appointments name, such as ``Location/noi-tiet``.
        opens: in the hospital's time.
        closes: the last minute in which it takes patients. Earlier than `opens` is on the day after; equal to it, the
            clinic never closes, and its day changes at midnight.
        discreet: shown and printed as its room only.
    """

    id: str
    name: dict[str, str]
    room: str
    opens: time
    closes: time
    reference: str
    discreet: bool = False

    @property
    def is_over_midnight(self) -> bool:
        """Whether it closes on the day after it opened."""
        return self.closes < self.opens

    def is_open(self, at: time) -> bool:
        """Whether it takes patients at this time of the day."""
        minute = at.replace(second=0, microsecond=0, tzinfo=None)
        opens, closes = _minute(self.opens), _minute(self.closes)
        if opens == closes:
            return True
        if self.is_over_midnight:
            return minute >= opens or minute <= closes
        return opens <= minute <= closes

    def goes_on_at(self, at: time) -> bool:
        """Whether, at this time, the day on which it opened yesterday goes on: until an hour after it closed.

        Whoever came in its last minutes is still called; but it opens again with a day of its own.
        """
        if not self.is_over_midnight:
            return False
        after = min(_minutes(self.closes) + STAYS_MINUTES, _minutes(self.opens) - 1)
        return _minutes(at) <= after

    def public_name(self, language: str) -> str | None:
        """The name that a screen in the hall may show; None for a discreet clinic."""
        return None if self.discreet else self.name[language]


def _minute(at: time) -> time:
    return at.replace(second=0, microsecond=0)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
