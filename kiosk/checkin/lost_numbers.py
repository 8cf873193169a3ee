"""Numbers that were given and that a restored backup does not know: made again as they were, once somebody says so.

Reception does with a press, and whoever holds one by coming again. Until then nobody else is given that number, as the
restore carried the counters over. The check-in keeps its id, so that the paper's QR finds it and the record's Encounter
is its own. What stood behind its level is not in the backup: it is `claimed`.
"""

from collections.abc import Sequence
from dataclasses import replace

from kiosk.checkin.arrival import refuse_second
from kiosk.checkin.days import open_days
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.services import Services
from kiosk.errors import AlreadyCheckedIn, NotFound
from kiosk.model.actor import SYSTEM, Actor
from kiosk.model.checkin import IN_QUEUE, CheckIn
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance, Identifier
from kiosk.ports.storage import Work

AT_ONCE = 100
"""In one transaction, so that nobody at a kiosk waits for it."""


def lost_today(services: Services) -> Sequence[CheckIn]:
    """Those of today, by clinic and number."""
    with services.storage.read() as work:
        return _of_today(services, work)


def make_again(services: Services, check_in_id: str, *, by: Actor) -> CheckIn:
    """One press: this number is good again.

    Raises:
        NotFound: it is no lost number of today, or somebody was quicker.
        AlreadyCheckedIn: whose it is has got another number for the same meanwhile.
    """
    with services.write() as work:
        lost = work.lost_numbers.get(check_in_id)
        if lost.ticket is None or lost.ticket.day not in open_days(services):
            raise NotFound("no lost number of today")
        return _make(services, work, lost, by)


def make_all_again(services: Services, *, by: Actor) -> int:
    """All of today's but those whose patients got another number meanwhile.

    Returns:
        How many those are.
    """
    ids = [check_in.id for check_in in lost_today(services)]
    left = 0
    for start in range(0, len(ids), AT_ONCE):
        left += _make_some(services, ids[start : start + AT_ONCE], by)
    return left


def _make_some(services: Services, ids: Sequence[str], by: Actor) -> int:
    left = 0
    with services.write() as work:
        lost = {check_in.id: check_in for check_in in _of_today(services, work)}
        for check_in_id in ids:
            if check_in_id not in lost:
                continue
            try:
                _make(services, work, lost[check_in_id], by)
            except AlreadyCheckedIn:
                left += 1
    return left


def bring_back(
    services: Services,
    *,
    by: Actor,
    patient_id: str | None = None,
    identifier: Identifier | None = None,
    ticket: str | None = None,
) -> None:
    """Whoever comes again finds their own number: for a step of another use case, before it looks for one."""
    with services.storage.read() as work:
        days = open_days(services)
        theirs = [one for day in days for one in work.lost_numbers.of_person(patient_id, identifier, day)]
        if ticket:
            theirs += [check_in for check_in in _of_today(services, work) if check_in.id == ticket]
    for check_in in theirs:
        _try(services, check_in, by)


def bring_back_own(services: Services, check_in_id: str, *, by: Actor) -> None:
    """The same for whoever this check-in is of; nothing where there is no such check-in."""
    with services.storage.read() as work:
        try:
            check_in = work.check_ins.get(check_in_id)
        except NotFound:
            return
    patient_id = check_in.patient.id if check_in.patient else None
    identifier = check_in.claim.identifier if check_in.claim else None
    bring_back(services, by=by, patient_id=patient_id, identifier=identifier)


def forget_lost(services: Services) -> int:
    """Those of earlier days: nobody waits with them any more.

    Returns:
        How many.
    """
    today = min(open_days(services))
    with services.storage.read() as work:
        if not work.lost_numbers.has_before(today):
            return 0
    with services.storage.write() as work:
        count = work.lost_numbers.drop_before(today)
        work.audit.add(services.clock.now(), SYSTEM, "forget_lost", "lost-numbers", {"count": str(count)})
        return count


def _of_today(services: Services, work: Work) -> Sequence[CheckIn]:
    return [check_in for day in open_days(services) for check_in in work.lost_numbers.of_day(day)]


def _try(services: Services, lost: CheckIn, by: Actor) -> None:
    try:
        with services.write() as work:
            _make(services, work, work.lost_numbers.get(lost.id), by)
    except (NotFound, AlreadyCheckedIn):
        # made again by somebody else, or of no use any more
        return


def _make(services: Services, work: Work, lost: CheckIn, by: Actor) -> CheckIn:
    now = services.clock.now()
    before = _in_backup(work, lost.id)
    if before and before.ticket == lost.ticket:
        work.lost_numbers.drop(lost.id)
        return before
    if lost.stage in IN_QUEUE and lost.ticket and lost.clinic_id:
        appointment_id = lost.appointment_id
        refuse_second(work, lost, day=lost.ticket.day, clinic_id=lost.clinic_id, appointment_id=appointment_id)
    made = replace(
        lost,
        version=before.version + 1 if before else lost.version + 1,
        changed_at=now,
        # nobody stands at the station for it
        off_screen_at=lost.off_screen_at or now,
        assurance=Assurance.CLAIMED,
        checked=None,
        candidate=None,
        face=None,
        chip=lost.chip and lost.chip.at_end(),
    )
    if before:
        work.check_ins.save(made)
        work.check_ins.put_away(made.station_id, now, check_in_id=made.id)
    else:
        work.check_ins.add(made)
    work.lost_numbers.drop(lost.id)
    work.events.add(EventKind.ARRIVED, made, made.clinic_id, now)
    detail = {"stage": made.stage, "clinic": made.clinic_id or "", "number": str(made.ticket and made.ticket.number)}
    work.audit.add(now, by, "make_again", f"check-in/{made.id}", detail)
    queue_deliveries(work, made, due=now)
    return made


def _in_backup(work: Work, check_in_id: str) -> CheckIn | None:
    """The same check-in at an earlier step."""
    try:
        return work.check_ins.get(check_in_id)
    except NotFound:
        return None
