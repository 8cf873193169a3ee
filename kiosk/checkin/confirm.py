"""From the masked name to a number: the one transaction that must never be lost or doubled."""

from collections.abc import Sequence

from kiosk.checkin.arrival import active_key, appointments_now, arrival, clinic_of, open_clinics, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.days import of_today
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.desk import same_number, send_to_case, send_to_desk
from kiosk.checkin.doubt import Presented, doubts_about
from kiosk.checkin.face_steps import end_enrolment, forgets, stage_after_name
from kiosk.checkin.lost_numbers import bring_back_own
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.checkin.withdraw import withdraw_here
from kiosk.errors import AlreadyCheckedIn, NotPossibleNow, RecordError
from kiosk.model.actor import Actor
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import AT_STATION, IN_QUEUE, CheckIn, Enrolment, Intent, Reason, Stage
from kiosk.model.clinic import Clinic
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance
from kiosk.ports.storage import Work

CLINICS_CLOSED = Resolution(reason=Reason.CLINIC_CLOSED)


def accept_name(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """The patient says "that is me": offer today's appointments, or show the number they already have.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    bring_back_own(services, check_in_id, by=by)
    with services.storage.read() as work:
        before = load(work, check_in_id, version=version, stages={Stage.IS_THIS_YOU})
        today = _of_today(services, work, before)
    held = [item for item in today if item.stage in IN_QUEUE]
    offered = _offered(services, before)
    taken = {item.appointment_id for item in today if item.stage in IN_QUEUE | {Stage.DONE}}
    still_open = tuple(appointment for appointment in offered if appointment.id not in taken)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.IS_THIS_YOU})
        if case := _to_case(services, work, check_in, by):
            return case
        if forgets(check_in):
            return _forget(services, work, check_in, by)
        if held and not still_open and not (check_in.another and open_clinics(services)):
            holder = load(work, _to_show(held).id, stages=IN_QUEUE)
            return same_number(services, work, check_in, holder, claim=check_in.claim, by=by)
        if not still_open and not open_clinics(services):
            return send_to_desk(services, work, check_in, why=CLINICS_CLOSED, claim=check_in.claim, by=by)
        stage = stage_after_name(services, work, check_in)
        return store(
            services, work, check_in, by=by, action="accept_name", stage=stage, offered=still_open, problem=None
        )


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
    """Give a number for one of the offered appointments; who waits at that clinic as a walk-in keeps the number.

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
    """Give a number as a walk-in, or for the appointment at that clinic, or show the one that the patient has there.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    bring_back_own(services, check_in_id, by=by)
    with services.storage.read() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.CHOOSING})
        held = [item for item in _of_today(services, work, check_in) if item.stage in IN_QUEUE]
    booked = [item for item in check_in.offered if (at := clinic_of(services, item)) and at.id == clinic_id]
    appointment = min(booked, key=lambda item: item.start, default=None)
    there = next((item for item in held if item.clinic_id == clinic_id), None)
    if there:
        return _show_number_of(services, check_in, there.id, appointment, by)
    clinic = next((clinic for clinic in open_clinics(services) if clinic.id == clinic_id), None)
    if clinic is None:
        raise NotPossibleNow("the clinic takes nobody now")
    return _arrive(services, check_in, clinic, appointment, by)


def _to_show(held: Sequence[CheckIn]) -> CheckIn:
    """Of several numbers the one that was called, else the newest."""
    return max(held, key=lambda item: (item.stage is Stage.CALLED, item.started_at))


def _forget(services: Services, work: Work, check_in: CheckIn, by: Actor) -> CheckIn:
    """Whose face is meant cannot be known while the record does not answer: a person sees to it."""
    if check_in.patient is None:
        why = Resolution(reason=Reason.ASKED_FOR_HELP)
        return send_to_desk(services, work, check_in, why=why, claim=check_in.claim, by=by)
    return withdraw_here(services, work, check_in, by=by)


def _to_case(services: Services, work: Work, check_in: CheckIn, by: Actor) -> CheckIn | None:
    """Doubt that arose elsewhere since the code was shown, or about another number of the same patient."""
    doubts = doubts_about(services, work, check_in.claim, check_in.patient).besides_chip_of(check_in.id)
    if not doubts.stands:
        return None
    return send_to_case(services, work, check_in, Presented(check_in.claim, check_in.patient), by=by)


def _arrive(
    services: Services, check_in: CheckIn, clinic: Clinic, appointment: Appointment | None, by: Actor
) -> CheckIn:
    try:
        with services.write() as work:
            present = load(work, check_in.id, version=check_in.version, stages={Stage.CHOOSING})
            if case := _to_case(services, work, present, by):
                return case
            fields = arrival(services, work, present, clinic, appointment)
            refuse_second(
                work, present, day=fields["day"], clinic_id=clinic.id, appointment_id=fields["appointment_id"]
            )
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
        return _show_number_of(services, check_in, error.check_in_id, appointment, by)


def _show_number_of(
    services: Services, check_in: CheckIn, holder_id: str, appointment: Appointment | None, by: Actor
) -> CheckIn:
    with services.write() as work:
        present = load(work, check_in.id, version=check_in.version, stages={Stage.CHOOSING})
        holder = load(work, holder_id, stages=IN_QUEUE)
        if appointment and holder.appointment_id is None:
            holder = _take_appointment(services, work, holder, appointment, by)
        return same_number(services, work, present, holder, claim=present.claim, by=by)


def _take_appointment(services: Services, work: Work, holder: CheckIn, appointment: Appointment, by: Actor) -> CheckIn:
    """A walk-in turns out to have an appointment there: the number stays, and the record learns of it."""
    taken = store(
        services,
        work,
        holder,
        by=by,
        action="take_appointment",
        appointment_id=appointment.id,
        appointment_at=appointment.start,
        visit_reason=appointment.reason,
        active_key=active_key(holder, holder.clinic_id or "", appointment.id),
    )
    queue_deliveries(work, taken, due=services.clock.now())
    return taken


def _of_today(services: Services, work: Work, check_in: CheckIn) -> Sequence[CheckIn]:
    """What this patient has done here today."""
    if check_in.patient is None:
        return ()
    return of_today(services, work, check_in.patient.id)


def _offered(services: Services, check_in: CheckIn) -> tuple[Appointment, ...]:
    """Those that are still to come or were said already; none when the record does not answer."""
    if check_in.patient is None:
        return ()
    try:
        appointments = appointments_now(services, check_in.patient.id)
    except RecordError:
        return ()
    return tuple(appointment for appointment in appointments if appointment.status in {"booked", "arrived"})
