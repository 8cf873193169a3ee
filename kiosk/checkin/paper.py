"""What became of a check-in's paper: told to the screens, audited, and no change of the check-in itself."""

from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn
from kiosk.model.events import EventKind
from kiosk.model.queue import PrintState
from kiosk.ports.storage import Work


def note_paper(services: Services, work: Work, check_in: CheckIn, state: PrintState, *, action: str, by: Actor) -> None:
    """Say it within the caller's transaction; the version stays, so that nothing that staff do becomes stale."""
    now = services.clock.now()
    work.papers.put(check_in.id, state)
    work.events.add(EventKind.CHANGED, check_in, check_in.clinic_id, now)
    work.audit.add(now, by, action, f"check-in/{check_in.id}", {"stage": check_in.stage})
