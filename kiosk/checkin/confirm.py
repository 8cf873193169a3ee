"""From the masked name to a number: the one transaction that must never be lost or doubled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from kiosk.checkin.change import load, store
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.desk import same_number, send_to_desk
from kiosk.checkin.face_steps import end_enrolment, forgets, stage_after_name
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.checkin.withdraw import withdraw_here
from kiosk.errors import AlreadyCheckedIn, NotPossibleNow, RecordError
from kiosk.model.actor import Actor
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import AT_STATION, IN_QUEUE, CheckIn, Enrolment, Intent, Reason, Stage
from kiosk.model.clinic import Clinic
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance, PartialDate
from kiosk.model.queue import Priority, Ticket
from kiosk.ports.storage import Work

UNDER, FROM = 6, 75
"""Ages of the two priority classes that a birth date shows (law 15/2023/QH15, article 3 (2))."""


CLINICS_CLOSED = Resolution(reason=Reason.CLINIC_CLOSED)


def accept_name(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """The patient says "that is me": offer today's appointments, or show the number they already have.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.storage.read() as work:
        before = load(work, check_in_id, version=version, stages={Stage.IS_THIS_YOU})
        today = _of_today(services, work, before)
    held = [item for item in today if item.stage in IN_QUEUE]
    offered = _offered(services, before)
    taken = {item.appointment_id for item in today if item.stage in IN_QUEUE | {Stage.DONE}}
    still_open = tuple(appointment for appointment in offered if appointment.id not in taken)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.IS_THIS_YOU})
        if forgets(check_in):
            return _forget(services, work, check_in, by)
        if held and not still_open:
            holder = load(work, held[-1].id, stages=IN_QUEUE)
            return same_number(services, work, check_in, holder, claim=check_in.claim, by=by)
        if not still_open and not open_clinics(services):
            return send_to_desk(services, work, check_in, why=CLINICS_CLOSED, claim=check_in.claim, by=by)
        stage = stage_after_name(services, work, check_in)
        return store(services, work, check_in, by=by, action="accept_name", stage=stage, offered=still_open)


def reject_name(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """The patient says "not me", or goes back: the claim is dropped, failures stay counted.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=AT_STATION)
        if check_in.intent is Intent.KEEP_FACE:
            return end_enrolment(services, work, check_in, Enrolment.DECLINED, by=by)
        if check_in.chip:
            work.portraits.drop(check_in.id)
        work.cards.drop(check_in.id)
        work.face_attempts.drop_state(check_in.id)
        return store(
            services,
            work,
            check_in,
            by=by,
            action="reject_name",
            stage=Stage.STARTED,
            claim=None,
            patient=None,
            candidate=None,
            face=None,
            face_consent=None,
            enrolment=Enrolment.NOT_ASKED,
            chip=None,
            card_expires_on=None,
            assurance=Assurance.CLAIMED,
            offered=(),
            unresolved=False,
            problem=None,
            misses=0 if check_in.by_face else check_in.misses,
        )


def choose_appointment(
    services: Services, check_in_id: str, *, version: int, appointment_id: str, by: Actor
) -> CheckIn:
    """Give a number for one of the offered appointments.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.storage.read() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.CHOOSING})
    chosen = next((item for item in check_in.offered if item.id == appointment_id), None)
    clinic = clinic_of(services, chosen) if chosen else None
    if chosen is None or clinic is None:
        raise NotPossibleNow("not one of the offered appointments")
    return _arrive(services, check_in, clinic, chosen, by)


def choose_clinic(services: Services, check_in_id: str, *, version: int, clinic_id: str, by: Actor) -> CheckIn:
    """Give a number as a walk-in, or show the one that the patient has at that clinic.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.storage.read() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.CHOOSING})
        held = [item for item in _of_today(services, work, check_in) if item.stage in IN_QUEUE]
    there = next((item for item in held if item.clinic_id == clinic_id), None)
    if there:
        return _show_number_of(services, check_in, there.id, by)
    clinic = next((clinic for clinic in open_clinics(services) if clinic.id == clinic_id), None)
    if clinic is None:
        raise NotPossibleNow("the clinic takes nobody now")
    return _arrive(services, check_in, clinic, None, by)


def _forget(services: Services, work: Work, check_in: CheckIn, by: Actor) -> CheckIn:
    """Whose face is meant cannot be known while the record does not answer: a person sees to it."""
    if check_in.patient is None:
        why = Resolution(reason=Reason.ASKED_FOR_HELP)
        return send_to_desk(services, work, check_in, why=why, claim=check_in.claim, by=by)
    return withdraw_here(services, work, check_in, by=by)


def open_clinics(services: Services) -> list[Clinic]:
    """Those that take walk-ins at this hour."""
    now = services.clock.to_hospital(services.clock.now()).time()
    return [clinic for clinic in services.clinics.values() if clinic.opens <= now <= clinic.closes]


def clinic_of(services: Services, appointment: Appointment) -> Clinic | None:
    """The clinic that an appointment's participants name."""
    return next((clinic for clinic in services.clinics.values() if clinic.reference in appointment.places), None)


