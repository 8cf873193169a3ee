"""Patients with a situation of their own, with ids and numbers that stay the same in every invented hospital."""

import tomllib
from collections.abc import Mapping
from datetime import date, time, timedelta
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from kiosk.demo.hospital.people import CitizenCard, Insurance, InventedAppointment, InventedPatient
from kiosk.model.identity import PartialDate, Sex


class PlantedAllergy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An allergy that is recorded."""

    substance: str
    reaction: str
    severe: bool


class _Appointment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    clinic: str
    at: time
    reason: str
    days: int = 0
    status: Literal["booked", "cancelled"] = "booked"


class _Insurance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: str
    prefix: str
    recorded: Literal[10, 15]
    card: Literal["old", "new"] | None = None
    guardian: str | None = None


class PlantedPatient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `planted.toml`.

    Attributes:
        key: how tests and the demo's documentation call the situation.
        situation: what is special, in a few words.
        born: FHIR date; `born_days` before the hospital's day for a child.
        problems: ICD-10 codes of the active ones.
    """

    key: str
    situation: str
    id: str
    name: str
    sex: Sex
    hospital_code: str
    problems: tuple[str, ...]
    allergy: PlantedAllergy | Literal["none_known", "not_recorded"]
    born: str = ""
    born_days: int = 0
    card_name: str | None = None
    card_born: str | None = None
    citizen_id: str | None = None
    old_id: str | None = None
    citizen_card: CitizenCard | None = None
    insurance: _Insurance | None = None
    appointments: tuple[_Appointment, ...] = ()
    active: bool = True
    deceased_days: int = 0
    replaced_by: str | None = None
    birth_order: int | None = None

    def on(self, day: date, number: int) -> InventedPatient:
        """The person as the hospital of that day knows them; `number` counts the planted, from 1."""
        return InventedPatient(
            id=self.id,
            name=self.name,
            sex=self.sex,
            birth_date=self._birth_date(day),
            address=f"Số {number} Phố Thử Nghiệm, Phường Minh Khai, Hà Nội",
            province="Hà Nội",
            phone=f"0600 900 {number:03}",
            hospital_code=self.hospital_code,
            citizen_id=self.citizen_id,
            old_id=self.old_id,
            citizen_card=self.citizen_card,
            insurance=_insured(self.insurance, day) if self.insurance else None,
            appointments=tuple(self._appointments()),
            card_name=self.card_name,
            card_birth_date=PartialDate.from_iso(self.card_born) if self.card_born else None,
            active=self.active,
            deceased_on=day - timedelta(days=self.deceased_days) if self.deceased_days else None,
            replaced_by=self.replaced_by,
            birth_order=self.birth_order,
        )

    def _birth_date(self, day: date) -> PartialDate:
        return PartialDate.from_iso(self.born or (day - timedelta(days=self.born_days)).isoformat())

    def _appointments(self) -> list[InventedAppointment]:
        return [
            InventedAppointment(
                id=f"{self.id}-hen-{number}",
                clinic_id=row.clinic,
                at=row.at,
                reason=row.reason,
                days=row.days,
                status=row.status,
            )
            for number, row in enumerate(self.appointments, 1)
        ]


def _insured(row: _Insurance, day: date) -> Insurance:
    return Insurance(
        number=row.number,
        prefix=row.prefix,
        recorded=row.recorded,
        card=row.card,
        guardian=row.guardian,
        facility="01 - 999",
        valid_from=date(day.year, 1, 1),
        valid_to=date(day.year, 12, 31),
    )


def _load() -> Mapping[str, PlantedPatient]:
    text = (files(__package__) / "data" / "planted.toml").read_text(encoding="utf-8")
    rows = msgspec.convert(tomllib.loads(text)["planted"], type=tuple[PlantedPatient, ...])
    return MappingProxyType({row.key: row for row in rows})


PLANTED = _load()
"""Every planted patient by key."""


def planted_patients(day: date) -> list[InventedPatient]:
    """All of them, in the order of the table."""
    return [row.on(day, number) for number, row in enumerate(PLANTED.values(), 1)]
