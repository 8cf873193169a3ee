"""Somebody at a station needs a person, and a person came."""

from kiosk.checkin.change import load, store
from kiosk.checkin.services import Services
from kiosk.errors import NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Reason
from kiosk.model.events import EventKind


def ask(services: Services, check_in_id: str, *, reason: Reason, by: Actor) -> CheckIn:
    """Tell reception; the place is kept, and the first call for help stays the one that counts.

    Raises:
        NotFound: no such check-in.
    """
    with services.write() as work:
        check_in = load(work, check_in_id)
        if check_in.help_reason:
            return check_in
        return store(
            services,
            work,
            check_in,
            by=by,
            action="ask_for_help",
            event=EventKind.HELP,
            detail={"reason": reason},
            help_reason=reason,
            help_since=services.clock.now(),
        )


def coming(services: Services, check_in_id: str, *, by: Actor) -> CheckIn:
    """Somebody of the staff says that they come: only now may the patient's screen promise it.

    Raises:
        NotPossibleNow: nobody called.
        NotFound: no such check-in.
    """
    with services.write() as work:
        check_in = load(work, check_in_id)
        if check_in.help_reason is None:
            raise NotPossibleNow("nobody called for help")
        if check_in.coming_by:
            return check_in
        return store(
            services,
            work,
            check_in,
            by=by,
            action="coming",
            event=EventKind.HELP,
            coming_by=str(by),
            coming_at=services.clock.now(),
        )


def given(services: Services, check_in_id: str, *, by: Actor) -> CheckIn:
    """Somebody went there; the check-in itself stands where it stood.

    Raises:
        NotFound: no such check-in.
    """
    with services.write() as work:
        check_in = load(work, check_in_id)
        return store(
            services,
            work,
            check_in,
            by=by,
            action="help_given",
            event=EventKind.HELP,
            help_reason=None,
            help_since=None,
        )
