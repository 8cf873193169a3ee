"""The way to a face and back: who may be asked, the question for consent, attempts, and what follows when one fails."""

import secrets
from dataclasses import replace

from kiosk.checkin.change import load, store
from kiosk.checkin.desk import send_to_desk
from kiosk.checkin.face_presence import counts, without_face
from kiosk.checkin.face_tries import count_miss, faces_of, is_newest, is_open, searches
from kiosk.checkin.faces import Faces
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.errors import NotPossibleNow
from kiosk.identify.face.policy import draw_turns, is_adult
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, CheckIn, Enrolment, Intent, Reason, Stage
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.events import EventKind
from kiosk.model.face import (
    FaceAttempt,
    FaceConsent,
    FaceEvidence,
    FaceOutcome,
    FacePath,
    FaceState,
    FaceTrouble,
)
from kiosk.ports.storage import Work

DECLINED = Resolution(reason=Reason.FACE_DECLINED)
_NO_FAULT = frozenset({FaceTrouble.CAMERA, FaceTrouble.CANNOT_TURN})
"""Troubles that another attempt would not mend."""


def path_of(work: Work, check_in: CheckIn) -> FacePath | None:
    """What this patient's face can be compared with: the chip's portrait before the reference.

    Nothing where somebody looks alike, a twin or one of the household: staff compare, whatever card was shown.
    """
    chip, patient = check_in.chip, check_in.patient
    if patient is None or patient.multiple_birth or (chip and chip.lost):
        return None
    reference = work.faces.of_patient(patient.id)
    if reference and reference.look_alike:
        return None
    speaks = chip is not None and (chip.verdict is ChipVerdict.GENUINE or chip.known)
    if speaks and work.portraits.has(check_in.id):
        return FacePath.PORTRAIT
    return FacePath.ENROLLED if reference else None


def stage_after_name(services: Services, work: Work, check_in: CheckIn) -> Stage:
    """The question for consent, for an adult whose face would prove more than is proven; else where to go."""
    asked = check_in.face_consent is not None or check_in.face is not None
    if asked or not is_open(services, work, check_in) or not _is_adult(services, check_in):
        return Stage.CHOOSING
    return Stage.FACE_CONSENT if path_of(work, check_in) else Stage.CHOOSING


def _is_adult(services: Services, check_in: CheckIn) -> bool:
    dates = [person.birth_date for person in (check_in.patient, check_in.claim) if person]
    return is_adult(dates, services.clock.today())


def begin_face(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """The patient would be known by face: ask for consent.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: faces are off, the tries are spent, or something was presented already.
    """
    faces_of(services)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.STARTED})
        if not is_open(services, work, check_in):
            raise NotPossibleNow("the face was tried often enough")
        return store(services, work, check_in, by=by, action="begin_face", stage=Stage.FACE_CONSENT, problem=None)


def answer_consent(services: Services, check_in_id: str, *, version: int, agreed: bool, by: Actor) -> CheckIn:
    """The patient agrees that the face is compared, or a person looks.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.FACE_CONSENT})
        if agreed:
            return agree(services, work, check_in, by=by)
        consent = FaceConsent(agreed=False, at=services.clock.now())
        stage = Stage.FACE_CONSENT if searches(check_in) else Stage.CHOOSING
        refused = store(services, work, check_in, by=by, action="face_declined", stage=stage, face_consent=consent)
        return send_to_desk(services, work, refused, why=DECLINED, claim=None, by=by) if searches(check_in) else refused


def agree(
    services: Services, work: Work, check_in: CheckIn, *, by: Actor, enrolment: Enrolment = Enrolment.NOT_ASKED
) -> CheckIn:
    """Go before the camera, with a first attempt, within the caller's transaction."""
    faces = faces_of(services)
    asked = store(
        services,
        work,
        check_in,
        by=by,
        action="face_agreed",
        stage=Stage.FACE,
        face_consent=FaceConsent(agreed=True, at=services.clock.now()),
        enrolment=enrolment,
    )
    _draw(services, work, faces, asked)
    return asked


def attempt_for(services: Services, station_id: str, check_in_id: str) -> FaceAttempt | None:
    """The permission to take a face now; one that ran out while the station was away is drawn anew."""
    faces = services.faces
    with services.storage.read() as work:
        check_in, attempt = work.check_ins.get(check_in_id), work.face_attempts.newest(check_in_id)
    if faces is None or check_in.stage is not Stage.FACE or check_in.station_id != station_id:
        return None
    if attempt and attempt.used_at is None and attempt.expires_at > services.clock.now():
        return attempt
    with services.write() as work:
        check_in = load(work, check_in_id, stages={Stage.FACE}, version=check_in.version)
        return _draw(services, work, faces, check_in)


