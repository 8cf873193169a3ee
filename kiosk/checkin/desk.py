"""Reception's own queue: where every doubtful check-in gets a number and keeps its claim."""

from dataclasses import replace

from kiosk.checkin.change import load, store
from kiosk.checkin.compare import contradict
from kiosk.checkin.days import open_days
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.doubt import Presented, open_case, remember
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.clinic import RECEPTION
from kiosk.model.doubt import DoubtKind, Doubts
from kiosk.model.events import EventKind
from kiosk.model.identity import IdentityClaim
from kiosk.model.queue import Ticket
from kiosk.ports.storage import Work

ALSO_CLAIMED = 8
"""As much other evidence as a page shows; what is older is only counted."""

NO_DOUBT = Doubts()


def send_to_desk(
    services: Services,
    work: Work,
    check_in: CheckIn,
    *,
    why: Resolution,
    by: Actor,
    claim: IdentityClaim | None,
    doubts: Doubts = NO_DOUBT,
) -> CheckIn:
    """Give a number of the reception desk, within the caller's transaction.

    Who shows the same code again finds the same number; while doubt stands, whoever shows any code of that person.
    """
    check_in = replace(check_in, day=services.clock.today())
    key = desk_key(claim, check_in)
    case = open_case(work, doubts) if doubts.stands else None
    if holder := case or _holder_of(services, work, claim, check_in):
        _tell_reception(services, work, holder, doubts, by)
        return same_number(services, work, check_in, load(work, holder.id), claim=claim, by=by)
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
        problem=None,
        ticket=Ticket(RECEPTION, check_in.day, number),
        arrived_at=services.clock.now(),
        active_key=key,
    )


def send_to_case(
    services: Services,
    work: Work,
    check_in: CheckIn,
    what: Presented,
    *,
    by: Actor,
    kind: DoubtKind = DoubtKind.SHOWN,
) -> CheckIn:
    """Doubt stands: whatever was presented is kept, and the desk decides."""
    doubts = remember(services, work, check_in, kind, what, by=by)
    why = Resolution(reason=doubts.reason)
    return send_to_desk(services, work, check_in, why=why, claim=what.claim, doubts=doubts, by=by)


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
    claims = (*holder.also_claimed, claim)
    # a number of the desk waits for reception as it is, for its own reason
    # and a second card of one person is no need
    needs = holder.stage is not Stage.RECEPTION and holder.claim is not None and contradict(holder.claim, claim)
    store(
        services,
        work,
        holder,
        by=by,
        action="claimed_again",
        event=EventKind.HELP if needs else EventKind.CHANGED,
        also_claimed=claims[-ALSO_CLAIMED:],
        claimed_before=holder.claimed_before + max(0, len(claims) - ALSO_CLAIMED),
        help_reason=holder.help_reason or (Reason.ALREADY_ARRIVED if needs else None),
        help_since=holder.help_since or (services.clock.now() if needs else None),
    )


def _holder_of(services: Services, work: Work, claim: IdentityClaim | None, check_in: CheckIn) -> CheckIn | None:
    keys = (desk_key(claim, replace(check_in, day=day)) for day in open_days(services))
    return next((holder for key in keys if key and (holder := work.check_ins.holder_of(key))), None)


def _tell_reception(services: Services, work: Work, case: CheckIn, doubts: Doubts, by: Actor) -> None:
    """A case that is open already says the worst that is known of it."""
    if case.stage is not Stage.RECEPTION or not doubts.stands:
        return
    if doubts.gravest and case.reason is not doubts.reason:
        store(services, work, case, by=by, action="doubted_again", event=EventKind.HELP, reason=doubts.reason)
    else:
        work.events.add(EventKind.HELP, case, case.clinic_id, services.clock.now())
