"""Whose documents are asked for, and which certificate is pinned for whom."""

import re
from dataclasses import dataclass

from babel.core import get_global

from kiosk.errors import InputError
from kiosk.identify.chip_card.certificates import Certificate

DEMO_MARKER = "KIOSK DEMO"
"""An organisational unit (OU) in the subject of every authority of a demonstration; production refuses it."""

_ASSIGNED = "(?!X|Q[M-Z]|ZZZ)[A-Z]{3}"
"""Three letters that ISO 3166-1 does not leave to its users."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuing state and one kind of its documents.

    Attributes:
        state: as in the MRZ, such as ``VNM`` or ``D``.
        kind: ``ID`` for cards, ``P`` for passports.

    Raises:
        InputError: kind ``unknown_state`` or ``unknown_kind``.
    """

    state: str
    kind: str

    def __post_init__(self) -> None:
        if country_of(self.state) is None:
            raise InputError("unknown_state", "state", "expected a state as in the MRZ, such as VNM, NLD or D")
        if self.kind not in {"ID", "P"}:
            raise InputError("unknown_kind", "kind", "expected a kind of document: ID for cards, P for passports")

    @property
    def country(self) -> str:
        """The state's two letters, as certificates write it."""
        return country_of(self.state) or ""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A certificate, and whose documents it vouches for."""

    issuer: Issuer
    certificate: Certificate

    @property
    def is_demo(self) -> bool:
        """Whether it is a demonstration's own."""
        return DEMO_MARKER in self.certificate.units


def country_of(state: str) -> str | None:
    """The two letters of a state as in the MRZ (ICAO Doc 9303-3, 5: ISO 3166-1, and D); None for none.

    UTO is the state of specimens.
    """
    own = {"D": "DE", "UTO": "UT"}
    if state in own:
        return own[state]
    if not re.fullmatch(_ASSIGNED, state):
        return None
    countries = list(get_global("territory_aliases").get(state, ()))
    return countries[0] if len(countries) == 1 else None


CITIZEN_CARD = Issuer("VNM", "ID")
