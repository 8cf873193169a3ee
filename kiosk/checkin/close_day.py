"""After midnight: what nobody ended ends."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from kiosk.checkin.change import load, store
from kiosk.checkin.days import going_on, open_days
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.services import Services
from kiosk.errors import StaleVersion
from kiosk.model.actor import SYSTEM
from kiosk.model.checkin import AT_STATION, CheckIn, Stage
from kiosk.model.events import EventKind

LEFT_AT = {
    Stage.ARRIVED: Stage.ABSENT,
    Stage.CALLED: Stage.DONE,
    Stage.RECEPTION: Stage.CANCELLED,
} | dict.fromkeys(AT_STATION, Stage.ABANDONED)
"""What a check-in of an earlier day counts as."""

NOBODY: Mapping[str, None] = MappingProxyType({"claim": None, "patient": None, "chip": None})
"""What is forgotten with whoever left without a number."""

STILL_THERE = timedelta(minutes=15)
"""Who touched the screen so lately may stand there still: midnight does not interrupt anybody."""


def close_earlier_days(services: Services, limit: int = 100) -> int:
    """End the check-ins of earlier days that were left open; the last traces of faces that were withdrawn go too.

    Nothing is ended while the clock is in doubt, nor what is of a clinic that is open over midnight before it closed.

    Returns:
        How many.
    """
    closed = 0
    for check_in in _left_open(services, limit):
        if check_in.stage in AT_STATION and services.clock.now() - check_in.changed_at < STILL_THERE:
            continue
        try:
            _close(services, check_in)
        except StaleVersion:
            continue
        closed += 1
    services.storage.finish_erasure()
    return closed


def _left_open(services: Services, limit: int) -> Sequence[CheckIn]:
    closes_before, today = services.clock.closes_before, services.clock.today()
    if closes_before is None:
        return ()
    _forget_portraits(services, min(closes_before, open_days(services)[0]))
    with services.storage.read() as work:
        # the night before a day that is long over has ended as well
        but = going_on(services) if closes_before >= today else ()
        return work.check_ins.left_open(min(closes_before, today), limit, but=but)


def _forget_portraits(services: Services, today: date) -> None:
    """Those of earlier days: nobody of them stands before staff any more."""
    zone = services.clock.to_hospital(services.clock.now()).tzinfo
    midnight = datetime.combine(today, time(), zone)
    with services.storage.read() as work:
        left = work.portraits.has_before(midnight)
    if left:
        with services.storage.write() as work:
            count = work.portraits.drop_before(midnight)
            work.audit.add(services.clock.now(), SYSTEM, "forget_portraits", "portraits", {"count": str(count)})


def _close(services: Services, seen: CheckIn) -> None:
    with services.write() as work:
        check_in = load(work, seen.id, version=seen.version)
        closed = store(
            services,
            work,
            check_in,
            by=SYSTEM,
            action="close_day",
            event=EventKind.ENDED,
            stage=LEFT_AT[check_in.stage],
            unresolved=check_in.unresolved and check_in.stage not in AT_STATION,
            help_reason=None,
            help_since=None,
            ended_at=services.clock.now(),
            active_key=None,
            **(NOBODY if check_in.stage in AT_STATION else {}),
        )
        if check_in.stage is Stage.CALLED:  # its Encounter would stay in progress for ever
            queue_deliveries(work, closed, due=services.clock.now())
