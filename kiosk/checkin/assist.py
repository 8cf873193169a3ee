"""Reception decides what the kiosk may not."""

from kiosk.checkin import help_patient
from kiosk.checkin.change import load, store
from kiosk.checkin.paper import note_paper
from kiosk.checkin.services import Services
from kiosk.checkin.undo import keep_for_undo
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, CheckIn, Stage
from kiosk.model.queue import PrintState, Priority

help_given = help_patient.given


def declare_priority(
    services: Services, check_in_id: str, *, version: int, priority: Priority | None, by: Actor
) -> CheckIn:
    """Set or take back a priority class; the law's classes that no birth date shows are confirmed by staff.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=IN_QUEUE | {Stage.RECEPTION})
        declared = store(
            services,
            work,
            check_in,
            by=by,
            action="priority",
            detail={"priority": priority or "none"},
            priority=priority,
            priority_confirmed_by=str(by) if priority else None,
        )
        keep_for_undo(services, work, "priority", check_in, declared, by=by)
        return declared


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
