"""Whose page is on the screen when a code is shown: the same card changes nothing, another one begins anew."""

from dataclasses import replace
from datetime import timedelta

from kiosk.checkin.compare import contradict
from kiosk.checkin.services import Services
from kiosk.checkin.start import abandon, begin
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, CheckIn, Stage
from kiosk.model.identity import IdentityClaim
from kiosk.ports.storage import Work

TAKES_A_CODE = frozenset({Stage.STARTED, Stage.BIRTH_DATE})
WITH_NUMBER = IN_QUEUE | {Stage.RECEPTION}
STILL_READING = timedelta(seconds=30)
"""Whoever shows the card once more so soon after the number is still reading it."""


def still_theirs(services: Services, work: Work, station_id: str, claim: IdentityClaim) -> CheckIn | None:
    """The check-in on the screen, if this very card led to it and has nothing to add."""
    there = work.check_ins.at_station(station_id)
    if there is None:
        return _still_read(services, work, station_id, claim)
    adds = there.stage is Stage.BIRTH_DATE and there.claim is not None and there.claim.is_bare
    return there if there.claim and not adds and is_same_card(there.claim, claim) else None


def shows_already(services: Services, work: Work, station_id: str, holder: CheckIn) -> CheckIn | None:
    """The page on the screen, if it is that of the ticket that lies before the camera, just printed."""
    shown = work.check_ins.newest_at(station_id)
    if shown is None or holder.stage not in {Stage.ARRIVED, Stage.CALLED, Stage.RECEPTION}:
        return None
    given = shown.ended_at if shown.same_as else shown.arrived_at
    recent = given is not None and services.clock.now() - given < STILL_READING
    return shown if recent and holder.id in {shown.id, shown.same_as} else None


def make_room(
    services: Services, work: Work, station_id: str, claim: IdentityClaim | None, *, language: str, by: Actor
) -> CheckIn:
    """The check-in that takes what was shown: the one at the station, if nobody's card led there yet; else a new one.

    Whoever stood there before has no number, and loses the page with all that was claimed; their call for help stays.

    Args:
        services: the ports.
        work: the caller's transaction.
        station_id: where it was shown.
        claim: of the card; None for a ticket.
        language: of the screen, where nobody has chosen one yet.
        by: the actor.
    """
    there = work.check_ins.at_station(station_id)
    if there is None:
        return begin(services, work, station_id=station_id, language=language, by=by)
    if _takes(there, claim):
        return there
    abandon(services, work, there, by=by)
    begun = begin(services, work, station_id=station_id, language=there.language, by=by)
    return replace(begun, began_over=there.claim is not None)


def is_same_card(held: IdentityClaim, shown: IdentityClaim) -> bool:
    """Whether both name one number, and neither name nor birth date differs where both say it."""
    return held.identifier == shown.identifier and not contradict(held, shown)


def _takes(there: CheckIn, claim: IdentityClaim | None) -> bool:
    if there.claim is None:
        return there.stage in TAKES_A_CODE
    return there.stage is Stage.BIRTH_DATE and claim is not None and there.claim.identifier == claim.identifier


def _still_read(services: Services, work: Work, station_id: str, claim: IdentityClaim) -> CheckIn | None:
    shown = work.check_ins.newest_at(station_id)
    if shown is None or shown.stage not in WITH_NUMBER or shown.arrived_at is None or shown.claim is None:
        return None
    recent = services.clock.now() - shown.arrived_at < STILL_READING
    return shown if recent and is_same_card(shown.claim, claim) else None
