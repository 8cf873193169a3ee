"""The clinics of the invented hospital as the settings describe them, and its staff."""

from dataclasses import dataclass
from datetime import time

from kiosk.demo.hospital.tables import load_tables
from kiosk.model.staff import Role
from kiosk.settings.sections import ClinicSettings, HospitalSettings


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody who signs in; the supervisor draws the password."""

    sign_in_name: str
    shown_name: str
    role: Role
    clinics: tuple[str, ...] = ()


def demo_hospital() -> HospitalSettings:
    """`[hospital]` of the demo."""
    hospital = load_tables().clinics.hospital
    return HospitalSettings(name=hospital.name, name_en=hospital.name_en)


def demo_clinics() -> tuple[ClinicSettings, ...]:
    """`[[clinics]]` of the demo: open all day, so that it works at any hour."""
    return tuple(
        ClinicSettings(
            id=clinic.id,
            name=clinic.name,
            name_en=clinic.name_en,
            room=clinic.room,
            reference=f"Location/{clinic.id}",
            opens=time(0, 0),
            closes=time(23, 59),
            discreet=clinic.discreet,
        )
        for clinic in load_tables().clinics.clinics
    )


def demo_staff() -> tuple[DemoAccount, ...]:
    """Who works there: one account for each role."""
    every_clinic = tuple(clinic.id for clinic in load_tables().clinics.clinics)
    return (
        DemoAccount("letan", "Quầy tiếp đón", Role.RECEPTION),
        DemoAccount("bacsi", "BS. Vũ Thị Diệu Linh", Role.DOCTOR, ("noi-tiet", "tim-mach")),
        DemoAccount("manhinh", "Màn hình sảnh chờ", Role.DISPLAY, every_clinic),
        DemoAccount("quantri", "Quản trị hệ thống", Role.ADMINISTRATOR),
    )
