import secrets

from kiosk.checkin.change import store
from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Intent, Reason, Stage
from kiosk.model.events import EventKind
from kiosk.ports.storage import Work


def start(
    services: Services, *, station_id: str, language: str, by: Actor, intent: Intent = Intent.CHECK_IN
) -> CheckIn:
    """Begin a check-in; one that was left open at the station is abandoned."""
    with services.write() as work:
        left = work.check_ins.at_station(station_id)
        if left:
            abandon(services, work, left, by=by)
        return begin(services, work, station_id=station_id, language=language, by=by, intent=intent)


def begin(
    services: Services,
    work: Work,
    *,
    station_id: str,
    language: str,
    by: Actor,
    intent: Intent = Intent.CHECK_IN,
    on_screen: bool = True,
) -> CheckIn:
    """Add a new check-in within the caller's transaction.

    Its station's screen shows it in place of whatever was there, unless nobody stands there for it.
    """
    now = services.clock.now()
    if on_screen:
        work.check_ins.put_away(station_id, now)
    check_in = CheckIn(
        id=secrets.token_hex(16),
        station_id=station_id,
        stage=Stage.STARTED,
        version=1,
        started_at=now,
        changed_at=now,
        day=services.clock.today(),
        language=language,
        intent=intent,
        off_screen_at=None if on_screen else now,
    )
    work.check_ins.add(check_in)
    work.events.add(EventKind.CHANGED, check_in, None, now)
    work.audit.add(now, by, "start", f"check-in/{check_in.id}", {"station": station_id})
    return check_in


def abandon(services: Services, work: Work, check_in: CheckIn, *, by: Actor) -> CheckIn:
    """End a check-in that has no number, within the caller's transaction; what was claimed is forgotten.

    Who pressed for help stays on reception's list until somebody went there.
    """
    called = check_in.help_reason is Reason.ASKED_FOR_HELP
    if check_in.chip:
        work.portraits.drop(check_in.id)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="abandon",
        event=EventKind.ENDED,
        stage=Stage.ABANDONED,
        claim=None,
        patient=None,
        candidate=None,
        face=None,
        chip=None,
        card_expires_on=None,
        offered=(),
        help_reason=check_in.help_reason if called else None,
        help_since=check_in.help_since if called else None,
        ended_at=services.clock.now(),
    )
