"""What an arrival at a clinic is: its fields, its number, and what only one active check-in may hold."""

from dataclasses import replace
from datetime import date
from typing import Any

from kiosk.checkin.days import A_DAY, clinic_day, is_open
from kiosk.checkin.services import Services
from kiosk.errors import AlreadyCheckedIn
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import IN_QUEUE, CheckIn, Stage
from kiosk.model.clinic import Clinic
from kiosk.model.identity import PartialDate
from kiosk.model.queue import Priority, Ticket
from kiosk.ports.storage import Work

UNDER, FROM = 6, 75
"""Ages of the two priority classes that a birth date shows (law 15/2023/QH15, article 3 (2))."""


def open_clinics(services: Services) -> list[Clinic]:
    """Those that take walk-ins at this hour."""
    return [clinic for clinic in services.clinics.values() if is_open(services, clinic)]


def clinic_of(services: Services, appointment: Appointment) -> Clinic | None:
    """The clinic that an appointment's participants name."""
    return next((clinic for clinic in services.clinics.values() if clinic.reference in appointment.places), None)


def appointments_now(services: Services, patient_id: str) -> list[Appointment]:
    """The patient's at clinics of this hospital, each in the day in which its clinic is now.

    Raises:
        RecordUnreachable, RecordRefused: see the port.
    """
    now = {clinic.id: clinic_day(services, clinic.id) for clinic in services.clinics.values()}
    overnight = [clinic for clinic in services.clinics.values() if clinic.is_over_midnight]
    days = {*now.values(), *(now[clinic.id] + A_DAY for clinic in overnight)} or {services.clock.today()}
    found = [(day, item) for day in sorted(days) for item in services.record.appointments(patient_id, day)]
    at_clinics = [(day, item, clinic) for day, item in found if (clinic := clinic_of(services, item))]
    return [item for day, item, clinic in at_clinics if _opened_on(services, clinic, item, day) == now[clinic.id]]


def appointment_at(services: Services, patient_id: str, check_in: CheckIn, clinic_id: str) -> Appointment | None:
    """The booked appointment at that clinic, when there is exactly one.

    It is looked for in the check-in's day there; where it waits elsewhere, in the day in which the clinic is now.

    Raises:
        RecordUnreachable: the record does not answer.
    """
    clinic = services.clinics.get(clinic_id)
    if clinic is None:
        return None
    wanted = check_in.day if check_in.clinic_id == clinic_id else clinic_day(services, clinic_id)
    days = [wanted, wanted + A_DAY] if clinic.is_over_midnight else [wanted]
    booked = [
        item
        for day in days
        for item in services.record.appointments(patient_id, day)
        if item.status == "booked"
        and clinic_of(services, item) == clinic
        and _opened_on(services, clinic, item, day) == wanted
    ]
    return booked[0] if len(booked) == 1 else None


def _opened_on(services: Services, clinic: Clinic, appointment: Appointment, day: date) -> date:
    """The day in which the clinic opened for an appointment of that calendar day."""
    start = services.clock.to_hospital(appointment.start).time()
    return day - A_DAY if clinic.goes_on_at(start) else day


def active_key(check_in: CheckIn, clinic_id: str, appointment_id: str | None) -> str:
    """What only one active check-in may hold: patient and appointment, or patient, clinic and day.

    Who showed nothing, and is given a number by reception, holds a place of their own.
    """
    if check_in.patient and appointment_id:
        return f"appointment:{check_in.patient.id}:{appointment_id}"
    if check_in.patient:
        return f"walk-in:{check_in.patient.id}:{clinic_id}:{check_in.day}"
    if check_in.claim:
        return f"claim:{check_in.claim.identifier.system}|{check_in.claim.identifier.value}:{clinic_id}:{check_in.day}"
    return f"nobody:{check_in.id}"


def refuse_second(work: Work, check_in: CheckIn, *, day: date, clinic_id: str, appointment_id: str | None) -> None:
    """A walk-in beside any other number of this patient at the clinic, or beside a walk-in, would be a second number.

    Called after the number is drawn: until the end of the transaction nobody else draws one of this clinic.

    Raises:
        AlreadyCheckedIn: names who holds the number.
    """
    if check_in.patient is None:
        return
    for other in work.check_ins.of_patient(check_in.patient.id, day):
        waits_there = other.id != check_in.id and other.stage in IN_QUEUE and other.clinic_id == clinic_id
        if waits_there and None in (appointment_id, other.appointment_id):
            raise AlreadyCheckedIn(other.id)


def arrival(
    services: Services, work: Work, check_in: CheckIn, clinic: Clinic, appointment: Appointment | None
) -> dict[str, Any]:
    """The fields of an arrival, with its number drawn in the caller's transaction.

    Who has a number of this clinic already keeps it, and the time of arrival. The day is the clinic's at the arrival:
    whoever began just before midnight waits among those of the new day, unless the clinic is open over midnight.
    """
    check_in = replace(check_in, day=clinic_day(services, clinic.id))
    ticket = check_in.ticket
    if ticket is None or (ticket.clinic_id, ticket.day) != (clinic.id, check_in.day):
        ticket = Ticket(clinic.id, check_in.day, work.counters.next_number(clinic.id, check_in.day))
    return {
        "stage": Stage.ARRIVED,
        "day": check_in.day,
        "ticket": ticket,
        "room": clinic.room,
        "appointment_id": appointment.id if appointment else None,
        "appointment_at": appointment.start if appointment else None,
        "visit_reason": appointment.reason if appointment else None,
        "arrived_at": check_in.arrived_at or services.clock.now(),
        "called_at": None,
        "active_key": active_key(check_in, clinic.id, appointment.id if appointment else None),
        "priority": check_in.priority or priority_by_age(birth_date_of(check_in), check_in.day),
        "offered": (),
        "reason": None,
    }


def birth_date_of(check_in: CheckIn) -> PartialDate | None:
    """Of the record, otherwise as claimed."""
    if check_in.patient:
        return check_in.patient.birth_date
    return check_in.claim.birth_date if check_in.claim else None


def priority_by_age(born: PartialDate | None, today: date) -> Priority | None:
    """The class that a birth date shows; an unknown day or month counts as the end of the year."""
    if born is None:
        return None
    birthday = (born.month or 12, born.day or 31)
    age = today.year - born.year - ((today.month, today.day) < birthday)
    if age < UNDER:
        return Priority.UNDER_6
    return Priority.AGED_75 if age >= FROM else None
