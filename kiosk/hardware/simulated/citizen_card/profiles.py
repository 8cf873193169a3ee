"""The cards of the device bench: one factory for each case that patients and staff must be able to tell apart."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

import msgspec

from kiosk.errors import InputError
from kiosk.hardware.simulated.citizen_card import machine_readable_zone as mrz
from kiosk.hardware.simulated.citizen_card.data_groups import data_group_1
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import EF_SOD, Behaviour, CardImage, ChipKey, Interference
from kiosk.hardware.simulated.citizen_card.personalisation import ChipInfos, Plan, new_chip_key, personalise
from kiosk.hardware.simulated.citizen_card.pki import Issuer, new_issuer
from kiosk.hardware.simulated.citizen_card.private_keys import PrivateKey, rsa_key

PULLED_AFTER = 14
"""Exchanges: in the middle of the files, after access is open."""
_EXPIRED_FOR = timedelta(days=200)


class CardProfile(StrEnum):
    """What kind of card is laid."""

    GENUINE = "genuine"
    NO_COPY_PROTECTION = "no_copy_protection"
    ISSUER_UNKNOWN = "issuer_unknown"
    NO_CHIP = "no_chip"
    CLONED = "cloned"
    FORGED = "forged"
    ANOTHER_STATE = "another_state"
    EXPIRED = "expired"
    PULLED_EARLY = "pulled_early"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOffice:
    """Who makes the bench's cards; it can be written to a file, so that a demo's issuer stays the same.

    Attributes:
        home: signs Vietnamese citizen cards; its authority is the demo's anchor.
        stranger: says of itself that it is Vietnam's, and is no anchor.
        abroad: signs another state's identity cards.
        copier: keys that no data group names.
    """

    home: Issuer = field(default_factory=new_issuer)
    stranger: Issuer = field(default_factory=new_issuer)
    abroad: Issuer = field(default_factory=lambda: new_issuer("DE"))
    copier: tuple[PrivateKey, ChipKey] = field(default_factory=lambda: (rsa_key(), new_chip_key()))

    def make(self, profile: CardProfile, holder: Holder, today: date) -> CardImage:
        """Make a card of this kind for this holder: some 0.2 s."""
        return _MAKERS[profile](self, holder, today)

    def to_bytes(self) -> bytes:
        """As a file holds it: private keys in the clear, of issuers that nobody but a demo believes."""
        return msgspec.json.encode(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            InputError: kind ``bad_office``.
        """
        try:
            return msgspec.json.decode(content, type=cls)
        except msgspec.DecodeError as error:
            raise InputError("bad_office", "office", "expected the file of a demo's card office") from error


def _genuine(office: CardOffice, holder: Holder, _: date) -> CardImage:
    return personalise(holder, office.home)


def _no_copy_protection(office: CardOffice, holder: Holder, _: date) -> CardImage:
    return personalise(holder, office.home, Plan(chip_infos=ChipInfos.PACE_ONLY, active_key=None))


def _issuer_unknown(office: CardOffice, holder: Holder, _: date) -> CardImage:
    return personalise(holder, office.stranger)


def _no_chip(office: CardOffice, holder: Holder, today: date) -> CardImage:
    return replace(
        _genuine(office, holder, today), files={}, pace=(), can=None, behaviour=Behaviour(has_application=False)
    )


def _cloned(office: CardOffice, holder: Holder, today: date) -> CardImage:
    """Every file of a genuine card on a chip that has not its keys."""
    active, chip = office.copier
    return replace(_genuine(office, holder, today), active_key=active, chip_key=chip)


def _forged(office: CardOffice, holder: Holder, today: date) -> CardImage:
    """A genuine card's files with another person's name and sex in DG1, as a thief would want it."""
    genuine = _genuine(office, holder, today)
    zone = mrz.td1(replace(holder, name="Trần Văn Khác"), "VNM")
    return replace(genuine, files={**genuine.files, "DG1": data_group_1(zone)})


def _another_state(office: CardOffice, holder: Holder, _: date) -> CardImage:
    return personalise(holder, office.abroad, Plan(state="D<<"))


def _expired(office: CardOffice, holder: Holder, today: date) -> CardImage:
    past = today - _EXPIRED_FOR
    issued = min(holder.issued_on, past - timedelta(days=1000))
    return personalise(replace(holder, issued_on=issued, expires_on=past), office.home)


def _pulled_early(office: CardOffice, holder: Holder, today: date) -> CardImage:
    pulled = Behaviour(interference=Interference.REMOVED, after=PULLED_AFTER)
    return replace(_genuine(office, holder, today), behaviour=pulled)


def _throttled(office: CardOffice, holder: Holder, today: date) -> CardImage:
    """Somebody has guessed three times before."""
    return replace(_genuine(office, holder, today), behaviour=Behaviour(tries=3, tries_used=3))


_MAKERS: dict[CardProfile, Callable[[CardOffice, Holder, date], CardImage]] = {
    CardProfile.GENUINE: _genuine,
    CardProfile.NO_COPY_PROTECTION: _no_copy_protection,
    CardProfile.ISSUER_UNKNOWN: _issuer_unknown,
    CardProfile.NO_CHIP: _no_chip,
    CardProfile.CLONED: _cloned,
    CardProfile.FORGED: _forged,
    CardProfile.ANOTHER_STATE: _another_state,
    CardProfile.EXPIRED: _expired,
    CardProfile.PULLED_EARLY: _pulled_early,
    CardProfile.THROTTLED: _throttled,
}


def with_broken_signature(image: CardImage) -> CardImage:
    """The same card with the last bit of EF.SOD's signature turned."""
    content = image.files[EF_SOD]
    return replace(image, files={**image.files, EF_SOD: content[:-1] + bytes([content[-1] ^ 1])})
