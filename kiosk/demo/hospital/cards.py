"""What the codes on the invented patients' cards say, in the layouts of the real ones."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kiosk.demo.hospital.people import Insurance, InventedPatient
from kiosk.errors import InputError
from kiosk.model.identity import PartialDate, Sex

CodeKind = Literal["qr", "code128"]
CardKind = Literal["citizen", "insurance", "hospital_code"]


@dataclass(frozen=True, slots=True)
class Card:
    """Something a patient can hold up: its payload and the kind of code it is printed as."""

    kind: CardKind
    payload: str
    code: CodeKind


def cards_of(patient: InventedPatient) -> tuple[Card, ...]:
    """All that this patient carries; everybody has a slip with the hospital's own code."""
    cards = [Card("hospital_code", hospital_code(patient), "code128")]
    if patient.insurance and patient.insurance.card:
        cards.insert(0, Card("insurance", insurance_qr(patient), "qr"))
    if patient.citizen_card:
        cards.insert(0, Card("citizen", citizen_qr(patient), "qr"))
    return tuple(cards)


def citizen_qr(patient: InventedPatient, form: Literal[2021, 2024] | None = None) -> str:
    """The QR of a citizen card: 7 fields in 2021, 11 since 2024, the last four empty.

    Args:
        patient: the holder.
        form: that of the patient's own card if None.

    Raises:
        InputError: kind ``no_card``.
    """
    card = patient.citizen_card
    if card is None or patient.citizen_id is None:
        raise InputError("no_card", "citizen_card", f"{patient.id} has no citizen card")
    fields = [
        patient.citizen_id,
        patient.old_id or "",
        patient.card_name or patient.name,
        _digits(patient.card_birth_date or patient.birth_date),
        "Nam" if patient.sex is Sex.MALE else "Nữ",
        patient.address,
        card.issued_on.strftime("%d%m%Y"),
    ]
    return "|".join(fields + [""] * (4 if (form or card.form) == 2024 else 0))


def insurance_qr(patient: InventedPatient, form: Literal["old", "new"] | None = None) -> str:
    """The QR of an insurance card: 15 parts in the old form, 17 in the new one, texts as hex of UTF-8.

    Args:
        patient: the holder.
        form: that of the patient's own card if None.

    Raises:
        InputError: kind ``no_card``.
    """
    insurance = patient.insurance
    shape = form or (insurance and insurance.card)
    if insurance is None or shape is None:
        raise InputError("no_card", "insurance", f"{patient.id} has no insurance card")
    old = shape == "old"
    parts = [
        insurance.prefix + insurance.number if old else insurance.number,
        _hex(patient.card_name or patient.name),
        slashed_date(patient.card_birth_date or patient.birth_date),
        "1" if patient.sex is Sex.MALE else "2",
        _hex(patient.address) if old else "-",
        insurance.facility,
        f"{insurance.valid_from:%d/%m/%Y}",
        f"{insurance.valid_to:%d/%m/%Y}" if insurance.valid_to else "-",
        f"{insurance.valid_from:%d/%m/%Y}",
        f"{insurance.prefix[3:]}01{insurance.number}",
        _hex(insurance.guardian) if insurance.guardian else "-",
        "4",
        f" {_five_years_on(insurance):%d/%m/%Y}",
        _check_string(insurance, "7102" if old else "1202"),
    ]
    new_parts = [] if old else [insurance.prefix[2], _hex(f"Bảo hiểm xã hội {patient.province}")]
    return "|".join([*parts, *new_parts, "$"])


def hospital_code(patient: InventedPatient) -> str:
    """The hospital's own code: ``BN`` and six digits."""
    return patient.hospital_code


def _five_years_on(insurance: Insurance) -> date:
    return insurance.valid_from.replace(year=insurance.valid_from.year + 3, day=1)


def _check_string(insurance: Insurance, suffix: str) -> str:
    """Only its shape is real: nobody outside the insurer can compute it."""
    return f"{hashlib.sha256(insurance.number.encode()).hexdigest()[:16]}-{suffix}"


def _hex(text: str) -> str:
    return text.encode("utf-8").hex()


def _digits(born: PartialDate) -> str:
    """``ddmmyyyy``, with zeros for what is unknown."""
    return f"{born.day or 0:02}{born.month or 0:02}{born.year:04}"


def slashed_date(born: PartialDate) -> str:
    """``dd/mm/yyyy``, with zeros for an unknown day; the year alone where nothing else is known."""
    return f"{born.day or 0:02}/{born.month:02}/{born.year:04}" if born.month else f"{born.year:04}"
