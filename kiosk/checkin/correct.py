"""Putting right what was decided earlier today, when the time for undoing is over: always with a reason."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from kiosk.checkin.arrival import active_key, birth_date_of, priority_by_age, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.close_record import doubt_todays_face
from kiosk.checkin.days import is_of_today, open_days
from kiosk.checkin.deliveries import mistaken_with, queue_deliveries, queue_withdrawal
from kiosk.checkin.desk import nameless_key
from kiosk.checkin.services import Services
from kiosk.checkin.undo import end_desk_case, had_open
from kiosk.errors import NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, WITH_CLINIC, CheckIn, Opening, Stage
from kiosk.model.correction import Correction, CorrectionReason
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance
from kiosk.ports.storage import Work

Change = Callable[[Services, Work, CheckIn, Actor], dict[str, Any]]
"""What becomes of the fields; what must happen beside them happens in it."""


def possible(check_in: CheckIn) -> Collection[Correction]:
    """What can be put right about this check-in now."""
    inspected = check_in.checked is not None and check_in.checked.how is Opening.DOCUMENT
    offered = {
        Correction.PERSON: check_in.stage in WITH_CLINIC and check_in.patient is not None,
        Correction.DOCUMENT: check_in.stage in IN_QUEUE and inspected,
        Correction.WAITS: check_in.stage is Stage.DONE,
        Correction.GOES_ON: check_in.stage is Stage.DONE,
        Correction.CLOSED: check_in.stage is Stage.RECEPTION and check_in.continues is not None,
    }
    return [what for what, now in offered.items() if now]


def correct(
    services: Services, check_in_id: str, *, version: int, what: Correction, reason: CorrectionReason, by: Actor
) -> CheckIn:
    """Put one decision right, on the same day; a record that this closes closes at once, and the record learns of it.

    Returns:
        The check-in that stands now: for `Correction.CLOSED` the clinic's.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: there is nothing of this to put right, or it was another day.
        AlreadyCheckedIn: the patient has another number for this by now.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version)
        if what not in possible(check_in) or not is_of_today(services, check_in):
            raise NotPossibleNow("there is nothing of this to put right")
        if what is Correction.CLOSED:
            end_desk_case(services, work, check_in.id, by=by)
            check_in = load(work, check_in.continues or "", stages={Stage.CANCELLED})
        detail = {"reason": reason} | had_open(work, check_in)
        fields = _CHANGES[what](services, work, check_in, by)
        event = EventKind.ARRIVED if "stage" in fields else EventKind.CHANGED
        after = store(services, work, check_in, by=by, action=f"correct_{what}", event=event, detail=detail, **fields)
        work.undos.drop(after.id)
        if what is Correction.PERSON:
            queue_withdrawal(work, after, due=services.clock.now())
        elif what is not Correction.DOCUMENT:
            queue_deliveries(work, after, due=services.clock.now())
        return after


def _without_person(services: Services, work: Work, check_in: CheckIn, by: Actor) -> dict[str, Any]:
    """The number, the clinic and the place stay; nothing of whoever was attached does."""
    doubt_todays_face(services, work, check_in, by)
    _forget_todays_chip(services, work, check_in, by)
    nobody = replace(check_in, patient=None)
    by_age = priority_by_age(birth_date_of(nobody), check_in.day)
    return {
        "patient": None,
        "assurance": Assurance.CLAIMED,
        "checked": None,
        "chip": check_in.chip and replace(check_in.chip, known=False, holder=None),
        "mistaken": mistaken_with(check_in),
        "unresolved": False,
        "disagrees": (),
        "attached_by": None,
        "attach_reason": None,
        "wrong_answers": 0,
        "wrong_documents": 0,
        "appointment_id": None,
        "appointment_at": None,
        "visit_reason": None,
        "priority": check_in.priority if check_in.priority_confirmed_by else by_age,
        "active_key": check_in.active_key and nameless_key(work, nobody, check_in.clinic_id or ""),
    }


def _without_document(services: Services, work: Work, check_in: CheckIn, by: Actor) -> dict[str, Any]:
    doubt_todays_face(services, work, check_in, by)
    _forget_todays_chip(services, work, check_in, by)
    chip = check_in.chip and replace(check_in.chip, known=False)
    return {"checked": None, "assurance": Assurance.CLAIMED, "chip": chip}


def _waits(services: Services, work: Work, check_in: CheckIn, by: Actor) -> dict[str, Any]:  # noqa: ARG001 # a `Change`
    return {"stage": Stage.ARRIVED, "called_at": None, "ended_at": None, "active_key": _key(work, check_in)}


def _goes_on(services: Services, work: Work, check_in: CheckIn, by: Actor) -> dict[str, Any]:  # noqa: ARG001 # a `Change`
    return {"stage": Stage.CALLED, "ended_at": None, "active_key": _key(work, check_in)}


def _is_back(services: Services, work: Work, check_in: CheckIn, by: Actor) -> dict[str, Any]:
    """Wrong dates stay counted: after one more the record closes again."""
    return _waits(services, work, check_in, by) | {"reason": None, "assurance": Assurance.CLAIMED, "checked": None}


_CHANGES: dict[Correction, Change] = {
    Correction.PERSON: _without_person,
    Correction.DOCUMENT: _without_document,
    Correction.WAITS: _waits,
    Correction.GOES_ON: _goes_on,
    Correction.CLOSED: _is_back,
}


def _key(work: Work, check_in: CheckIn) -> str:
    """The place that it holds again.

    Raises:
        AlreadyCheckedIn: the patient has another number there.
    """
    clinic_id = check_in.clinic_id or ""
    if check_in.patient is None:
        return nameless_key(work, check_in, clinic_id)
    refuse_second(work, check_in, day=check_in.day, clinic_id=clinic_id, appointment_id=check_in.appointment_id)
    return active_key(check_in, clinic_id, check_in.appointment_id)


def _forget_todays_chip(services: Services, work: Work, check_in: CheckIn, by: Actor) -> None:
    """A chip that was bound today, on this check-in's card, was bound to whoever was not the one."""
    if check_in.patient is None or check_in.chip is None or check_in.chip.chip_key is None:
        return
    now = services.clock.now()
    for known in work.known_chips.of_patient(check_in.patient.id):
        today = services.clock.to_hospital(known.bound_at).date() in open_days(services)
        if today and known.is_bound and known.chip_key == check_in.chip.chip_key:
            work.known_chips.save(replace(known, revoked_by=str(by), revoked_at=now))
            work.audit.add(now, by, "revoke_chip", f"Patient/{known.patient_id}", {"known_chip": known.id})
