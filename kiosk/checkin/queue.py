"""The clinic's side of its queue: next, again, done, did not come."""

from collections.abc import Sequence
from datetime import timedelta

from kiosk.checkin.change import load, store
from kiosk.checkin.days import clinic_day
from kiosk.checkin.services import Services
from kiosk.checkin.undo import keep_for_undo
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.events import EventKind
from kiosk.ports.outbox import DeliveryKind

SAME_PRESS = timedelta(seconds=2)


def call_next(services: Services, *, clinic_id: str, by: Actor) -> CheckIn | None:
    """Call whoever is first by priority and number; None when nobody waits.

    A second press within two seconds is the same press: it calls nobody else.
    """
    with services.write() as work:
        queue = work.check_ins.in_clinic(clinic_id, clinic_day(services, clinic_id))
        if just_called := _just_called(services, queue):
            return just_called
        first = next((item for item in queue if item.stage is Stage.ARRIVED), None)
        if first is None:
            return None
        work.outbox.add(DeliveryKind.ENCOUNTER, first.id, services.clock.now())
        return store(
            services,
            work,
            first,
            by=by,
            action="call",
            event=EventKind.CALLED,
            stage=Stage.CALLED,
            called_at=services.clock.now(),
        )


def call_to_desk(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """Show a number of reception's own queue in the waiting room; it stays at reception.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.RECEPTION})
        return store(
            services,
            work,
            check_in,
            by=by,
            action="call_to_desk",
            event=EventKind.CALLED,
            called_at=services.clock.now(),
        )


def call_again(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """Show and say the number once more.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.CALLED})
        return store(
            services,
            work,
            check_in,
            by=by,
            action="call_again",
            event=EventKind.CALLED,
            called_at=services.clock.now(),
        )


def finish(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """The consultation is over.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    return _end(services, check_in_id, Stage.DONE, version=version, by=by)


def mark_absent(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """Was called and did not come; the number is kept for when they do.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    return _end(services, check_in_id, Stage.ABSENT, version=version, by=by)


def bring_back(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """An absent patient came: back into the queue with the same number.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.ABSENT})
        work.outbox.add(DeliveryKind.ENCOUNTER, check_in.id, services.clock.now())
        return store(
            services,
            work,
            check_in,
            by=by,
            action="bring_back",
            event=EventKind.ARRIVED,
            stage=Stage.ARRIVED,
            called_at=None,
            ended_at=None,
        )


def _just_called(services: Services, queue: Sequence[CheckIn]) -> CheckIn | None:
    now = services.clock.now()
    called = ((item, item.called_at) for item in queue if item.stage is Stage.CALLED)
    return next((item for item, at in called if at and timedelta(0) <= now - at < SAME_PRESS), None)


def _end(services: Services, check_in_id: str, stage: Stage, *, version: int, by: Actor) -> CheckIn:
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.CALLED})
        waits = services.policy.undo_window if stage is Stage.DONE else timedelta(0)
        work.outbox.add(DeliveryKind.ENCOUNTER, check_in.id, services.clock.now() + waits)
        ended = store(
            services,
            work,
            check_in,
            by=by,
            action=stage.value,
            event=EventKind.ENDED,
            stage=stage,
            ended_at=services.clock.now(),
            active_key=None if stage is Stage.DONE else check_in.active_key,
        )
        if stage is Stage.DONE:
            keep_for_undo(services, work, "done", check_in, ended, by=by)
        return ended
