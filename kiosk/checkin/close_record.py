"""Whoever came is not whose record this is: it closes, and reception decides."""

from dataclasses import replace
from datetime import timedelta

from kiosk.checkin.change import store
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.desk import send_to_desk
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.checkin.start import begin
from kiosk.checkin.undo import remember
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance
from kiosk.ports.storage import Work

JUST_BEFORE = timedelta(microseconds=1)


def close_record(services: Services, work: Work, check_in: CheckIn, reason: Reason, by: Actor) -> CheckIn:
    """End this check-in, its Encounter too, and begin one for reception: nothing of the wrong record follows.

    Returns:
        The ended check-in.
    """
    ended = store(
        services,
        work,
        check_in,
        by=by,
        action="close_record",
        event=EventKind.ENDED,
        detail={"reason": reason},
        stage=Stage.CANCELLED,
        reason=reason,
        checked=None,
        assurance=Assurance.CLAIMED,
        wrong_answers=check_in.wrong_answers + (reason is Reason.OPEN_QUESTION_WRONG),
        ended_at=services.clock.now(),
        active_key=None,
    )
    queue_deliveries(work, ended, due=services.clock.now() + services.policy.undo_window)
    doubt_todays_face(services, work, check_in, by)
    # nobody stands at the station for it: the newest check-in there, which its screen shows, stays what it was
    began = check_in.started_at - JUST_BEFORE
    anew = begin(services, work, station_id=check_in.station_id, language=check_in.language, by=by, started_at=began)
    anew = replace(anew, chip=check_in.chip and check_in.chip.at_end(), continues=ended.id)
    sent = send_to_desk(services, work, anew, why=Resolution(reason=reason), claim=check_in.claim, by=by)
    if by.is_staff and may_reopen(services, ended):
        # a wrong date stays counted, or dates could be tried for ever
        before = replace(check_in, wrong_answers=ended.wrong_answers)
        desk_case = sent.id if sent.stage is Stage.RECEPTION else None
        remember(services, work, "close_record", before, ended, by=by, desk_case=desk_case)
    return ended


def may_reopen(services: Services, ended: CheckIn) -> bool:
    """Whether the closing can be taken back for a moment: after wrong dates only once."""
    wrong = ended.reason is Reason.OPEN_QUESTION_WRONG
    return not wrong or ended.wrong_answers <= services.policy.open_question_tries


def doubt_todays_face(services: Services, work: Work, check_in: CheckIn, by: Actor) -> None:
    """A face that was enrolled today may be that of whoever came: it is forgotten."""
    reference = work.faces.of_patient(check_in.patient.id) if check_in.patient else None
    if reference is None or check_in.patient is None:
        return
    if services.clock.to_hospital(reference.enrolled_at).date() == services.clock.today():
        now = services.clock.now()
        work.faces.forget(check_in.patient.id, now)
        work.audit.add(now, by, "withdraw_face", f"Patient/{check_in.patient.id}", {"why": "not_this_person"})