def tell_state(services: Services, check_in_id: str, state: FaceState | None) -> None:
    """Say how far the station is with the face, or that there is nothing to tell."""
    with services.storage.read() as work:
        check_in, before = work.check_ins.get(check_in_id), work.face_attempts.state(check_in_id)
    if state == before:
        return
    with services.write() as work:
        if state:
            work.face_attempts.put_state(check_in_id, state)
        else:
            work.face_attempts.drop_state(check_in_id)
        work.events.add(EventKind.FACE, check_in, None, services.clock.now())


def attempt_failed(
    services: Services, check_in_id: str, *, attempt_id: str, trouble: FaceTrouble, by: Actor
) -> CheckIn:
    """An attempt ended without a sample: another one, or another way.

    Raises:
        NotPossibleNow: the attempt was used, or is of another check-in.
        NotFound: no such check-in.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, stages={Stage.FACE})
        attempt = work.face_attempts.use(attempt_id, services.clock.now())
        # one that was used for a sample which then could not be taken has failed, too
        if (attempt is None or attempt.check_in_id != check_in_id) and not is_newest(work, check_in_id, attempt_id):
            raise NotPossibleNow("not an open attempt of this check-in")
        return without_sample(services, work, check_in, by=by, trouble=trouble)


def cannot_turn(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """The patient cannot turn the head: the card, a code or a person.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.FACE})
        if attempt := work.face_attempts.newest(check_in_id):
            work.face_attempts.use(attempt.id, services.clock.now())
        return without_sample(services, work, check_in, by=by, trouble=FaceTrouble.CANNOT_TURN)


def without_sample(
    services: Services,
    work: Work,
    check_in: CheckIn,
    *,
    by: Actor,
    trouble: FaceTrouble | None = None,
    evidence: FaceEvidence | None = None,
) -> CheckIn:
    """Nothing to compare came of an attempt, within the caller's transaction: once more, or another way."""
    faces = faces_of(services)
    path = path_of(work, check_in) or FacePath.TODAY
    seen = evidence or FaceEvidence(path, FaceOutcome.NOT_TAKEN, services.clock.now(), trouble=trouble)
    tries = faces.tries if trouble in _NO_FAULT else check_in.face_tries + 1
    if seen.attack is not None:
        count_miss(services, work, check_in, check_in.patient)
    work.face_attempts.drop_state(check_in.id)
    if tries < faces.tries:
        again = store(services, work, check_in, by=by, action="face_again", face_tries=tries)
        _draw(services, work, faces, again)
        return again
    return another_way(services, work, replace(check_in, face=seen, face_tries=tries), by=by)


def another_way(services: Services, work: Work, check_in: CheckIn, *, by: Actor) -> CheckIn:
    """The face is spent for today: a card or code, or where to go for whom something was presented already."""
    if check_in.intent is Intent.KEEP_FACE:
        return end_enrolment(services, work, check_in, Enrolment.NOT_KEPT, by=by)
    first = searches(check_in)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="face_closed",
        stage=Stage.STARTED if first else Stage.CHOOSING,
        face=None if first else check_in.face,
        face_tries=faces_of(services).tries,
        candidate=None,
        misses=0,
    )


def end_enrolment(services: Services, work: Work, check_in: CheckIn, enrolment: Enrolment, *, by: Actor) -> CheckIn:
    """Whom reception sent is done here, within the caller's transaction."""
    return store(
        services,
        work,
        check_in,
        by=by,
        action="enrolment_over",
        event=EventKind.ENDED,
        detail={"enrolment": enrolment},
        stage=Stage.KEPT,
        enrolment=enrolment,
        claim=None,
        patient=None,
        ended_at=services.clock.now(),
    )


def face_left(services: Services, check_in_id: str, *, by: Actor) -> CheckIn:
    """The face left the picture before a number was given: it may be somebody else who goes on.

    Raises:
        NotPossibleNow: there is no face that still counts.
        NotFound: no such check-in.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, stages=AT_STATION)
        if not counts(check_in):
            raise NotPossibleNow("no face counts here")
        return store(services, work, check_in, by=by, action="face_left", **without_face(check_in))


def forgets(check_in: CheckIn) -> bool:
    """Whether the patient came to have the face forgotten."""
    return check_in.intent is Intent.FORGET_FACE


def _draw(services: Services, work: Work, faces: Faces, check_in: CheckIn) -> FaceAttempt:
    now = services.clock.now()
    attempt = FaceAttempt(
        id=secrets.token_hex(16),
        check_in_id=check_in.id,
        station_id=check_in.station_id,
        turns=draw_turns(secrets.SystemRandom()),
        issued_at=now,
        expires_at=now + faces.attempt_lasts,
    )
    work.face_attempts.add(attempt)
    return attempt
