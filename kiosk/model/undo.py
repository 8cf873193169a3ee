"""What was just done and can be taken back for a moment."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from kiosk.model.checkin import CheckIn

_NEVER = frozenset({"version", "changed_at"})


@dataclass(frozen=True, slots=True)
class Undo:
    """The last act of staff on a check-in.

    Attributes:
        action: as the audit chain names it.
        by: the actor, who alone may take it back.
        until: when the time for that is over.
        before, after: the check-in on both sides of the act.
        desk_case: the check-in that reception was given by the same act.
    """

    check_in_id: str
    action: str
    by: str
    until: datetime
    before: CheckIn
    after: CheckIn
    desk_case: str | None = None

    @property
    def changed(self) -> dict[str, Any]:
        """The fields that the act changed, as they were before."""
        names = (field.name for field in fields(CheckIn) if field.name not in _NEVER)
        return {
            name: getattr(self.before, name)
            for name in names
            if getattr(self.before, name) != getattr(self.after, name)
        }
