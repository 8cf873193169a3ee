"""Who makes the chip cards of the demo, kept beside its hospital: a patient's card stays the same from day to day."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from kiosk.demo.hospital import InventedPatient
from kiosk.errors import NotFound
from kiosk.hardware.simulated.citizen_card.holder import Holder, expiry_by_law
from kiosk.hardware.simulated.citizen_card.image import to_bytes
from kiosk.hardware.simulated.citizen_card.profiles import CardOffice, CardProfile
from kiosk.whole_files import write_whole

PROFILES: Sequence[str] = tuple(profile.value for profile in CardProfile)
OFFICE_FILE = "card-office.json"
ANCHOR_FILE = "VNM-ID-demo.cer"


def prepare_office(folder: Path, trust: Path) -> None:
    """Make the office's keys once, and pin its authority.

    Args:
        folder: of the demo's cards.
        trust: of the demo's anchors.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / OFFICE_FILE).exists():
        write_whole(folder / OFFICE_FILE, msgspec.json.encode(CardOffice()))
    if not (trust / ANCHOR_FILE).exists():
        trust.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(trust / ANCHOR_FILE, _office(folder).home.authority.certificate)


def chip_card(folder: Path, patient: InventedPatient, profile: str, today: date) -> bytes:
    """The file of a patient's card of this kind, made when it is asked for first.

    Raises:
        NotFound: no such kind, or the patient has no citizen card.
    """
    if profile not in PROFILES:
        raise NotFound(f"no card of the kind {profile}")
    file = folder / f"{patient.id}-{profile}.json"
    if not file.exists():
        write_whole(file, to_bytes(_office(folder).make(CardProfile(profile), holder_of(patient), today)))
    return file.read_bytes()


def holder_of(patient: InventedPatient) -> Holder:
    """Whom a card is made for; the same words as in the QR of the card.

    Raises:
        NotFound: the patient has no citizen card.
    """
    card = patient.citizen_card
    if card is None or patient.citizen_id is None:
        raise NotFound(f"{patient.id} has no citizen card")
    born = patient.card_birth_date or patient.birth_date
    return Holder(
        number=patient.citizen_id,
        name=patient.card_name or patient.name,
        birth_date=born,
        sex=patient.sex,
        residence=patient.address,
        issued_on=card.issued_on,
        expires_on=expiry_by_law(born, card.issued_on),
        old_number=patient.old_id,
    )


def _office(folder: Path) -> CardOffice:
    return msgspec.json.decode((folder / OFFICE_FILE).read_bytes(), type=CardOffice)
