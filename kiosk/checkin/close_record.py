"""Whoever came is not whose record this is: it closes, and reception decides."""

from dataclasses import replace

from kiosk.checkin.change import store
from kiosk.checkin.days import open_days
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.desk import send_to_desk
from kiosk.checkin.doubt import Presented, remember
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.checkin.start import begin
from kiosk.checkin.undo import keep_for_undo
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.doubt import DoubtKind
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance
from kiosk.ports.storage import Work


def close_record(
    services: Services, work: Work, check_in: CheckIn, reason: Reason, by: Actor, *, times: int = 1
) -> CheckIn:
    """End this check-in, its Encounter too, and begin one for reception: nothing of the wrong record follows.

    It is remembered of this person for the day, and whoever reception attaches then is not asked the open question.

    Args:
        services: of this process.
        work: the caller's transaction.
        check_in: at a clinic.
        reason: `OPEN_QUESTION_WRONG`, `NOT_THIS_PERSON` or `HOLDER_DIFFERS`.
        by: the staff.
        times: how many answers were wrong.

    Returns:
        The ended check-in; whoever shows its void ticket is led to the case.
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
    # nobody stands at the station for it: its screen stays as it is
    station_id, language = check_in.station_id, check_in.language
    anew = begin(services, work, station_id=station_id, language=language, by=by, on_screen=False)
    anew = replace(anew, chip=check_in.chip and check_in.chip.at_end(), continues=ended.id)
    what = Presented(check_in.claim, check_in.patient, clinic_id=check_in.clinic_id, times=times)
    doubts = remember(services, work, anew, DoubtKind(reason), what, by=by)
    send_to_desk(services, work, anew, why=Resolution(reason=reason), claim=check_in.claim, doubts=doubts, by=by)
    if by.is_staff and may_reopen(services, ended):
        # a wrong date stays counted, or dates could be tried for ever
        before = replace(check_in, wrong_answers=ended.wrong_answers)
        keep_for_undo(services, work, "close_record", before, ended, by=by, desk_case=anew.id)
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
    if services.clock.to_hospital(reference.enrolled_at).date() in open_days(services):
        now = services.clock.now()
        work.faces.forget(check_in.patient.id, now)
        work.audit.add(now, by, "withdraw_face", f"Patient/{check_in.patient.id}", {"why": "not_this_person"})
