"""A code or number was shown: whose is it?"""

from collections.abc import Sequence
from dataclasses import replace

from kiosk.checkin.by_ticket import holder_of_ticket, is_good, is_ticket
from kiosk.checkin.change import load, store
from kiosk.checkin.desk import same_number, send_to_case, send_to_desk
from kiosk.checkin.doubt import Presented, doubts_about, note_guess, remember
from kiosk.checkin.lost_numbers import bring_back
from kiosk.checkin.resolve import Resolution, resolve
from kiosk.checkin.screen_room import TAKES_A_CODE, make_room, shows_already, still_theirs
from kiosk.checkin.services import Services
from kiosk.checkin.shown_again import NOT_CONFIRMED, ask_owner, numbered_today
from kiosk.errors import InputError, NotPossibleNow, RecordError
from kiosk.identify.codes.recognise import recognise_claim
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, CheckIn, Intent, Reason, Stage
from kiosk.model.doubt import DoubtKind
from kiosk.model.identity import IdentityClaim, PartialDate
from kiosk.ports.devices import SignalSource
from kiosk.ports.storage import Work

TYPING_CLOSED = "typing_closed"
ASKED_FOR_HELP = Resolution(reason=Reason.ASKED_FOR_HELP)


def by_code(services: Services, *, station_id: str, payload: str, source: SignalSource, language: str) -> CheckIn:
    """Take what was shown at a station; begins a check-in when none is open, or when it is somebody else's.

    Raises:
        InputError: the code cannot be used and no check-in is open.
        NotPossibleNow: a number was typed, and the page that asks for it is there no more.
    """
    by = Actor.patient_at(station_id)
    typed = source is SignalSource.TYPED
    with services.storage.read() as work:
        present = work.check_ins.at_station(station_id)
    if typed and present and present.stage not in TAKES_A_CODE:
        raise NotPossibleNow(f"not at stage {present.stage}")
    try:
        if not typed and is_ticket(payload):
            bring_back(services, by=by, ticket=payload.strip())
            return _take_ticket(services, station_id, payload, language, by)
        claim = recognise_claim(payload, services.hospital_code_pattern, typed=typed)
    except InputError as error:
        if present is None:
            raise
        return _unusable(services, present, error.kind, by)
    return _take_claim(services, station_id, claim, language, typed=typed, by=by)


def _take_ticket(services: Services, station_id: str, payload: str, language: str, by: Actor) -> CheckIn:
    """The number that it is of; one that was ended in doubt leads to the case that took its place."""
    with services.write() as work:
        holder = holder_of_ticket(services, work, payload)
        if there := shows_already(services, work, station_id, holder):
            return there
        check_in = make_room(services, work, station_id, None, language=language, by=by)
        if is_good(holder):
            return same_number(services, work, replace(check_in, by_ticket=True), holder, claim=None, by=by)
        what = Presented(holder.claim, holder.patient)
        return send_to_case(services, work, check_in, what, by=by, kind=DoubtKind.VOID_TICKET)


def _take_claim(
    services: Services, station_id: str, claim: IdentityClaim, language: str, *, typed: bool, by: Actor
) -> CheckIn:
    if not claim.is_bare:
        bring_back(services, by=by, identifier=claim.identifier)
    resolution = None if claim.is_bare else look_up(services, claim)
    with services.write() as work:
        there = None if typed else still_theirs(services, work, station_id, claim)
        if there:
            return there
        check_in = make_room(services, work, station_id, claim, language=language, by=by)
        if claim.is_bare:
            return _ask_birth_date(services, work, check_in, claim, typed=typed, by=by)
        patient = resolution.patient if resolution else None
        held = numbered_today(services, work, check_in, claim, patient)
        # in doubt no date is asked: whoever answers would learn which one is right
        if held and not doubts_about(services, work, claim, patient).stands:
            return _shown_again(services, work, check_in, claim, held, by)
        return _go_on(services, work, check_in, claim, resolution, by)


def answer_birth_date(services: Services, check_in_id: str, *, version: int, answer: PartialDate, by: Actor) -> CheckIn:
    """The birth date after a bare number, or after a code whose owner has a number today.

    An unknown number and a wrong date end alike: same stage, same time, same words.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    ready_at = services.clock.monotonic() + services.policy.answer_after_seconds
    with services.storage.read() as work:
        before = load(work, check_in_id, version=version, stages={Stage.BIRTH_DATE})
    if before.claim is None:
        raise NotPossibleNow("no number was given")
    claim = replace(before.claim, birth_date=answer)
    resolution = look_up(services, claim)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.BIRTH_DATE})
        if _is_a_miss(before.claim, resolution, answer):
            after = _missed(services, work, check_in, claim, resolution, by)
        else:
            after = _go_on(services, work, check_in, claim, resolution, by)
    services.clock.sleep_until(ready_at)
    return after


def _is_a_miss(presented: IdentityClaim, resolution: Resolution | None, answer: PartialDate) -> bool:
    """Another birth date than the code's, or nobody; a closed record with the right date is for reception."""
    if presented.birth_date is not None and not presented.is_bare:
        return presented.birth_date != answer
    if resolution is None:
        return False
    return resolution.reason is Reason.UNKNOWN_PATIENT or "birth_date" in resolution.disagrees