def appointment_at(services: Services, patient_id: str, check_in: CheckIn, clinic_id: str) -> Appointment | None:
    """Today's booked appointment at that clinic, when there is exactly one.

    Raises:
        RecordUnreachable: the record does not answer.
    """
    booked = [
        item
        for item in services.record.appointments(patient_id, check_in.day)
        if item.status == "booked" and (clinic := clinic_of(services, item)) and clinic.id == clinic_id
    ]
    return booked[0] if len(booked) == 1 else None


def active_key(check_in: CheckIn, clinic_id: str, appointment_id: str | None) -> str:
    """What only one active check-in may hold: patient and appointment, or patient, clinic and day."""
    if check_in.patient and appointment_id:
        return f"appointment:{check_in.patient.id}:{appointment_id}"
    if check_in.patient:
        return f"walk-in:{check_in.patient.id}:{clinic_id}:{check_in.day}"
    if check_in.claim:
        return f"claim:{check_in.claim.identifier.system}|{check_in.claim.identifier.value}:{clinic_id}:{check_in.day}"
    raise NotPossibleNow("nobody is claimed")


def arrival(
    services: Services, work: Work, check_in: CheckIn, clinic: Clinic, appointment: Appointment | None
) -> dict[str, Any]:
    """The fields of an arrival, with its number drawn in the caller's transaction.

    Who has a number of this clinic already keeps it, and the time of arrival. The day is that of the arrival: whoever
    began just before midnight waits among those of the new day.
    """
    check_in = replace(check_in, day=services.clock.today())
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
        "disagrees": (),
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


def _arrive(
    services: Services, check_in: CheckIn, clinic: Clinic, appointment: Appointment | None, by: Actor
) -> CheckIn:
    try:
        with services.write() as work:
            present = load(work, check_in.id, version=check_in.version, stages={Stage.CHOOSING})
            fields = arrival(services, work, present, clinic, appointment)
            arrived = store(
                services,
                work,
                present,
                by=by,
                action="confirm",
                event=EventKind.ARRIVED,
                detail={"clinic": clinic.id, "number": str(fields["ticket"].number)},
                **fields,
            )
            queue_deliveries(work, arrived, due=services.clock.now())
            if services.faces and arrived.patient:
                work.faces.seen(arrived.patient.id, services.clock.now())
            return arrived
    except AlreadyCheckedIn as error:
        return _show_number_of(services, check_in, error.check_in_id, by)


def _show_number_of(services: Services, check_in: CheckIn, holder_id: str, by: Actor) -> CheckIn:
    with services.write() as work:
        present = load(work, check_in.id, version=check_in.version, stages={Stage.CHOOSING})
        holder = load(work, holder_id, stages=IN_QUEUE)
        return same_number(services, work, present, holder, claim=present.claim, by=by)


def _of_today(services: Services, work: Work, check_in: CheckIn) -> Sequence[CheckIn]:
    """What this patient has done here today."""
    if check_in.patient is None:
        return ()
    return work.check_ins.of_patient(check_in.patient.id, services.clock.today())


def _offered(services: Services, check_in: CheckIn) -> tuple[Appointment, ...]:
    """Today's appointments at clinics of this hospital; none when the record does not answer."""
    if check_in.patient is None:
        return ()
    try:
        appointments = services.record.appointments(check_in.patient.id, services.clock.today())
    except RecordError:
        return ()
    return tuple(
        appointment
        for appointment in appointments
        if appointment.status in {"booked", "arrived"} and clinic_of(services, appointment)
    )
