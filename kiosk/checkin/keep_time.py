"""What the database holds of time, and the judgement of the host's clock by it."""

from datetime import date

import structlog

from kiosk.checkin.services import Services
from kiosk.model.actor import SYSTEM, Actor
from kiosk.model.kept_time import HostReading, KeptTime, accepted, first, judged
from kiosk.ports.storage import Work

WRITE_SECONDS = 5.0
"""A row written more often would wear out the disk, and tell nobody more."""

log = structlog.get_logger()


def keep_time(services: Services) -> KeptTime:
    """Judge the host's clock, tell this process, and write what changed; off every request, again and again.

    Raises:
        StorageError: the database cannot be used; the clock goes on by what it was told last.
    """
    with services.storage.read() as work:
        before = work.time.get()
        now = _judged(services, before)
    if before is None or _is_due(before, now):
        with services.storage.write() as work:
            before = work.time.get(for_change=True)
            now = _judged(services, before)
            _put(work, before, now, SYSTEM)
        if before and (before.doubt, before.corrections) != (now.doubt, now.corrections):
            _tell(now)
    services.clock.follow(now)
    return now


def accept_clock(services: Services, *, by: Actor) -> KeptTime:
    """A person says that the host's clock is right now, also where the database holds a later moment.

    Raises:
        StorageError: the database cannot be used.
    """
    with services.storage.write() as work:
        before = work.time.get(for_change=True)
        host = services.clock.host()
        today = _date_of(services, host)
        now = accepted(before, host, today) if before else first(host, today)
        _put(work, before, now, by)
        work.audit.add(now.latest, by, "accept_clock", "clock", {"from": _text(before), "day": str(now.service_day)})
    services.clock.follow(now)
    return now


def _judged(services: Services, before: KeptTime | None) -> KeptTime:
    host = services.clock.host()
    today = _date_of(services, host)
    return judged(before, host, today) if before else first(host, today)


def _date_of(services: Services, host: HostReading) -> date:
    return services.clock.to_hospital(host.wall).date()


def _is_due(before: KeptTime, now: KeptTime) -> bool:
    changed = (before.service_day, before.doubt, before.proof, before.boot_id, before.closes_before) != (
        now.service_day,
        now.doubt,
        now.proof,
        now.boot_id,
        now.closes_before,
    )
    return changed or now.boot_seconds - before.boot_seconds >= WRITE_SECONDS


def _put(work: Work, before: KeptTime | None, now: KeptTime, by: Actor) -> None:
    work.time.put(now)
    if before is None:
        return
    if before.corrections != now.corrections:
        work.time.take_back(now.latest)
        work.audit.add(now.latest, by, "correct_clock", "clock", {"from": _text(before), "day": str(now.service_day)})
    elif before.doubt != now.doubt:
        action = "doubt_clock" if now.doubt else "trust_clock"
        work.audit.add(now.latest, by, action, "clock", {"doubt": now.doubt or "", "day": str(now.service_day)})


def _tell(now: KeptTime) -> None:
    """In the process that found it: once."""
    if now.doubt:
        log.critical("the clock is in doubt", kind=now.doubt)
    else:
        log.warning("the clock is trusted again", kind=now.proof)


def _text(before: KeptTime | None) -> str:
    return before.latest.isoformat(timespec="seconds") if before else ""
