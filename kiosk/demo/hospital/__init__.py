"""The invented hospital: people who never lived, with cards, appointments and medical records that fit them."""

from kiosk.demo.hospital.build import Hospital, build_hospital, load_hospital, move_to_day
from kiosk.demo.hospital.cards import Card, cards_of, citizen_qr, hospital_code, insurance_qr
from kiosk.demo.hospital.clinics import DemoAccount, demo_clinics, demo_hospital, demo_staff
from kiosk.demo.hospital.people import CitizenCard, Insurance, InventedAppointment, InventedPatient
from kiosk.demo.hospital.planted import PLANTED, PlantedPatient
from kiosk.demo.hospital.thin import write_thin

__all__ = [
    "PLANTED",
    "Card",
    "CitizenCard",
    "DemoAccount",
    "Hospital",
    "Insurance",
    "InventedAppointment",
    "InventedPatient",
    "PlantedPatient",
    "build_hospital",
    "cards_of",
    "citizen_qr",
    "demo_clinics",
    "demo_hospital",
    "demo_staff",
    "hospital_code",
    "insurance_qr",
    "load_hospital",
    "move_to_day",
    "write_thin",
]