def look_up(services: Services, claim: IdentityClaim) -> Resolution | None:
    """Ask the record; None when it does not answer, or refuses to: `deliver` asks again, the patient gets a number."""
    try:
        return resolve(claim, services.record.find_patients(claim.identifier))
    except RecordError:
        return None


def typing_closed(services: Services, work: Work, station_id: str) -> bool:
    """Whether numbers were guessed too often at this station lately."""
    since = services.clock.now() - services.policy.station_failure_window
    return work.attempts.count_since(station_id, since) >= services.policy.station_failures


def _unusable(services: Services, present: CheckIn, problem: str, by: Actor) -> CheckIn:
    """Said on whatever page is there; before the camera for a face a stray code means nothing."""
    if present.stage is Stage.FACE:
        return present
    with services.write() as work:
        check_in = load(work, present.id, version=present.version, stages=AT_STATION)
        return store(services, work, check_in, by=by, action="code_unusable", detail={"kind": problem}, problem=problem)


def _shown_again(  # as `_go_on`, with what has the number
    services: Services, work: Work, check_in: CheckIn, claim: IdentityClaim, held: Sequence[CheckIn], by: Actor
) -> CheckIn:
    if typing_closed(services, work, check_in.station_id):
        return send_to_desk(services, work, check_in, why=NOT_CONFIRMED, claim=claim, by=by)
    return ask_owner(services, work, check_in, claim, held, by=by)


def _ask_birth_date(
    services: Services, work: Work, check_in: CheckIn, claim: IdentityClaim, *, typed: bool, by: Actor
) -> CheckIn:
    if not typing_closed(services, work, check_in.station_id):
        return store(
            services,
            work,
            check_in,
            by=by,
            action="claim",
            stage=Stage.BIRTH_DATE,
            claim=claim,
            problem=None,
            candidate=None,
            face=None,
            # another number is no new try; a search by face counts its own
            misses=0 if check_in.by_face else check_in.misses,
        )
    if typed:
        return store(services, work, check_in, by=by, action="typing_refused", problem=TYPING_CLOSED)
    return send_to_desk(services, work, check_in, why=NOT_CONFIRMED, claim=claim, by=by)


def _missed(
    services: Services, work: Work, check_in: CheckIn, claim: IdentityClaim, resolution: Resolution | None, by: Actor
) -> CheckIn:
    """Counted for the station, this check-in, and the number, wherever it is typed or shown today."""
    work.attempts.add(check_in.station_id, services.clock.now())
    what = Presented(claim, resolution.doubted if resolution else None)
    doubts = remember(services, work, check_in, DoubtKind.DATE_MISSED, what, by=by)
    # of the number and not of the person: what is said to be left must not tell whether the record knows it
    misses = max(check_in.misses + 1, doubts.guesses_of(claim.identifier))
    often = misses >= services.policy.birth_date_tries or doubts.stands
    if often or typing_closed(services, work, check_in.station_id):
        missed = replace(check_in, misses=misses)
        return send_to_desk(services, work, missed, why=NOT_CONFIRMED, claim=check_in.claim, doubts=doubts, by=by)
    return store(services, work, check_in, by=by, action="birth_date_missed", misses=misses)


def _go_on(
    services: Services,
    work: Work,
    check_in: CheckIn,
    claim: IdentityClaim,
    resolution: Resolution | None,
    by: Actor,
) -> CheckIn:
    if resolution and resolution.patient is None:
        doubts = note_guess(services, work, check_in, claim, resolution, by=by)
        return send_to_desk(services, work, check_in, why=resolution, claim=claim, doubts=doubts, by=by)
    patient = resolution.patient if resolution else None
    if doubts_about(services, work, claim, patient).stands:
        return send_to_case(services, work, check_in, Presented(claim, patient), by=by)
    nameless = resolution is None and claim.is_bare
    if nameless and check_in.intent is Intent.FORGET_FACE:
        return send_to_desk(services, work, check_in, why=ASKED_FOR_HELP, claim=claim, by=by)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="claim" if resolution else "claim_unresolved",
        stage=Stage.CHOOSING if nameless else Stage.IS_THIS_YOU,
        claim=claim,
        patient=patient,
        unresolved=resolution is None,
        problem=None,
        candidate=None,
        face=None,
    )
