"""Reception's own queue: where every doubtful check-in gets a number and keeps its claim."""

from dataclasses import replace

from kiosk.checkin.change import store
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.clinic import RECEPTION
from kiosk.model.events import EventKind
from kiosk.model.identity import IdentityClaim
from kiosk.model.queue import Ticket
from kiosk.ports.storage import Work


def send_to_desk(
    services: Services,
    work: Work,
    check_in: CheckIn,
    *,
    why: Resolution,
    by: Actor,
    claim: IdentityClaim | None,
    misses: int = 0,
) -> CheckIn:
    """Give a number of the reception desk, within the caller's transaction.

    Who shows the same code again finds the same number.
    """
    check_in = replace(check_in, day=services.clock.today())
    key = desk_key(claim, check_in)
    if key and (holder := work.check_ins.holder_of(key)):
        return same_number(services, work, check_in, holder, claim=claim, by=by)
    number = work.counters.next_number(RECEPTION, check_in.day)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="to_reception",
        event=EventKind.HELP,
        detail={"reason": why.reason or ""},
        stage=Stage.RECEPTION,
        reason=why.reason,
        disagrees=why.disagrees,
        claim=claim,
        patient=None,
        candidate=None,
        offered=(),
        unresolved=False,
        misses=misses,
        problem=None,
        ticket=Ticket(RECEPTION, check_in.day, number),
        arrived_at=services.clock.now(),
        active_key=key,
    )


def desk_key(claim: IdentityClaim | None, check_in: CheckIn) -> str | None:
    """One place in reception's queue for one presented number and day."""
    if claim is None:
        return None
    return f"{RECEPTION}:{claim.identifier.system}|{claim.identifier.value}:{check_in.day}"


def nameless_key(work: Work, check_in: CheckIn, clinic_id: str) -> str:
    """What a clinic's number without a record holds: whoever shows the same code again finds it, not another one."""
    key = desk_key(check_in.claim, check_in)
    holder = work.check_ins.holder_of(key) if key else None
    if key and (holder is None or holder.id == check_in.id):
        return key
    return f"nobody:{check_in.id}:{clinic_id}"


def same_number(
    services: Services, work: Work, check_in: CheckIn, holder: CheckIn, *, claim: IdentityClaim | None, by: Actor
) -> CheckIn:
    """End this check-in in favour of the earlier one, whose number it shows; reception sees other evidence too.

    Who was absent is here now, and waits again.
    """
    holder = _came_back(services, work, holder, by)
    _note_evidence(services, work, holder, claim, by)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="same_number",
        detail={"as": holder.id},
        stage=Stage.ABANDONED,
        same_as=holder.id,
        claim=None,
        patient=None,
        offered=(),
        unresolved=False,
        help_reason=None,
        help_since=None,
        ended_at=services.clock.now(),
    )


def _came_back(services: Services, work: Work, holder: CheckIn, by: Actor) -> CheckIn:
    if holder.stage is not Stage.ABSENT:
        return holder
    queue_deliveries(work, holder, due=services.clock.now())
    return store(
        services,
        work,
        holder,
        by=by,
        action="came_back",
        event=EventKind.ARRIVED,
        stage=Stage.ARRIVED,
        called_at=None,
        ended_at=None,
    )


def _note_evidence(services: Services, work: Work, holder: CheckIn, claim: IdentityClaim | None, by: Actor) -> None:
    if claim is None or claim in (holder.claim, *holder.also_claimed):
        return
    store(
        services,
        work,
        holder,
        by=by,
        action="claimed_again",
        event=EventKind.HELP,
        also_claimed=(*holder.also_claimed, claim),
        help_reason=holder.help_reason or Reason.ALREADY_ARRIVED,
        help_since=holder.help_since or services.clock.now(),
    )
