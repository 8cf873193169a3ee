"""Reception says who somebody is, beside what was shown; or gives a number without saying who."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kiosk.checkin.arrival import appointment_at, arrival, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.compare import differences
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.desk import nameless_key
from kiosk.checkin.lost_numbers import bring_back
from kiosk.checkin.move import clinic_named
from kiosk.checkin.services import Services
from kiosk.checkin.undo import keep_for_undo
from kiosk.errors import NotFound, NotPossibleNow
from kiosk.identify.codes.recognise import recognise_claim
from kiosk.model.actor import Actor
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import AT_STATION, IN_QUEUE, CheckIn, Stage
from kiosk.model.clinic import Clinic
from kiosk.model.correction import AttachReason
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance, Patient
from kiosk.ports.storage import Work

ATTACHABLE = AT_STATION | IN_QUEUE | {Stage.RECEPTION}
NUMBERED_WITHOUT = AT_STATION | {Stage.RECEPTION}
FOUND_LATELY = timedelta(minutes=10)
"""Whoever was found longer ago is looked for again: the case, or the desk, may be another one by now."""


def may_attach(check_in: CheckIn) -> bool:
    """Whether reception can still say who this is: a clinic has not got somebody attached."""
    return check_in.stage in ATTACHABLE and not (check_in.patient and check_in.stage in IN_QUEUE)


def find_patients(services: Services, check_in_id: str, *, payload: str, by: Actor) -> Sequence[Patient]:
    """Who has this number or code; the look-up is audited, and noted with the case, before anything is returned.

    Raises:
        InputError: not a code or number that kiosk knows.
        NotFound: no such check-in.
        RecordUnreachable: the record does not answer.
    """
    claim = recognise_claim(payload, services.hospital_code_pattern, typed=True)
    found = services.record.find_patients(claim.identifier)
    now = services.clock.now()
    with services.write() as work:
        load(work, check_in_id)
        for patient in found:
            work.found.put(check_in_id, str(by), patient.id, now)
            work.audit.add(now, by, "find_patient", f"Patient/{patient.id}", {"check_in": check_in_id})
    return found


def attach(
    services: Services,
    check_in_id: str,
    *,
    version: int,
    patient_id: str,
    clinic_id: str,
    by: Actor,
    reason: AttachReason | None = None,
) -> CheckIn:
    """Reception says who this is and where they go; the level stays `claimed`.

    A number that the clinic gave already is kept; who was called there stays called, who was absent waits again.
    Where what was shown differs from the record, that is kept for the doctor, and nobody alone raises the level.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`; NotFound also for whoever was not found here lately,
            NotPossibleNow for a difference without a reason.
        AlreadyCheckedIn: the patient has a number for this.
        RecordUnreachable: the record does not answer.
    """
    clinic = clinic_named(services, clinic_id)
    with services.storage.read() as work:
        before = load(work, check_in_id, version=version, stages=ATTACHABLE)
        _refuse_unfound(services, work, check_in_id, patient_id, by)
    patient = _living(services, patient_id)
    bring_back(services, by=by, patient_id=patient.id)
    appointment = appointment_at(services, patient.id, before, clinic_id)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=ATTACHABLE)
        differs = _differing(check_in, patient, reason)
        fields = _arrival(services, work, replace(check_in, patient=patient), clinic, appointment)
        why = {"differs": ",".join(differs), "reason": str(reason)} if differs else {}
        attached = store(
            services,
            work,
            check_in,
            by=by,
            action="attach",
            event=EventKind.ARRIVED,
            detail={"patient": patient.id, "clinic": clinic_id} | why,
            patient=patient,
            disagrees=differs,
            attached_by=str(by),
            attach_reason=reason if differs else None,
            **fields,
        )
        queue_deliveries(work, attached, due=services.clock.now() + services.policy.undo_window)
        keep_for_undo(services, work, "attach", check_in, attached, by=by)
        return attached


def _living(services: Services, patient_id: str) -> Patient:
    patient = services.record.patient(patient_id)
    if patient.deceased or not patient.active:
        raise NotPossibleNow("the record says that this patient is deceased or merged")
    return patient


def _differing(check_in: CheckIn, patient: Patient, reason: AttachReason | None) -> tuple[str, ...]:
    if not may_attach(check_in):
        raise NotPossibleNow("somebody is attached; take them off first")
    differs = differences(check_in.claims, patient)
    if differs and reason is None:
        raise NotPossibleNow("what was shown differs: a reason is needed")
    return differs


def _arrival(
    services: Services, work: Work, named: CheckIn, clinic: Clinic, appointment: Appointment | None
) -> dict[str, Any]:
    fields = arrival(services, work, named, clinic, appointment)
    fields |= {"unresolved": False, "help_reason": None, "help_since": None, "ended_at": None}
    refuse_second(work, named, day=fields["day"], clinic_id=clinic.id, appointment_id=fields["appointment_id"])
    if named.stage is Stage.CALLED and named.clinic_id == clinic.id:
        fields |= {"stage": Stage.CALLED, "called_at": named.called_at}
    return fields


def give_number(services: Services, check_in_id: str, *, version: int, clinic_id: str, by: Actor) -> CheckIn:
    """A clinic's number without a record: whoever it is, they wait; reception may say later who it is.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`; NotFound also for an unknown clinic.
    """
    clinic = clinic_named(services, clinic_id)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=NUMBERED_WITHOUT)
        nobody = replace(check_in, patient=None)
        fields = arrival(services, work, nobody, clinic, None)
        fields |= {"reason": check_in.reason, "active_key": nameless_key(work, check_in, clinic_id)}
        numbered = store(
            services,
            work,
            check_in,
            by=by,
            action="number_without_record",
            event=EventKind.ARRIVED,
            detail={"clinic": clinic_id},
            patient=None,
            unresolved=False,
            assurance=Assurance.CLAIMED,
            help_reason=None,
            help_since=None,
            **fields,
        )
        keep_for_undo(services, work, "number_without_record", check_in, numbered, by=by)
        return numbered


def _refuse_unfound(services: Services, work: Work, check_in_id: str, patient_id: str, by: Actor) -> None:
    since = services.clock.now() - FOUND_LATELY
    if not work.found.was_found(check_in_id, str(by), patient_id, since):
        raise NotFound("nobody whom this account found in this case lately")
