"""The trust anchors that a hospital has pinned, each for one issuing state and one kind of document."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

DEMO_MARKER = "KIOSK DEMO"
"""An organisational unit (OU) in the subject of every certificate of a demonstration's or test's own authority."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose documents an anchor vouches for.

    Attributes:
        state: as in the MRZ, such as ``VNM`` or ``D``.
        kind: ``ID`` for cards, ``P`` for passports.
    """

    state: str
    kind: str


CITIZEN_CARD = Issuer("VNM", "ID")


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Pinned anchors, with link certificates, document signers and revocation lists; `TrustStore()` is empty."""

    @classmethod
    def open(cls, folder: Path, *, allow_demo: bool = False) -> Self:
        """Read a trust folder; a missing one is an empty one.

        Raises:
            ConfigurationError: a file cannot be used, or is a demonstration's and `allow_demo` is false.
        """
        raise NotImplementedError
