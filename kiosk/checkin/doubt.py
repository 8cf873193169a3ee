"""What is remembered of a person for a day: written where doubt arises, read on every way to be known."""

from dataclasses import dataclass

from kiosk.checkin.days import of_today, open_days
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.errors import NotFound
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, IN_QUEUE, CheckIn, Reason, Stage
from kiosk.model.doubt import GUESSES, Doubt, DoubtKind, Doubts, identifiers_of
from kiosk.model.events import EventKind
from kiosk.model.identity import IdentityClaim, Patient
from kiosk.ports.storage import Work

_COMPARED = frozenset({"name", "birth_date"})
"""What a code can be wrong about by guessing; that a record is closed is no guess."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What was presented, and whom it is of as far as that is known.

    Attributes:
        disagrees: fields of the claim that are not those of the record.
        clinic_id: where the staff doubted.
        times: how many answers were wrong.
    """

    claim: IdentityClaim | None
    patient: Patient | None
    disagrees: tuple[str, ...] = ()
    clinic_id: str | None = None
    times: int = 1


def doubts_about(services: Services, work: Work, claim: IdentityClaim | None, patient: Patient | None) -> Doubts:
    """All about this person today, by any number that the record has of them."""
    numbers = identifiers_of(claim, patient)
    patient_ids = {patient.id} if patient else set()
    days = open_days(services)
    rows = [row for day in days for row in work.doubts.about(day, identifiers=numbers, patient_ids=patient_ids)]
    return Doubts(tuple(rows), services.policy.birth_date_tries)


def doubts_of(services: Services, check_in: CheckIn) -> Doubts:
    """All about whom a check-in is for, in a unit of work of its own."""
    with services.storage.read() as work:
        return doubts_about(services, work, check_in.claim, check_in.patient)


def doubts_of_today(services: Services) -> Doubts:
    """About everybody; `Doubts.about` picks those of one check-in."""
    with services.storage.read() as work:
        rows = [row for day in open_days(services) for row in work.doubts.on(day)]
    return Doubts(tuple(rows), services.policy.birth_date_tries)


def remember(
    services: Services, work: Work, check_in: CheckIn, kind: DoubtKind, what: Presented, *, by: Actor
) -> Doubts:
    """Write one down, within the caller's transaction; it changes no check-in and no place in a queue.

    Returns:
        All about this person, with this one; nothing where nobody is named.
    """
    if what.claim is None and what.patient is None:
        return Doubts()
    now = services.clock.now()
    doubt = Doubt(
        day=services.clock.today(),
        kind=kind,
        at=now,
        station_id=check_in.station_id,
        check_in_id=check_in.id,
        clinic_id=what.clinic_id,
        patient_id=what.patient.id if what.patient else None,
        claim=what.claim,
        disagrees=what.disagrees,
        times=what.times,
    )
    work.doubts.add(doubt)
    work.audit.add(now, by, "doubt", f"check-in/{check_in.id}", {"kind": kind, "clinic": what.clinic_id or ""})
    known = doubts_about(services, work, what.claim, what.patient)
    if known.stands and what.patient:
        _tell_clinics(services, work, what.patient)
    return known


def note_guess(
    services: Services, work: Work, check_in: CheckIn, claim: IdentityClaim, resolution: Resolution, *, by: Actor
) -> Doubts:
    """What a claim that leads to nobody is worth as a doubt; of whoever stands there it counts for the station, too.

    Returns:
        All about whom the number is of.
    """
    kind = _kind_of(resolution)
    if kind is None:
        return doubts_about(services, work, claim, resolution.doubted)
    if kind in GUESSES and check_in.stage in AT_STATION:
        work.attempts.add(check_in.station_id, services.clock.now())
    what = Presented(claim, resolution.doubted, resolution.disagrees)
    return remember(services, work, check_in, kind, what, by=by)


def open_case(work: Work, doubts: Doubts) -> CheckIn | None:
    """The case that reception has of this person now, under whichever of their numbers it began."""
    for check_in_id in dict.fromkeys(row.check_in_id for row in reversed(doubts.rows)):
        try:
            found = work.check_ins.get(check_in_id)
            case = work.check_ins.get(found.same_as) if found.same_as else found
        except NotFound:
            continue
        if case.stage is Stage.RECEPTION:
            return case
    return None


def _kind_of(resolution: Resolution) -> DoubtKind | None:
    if resolution.reason is Reason.UNKNOWN_PATIENT:
        return DoubtKind.UNKNOWN_NUMBER
    if resolution.reason is Reason.CHIP_DISAGREES:
        return DoubtKind.CHIP_DISAGREES
    return DoubtKind.CODE_DISAGREES if _COMPARED & set(resolution.disagrees) else None


def _tell_clinics(services: Services, work: Work, patient: Patient) -> None:
    """Where this patient waits, the screen draws the check-in anew: nothing of it changed but what is known of it."""
    for check_in in of_today(services, work, patient.id):
        if check_in.stage in IN_QUEUE:
            work.events.add(EventKind.CHANGED, check_in, check_in.clinic_id, services.clock.now())
