from dataclasses import dataclass
from datetime import time

RECEPTION = "reception"
"""The queue of the reception desk: it counts its own numbers like a clinic."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic that patients are sent to, as the settings describe it.

    Attributes:
        name: by language code, ``vi`` and ``en``.
        reference: the FHIR reference that appointments name, such as ``Location/noi-tiet``.
        discreet: shown and printed as its room only.
    """

    id: str
    name: dict[str, str]
    room: str
    opens: time
    closes: time
    reference: str
    discreet: bool = False

    def public_name(self, language: str) -> str | None:
        """The name that a screen in the hall may show; None for a discreet clinic."""
        return None if self.discreet else self.name[language]
