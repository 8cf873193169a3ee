"""The trust anchors that a hospital has pinned, each for one issuing state and one kind of document."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kiosk.errors import ConfigurationError
from kiosk.identify.chip_card.issuer import Issuer, Pinned
from kiosk.identify.chip_card.revocation_lists import RevocationList
from kiosk.identify.chip_card.trust_folder import read_lists, read_pinned


@dataclass(frozen=True, slots=True)
class TrustStore:
    """What a hospital trusts; `TrustStore()` trusts nobody, as on a hospital's first day.

    Attributes:
        anchors: country signing authorities, self-signed and pinned.
        links: authorities whose certificate a pinned anchor of the same state and kind signed: they count as it does.
        signers: document signers, for chips that do not carry theirs; never anchors.
        unused: authorities that no pinned anchor signed; they count for nothing.
        revocations: lists that an anchor or a link signed, and for whose documents.
    """

    anchors: tuple[Pinned, ...] = ()
    links: tuple[Pinned, ...] = ()
    signers: tuple[Pinned, ...] = ()
    unused: tuple[Pinned, ...] = ()
    revocations: tuple[tuple[Issuer, RevocationList], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no issuer can be known."""
        return not self.anchors

    @property
    def authorities(self) -> tuple[Pinned, ...]:
        """Whoever may sign document signers."""
        return self.anchors + self.links

    def revocations_of(self, issuer: Issuer) -> list[RevocationList]:
        """The lists of one state and kind."""
        return [revocation for owner, revocation in self.revocations if owner == issuer]

    @classmethod
    def of(cls, pinned: Iterable[Pinned], lists: Iterable[RevocationList] = ()) -> Self:
        """Sort certificates and lists into their roles.

        Raises:
            ConfigurationError: a certificate's country is not that of the state that it is pinned for.
        """
        entries = tuple(pinned)
        for entry in entries:
            if entry.certificate.country != entry.issuer.country:
                raise ConfigurationError(f"{entry.certificate.name}: pinned for {entry.issuer.state}, of another state")
        authorities = [entry for entry in entries if entry.certificate.is_authority]
        anchors = tuple(entry for entry in authorities if entry.certificate.is_self_signed)
        links = tuple(entry for entry in authorities if _is_followed(entry, anchors))
        return cls(
            anchors=anchors,
            links=links,
            signers=tuple(entry for entry in entries if not entry.certificate.is_authority),
            unused=tuple(entry for entry in authorities if entry not in anchors + links),
            revocations=tuple(_owned(lists, anchors + links)),
        )

    @classmethod
    def open(cls, folder: Path, *, allow_demo: bool = False) -> Self:
        """Read a trust folder; a missing one is an empty one.

        Raises:
            ConfigurationError: a file cannot be used, or is a demonstration's and `allow_demo` is false.
        """
        pinned = read_pinned(folder)
        for entry in pinned:
            if entry.is_demo and not allow_demo:
                raise ConfigurationError(f"{folder}: {entry.certificate.name} is a demonstration's and trusts anybody")
        return cls.of(pinned, read_lists(folder))


def _is_followed(entry: Pinned, anchors: tuple[Pinned, ...]) -> bool:
    """Whether a pinned anchor itself vouches for it, for the same state and kind (ICAO Doc 9303-12, 4.2)."""
    own = entry.certificate
    return not own.is_self_signed and any(
        anchor.issuer == entry.issuer and own.is_signed_by(anchor.certificate) for anchor in anchors
    )


def _owned(lists: Iterable[RevocationList], authorities: tuple[Pinned, ...]) -> Iterable[tuple[Issuer, RevocationList]]:
    for revocation in lists:
        owners = {entry.issuer for entry in authorities if revocation.is_signed_by(entry.certificate)}
        yield from ((owner, revocation) for owner in owners)
