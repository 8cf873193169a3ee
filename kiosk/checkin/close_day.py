"""After midnight: what nobody ended ends, and what is old is forgotten."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from kiosk.checkin.change import load, store
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

    Returns:
        How many.
    """
    with services.storage.read() as work:
        left = work.check_ins.left_open(services.clock.today(), limit)
    _forget_portraits(services)
    closed = 0
    for check_in in left:
        if check_in.stage in AT_STATION and services.clock.now() - check_in.changed_at < STILL_THERE:
            continue
        try:
            _close(services, check_in)
        except StaleVersion:
            continue
        closed += 1
    services.storage.finish_erasure()
    return closed


def _forget_portraits(services: Services) -> None:
    """Those of earlier days: nobody of them stands before staff any more."""
    midnight = services.clock.to_hospital(services.clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    with services.storage.read() as work:
        left = work.portraits.has_before(midnight)
    if left:
        with services.storage.write() as work:
            count = work.portraits.drop_before(midnight)
            work.audit.add(services.clock.now(), SYSTEM, "forget_portraits", "portraits", {"count": str(count)})


def forget_old(services: Services, keep: timedelta) -> int:
    """Delete ended check-ins that are older than `keep`; the audit chain stays.

    Returns:
        How many.
    """
    return services.storage.forget_ended(services.clock.today() - keep)


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
