"""Reception decides what the kiosk may not."""

from collections.abc import Sequence
from dataclasses import replace

from kiosk.checkin import help_patient
from kiosk.checkin.arrival import appointment_at, arrival, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.lost_numbers import bring_back
from kiosk.checkin.move import clinic_named
from kiosk.checkin.paper import note_paper
from kiosk.checkin.services import Services
from kiosk.errors import NotPossibleNow
from kiosk.identify.codes.recognise import recognise_claim
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, IN_QUEUE, CheckIn, Stage
from kiosk.model.events import EventKind
from kiosk.model.identity import Patient
from kiosk.model.queue import PrintState, Priority

help_given = help_patient.given

ATTACHABLE = AT_STATION | IN_QUEUE | {Stage.RECEPTION}


def may_attach(check_in: CheckIn) -> bool:
    """Whether reception can still say who this is: a clinic has not got somebody attached."""
    return check_in.stage in ATTACHABLE and not (check_in.patient and check_in.stage in IN_QUEUE)


def find_patients(services: Services, *, payload: str, by: Actor) -> Sequence[Patient]:
    """Who has this number or code; the look-up is audited before anything is returned.

    Raises:
        InputError: not a code or number that kiosk knows.
        RecordUnreachable: the record does not answer.
    """
    claim = recognise_claim(payload, services.hospital_code_pattern, typed=True)
    found = services.record.find_patients(claim.identifier)
    with services.write() as work:
        for patient in found:
            work.audit.add(services.clock.now(), by, "find_patient", f"Patient/{patient.id}", {})
    return found


def attach(
    services: Services, check_in_id: str, *, version: int, patient_id: str, clinic_id: str, by: Actor
) -> CheckIn:
    """Reception says who this is and where they go; the level stays `claimed`.

    A number that the clinic gave already is kept; who was called there stays called, who was absent waits again.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
        AlreadyCheckedIn: the patient has a number for this.
        RecordUnreachable: the record does not answer.
    """
    clinic = clinic_named(services, clinic_id)
    patient = services.record.patient(patient_id)
    if patient.deceased or not patient.active:
        raise NotPossibleNow("the record says that this patient is deceased or merged")
    with services.storage.read() as work:
        before = load(work, check_in_id, version=version, stages=ATTACHABLE)
    bring_back(services, by=by, patient_id=patient.id)
    appointment = appointment_at(services, patient.id, before, clinic_id)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=ATTACHABLE)
        if not may_attach(check_in):
            raise NotPossibleNow("somebody is attached; cancel first")
        named = replace(check_in, patient=patient)
        fields = arrival(services, work, named, clinic, appointment)
        refuse_second(work, named, day=fields["day"], clinic_id=clinic_id, appointment_id=fields["appointment_id"])
        if check_in.stage is Stage.CALLED and check_in.clinic_id == clinic_id:
            fields |= {"stage": Stage.CALLED, "called_at": check_in.called_at}
        attached = store(
            services,
            work,
            check_in,
            by=by,
            action="attach",
            event=EventKind.ARRIVED,
            detail={"patient": patient.id, "clinic": clinic_id},
            patient=patient,
            unresolved=False,
            help_reason=None,
            help_since=None,
            ended_at=None,
            **fields,
        )
        queue_deliveries(work, attached, due=services.clock.now())
        return attached


def declare_priority(
    services: Services, check_in_id: str, *, version: int, priority: Priority | None, by: Actor
) -> CheckIn:
    """Set or take back a priority class; the law's classes that no birth date shows are confirmed by staff.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=IN_QUEUE | {Stage.RECEPTION})
        return store(
            services,
            work,
            check_in,
            by=by,
            action="priority",
            detail={"priority": priority or "none"},
            priority=priority,
            priority_confirmed_by=str(by) if priority else None,
        )


def reprint(services: Services, check_in_id: str, *, by: Actor) -> CheckIn:
    """Note that the ticket is to be printed again; the caller sends the command to the station.

    Raises:
        NotPossibleNow: there is no number yet.
        NotFound: no such check-in.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, stages=IN_QUEUE | {Stage.RECEPTION})
        note_paper(services, work, check_in, PrintState.ASKED, action="reprint", by=by)
        return check_in
