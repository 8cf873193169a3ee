from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, as the audit chain names it: ``staff:…``, ``patient:STATION`` or ``system``."""

    name: str

    @classmethod
    def patient_at(cls, station_id: str) -> Self:
        """Whoever stands at a station."""
        return cls(f"patient:{station_id}")

    @classmethod
    def staff(cls, staff_id: str) -> Self:
        """A signed-in account."""
        return cls(f"staff:{staff_id}")

    @classmethod
    def command_line(cls, user: str) -> Self:
        """An operator at the host's shell."""
        return cls(f"cli:{user}")

    @property
    def is_staff(self) -> bool:
        """Whether this is a signed-in account."""
        return self.name.startswith("staff:")

    def __str__(self) -> str:
        return self.name


SYSTEM = Actor("system")
"""The `deliver` process."""
