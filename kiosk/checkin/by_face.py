"""A face was taken: whose is it? Nothing is said before the birth date, whether or not a search found somebody."""

from contextlib import suppress
from dataclasses import replace

from kiosk.checkin.change import load, store
from kiosk.checkin.compare_face import compare
from kiosk.checkin.desk import send_to_case, send_to_desk
from kiosk.checkin.doubt import Presented, doubts_about
from kiosk.checkin.enrol import keep_sample
from kiosk.checkin.face_steps import another_way, without_sample
from kiosk.checkin.face_tries import count_miss, faces_of, is_newest, may_be, searches
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.errors import NotFound, NotPossibleNow, RecordError
from kiosk.identify.face.policy import SecondFactor, face_level, is_adult, last_four, pick, second_factor
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Intent, Reason, Stage
from kiosk.model.face import (
    AttackOutcome,
    Candidate,
    CandidateList,
    FaceEvidence,
    FaceOutcome,
    FacePath,
    FaceSample,
    FaceTrouble,
)
from kiosk.model.identity import (
    ClaimSource,
    Identifier,
    IdentifierSystem,
    IdentityClaim,
    PartialDate,
    Patient,
)
from kiosk.ports.storage import Work

NEEDS_STAFF = Resolution(reason=Reason.FACE_NEEDS_STAFF)


def by_face(services: Services, check_in_id: str, *, sample: FaceSample, by: Actor) -> CheckIn:
    """Take a sample for its attempt, once.

    One for an attempt that ran out, is another station's or asked for other turns changes nothing; nor does one for an
    attempt that was used, unless it is the newest: what followed it could not be done, and it has failed.

    Raises:
        NotPossibleNow: the check-in is not at the step that asks for a face.
        NotFound: no such check-in.
    """
    now = services.clock.now()
    with services.write() as work:
        check_in = load(work, check_in_id, stages={Stage.FACE})
        attempt = work.face_attempts.use(sample.attempt_id, now)
        asked = attempt and (attempt.check_in_id, attempt.station_id) == (check_in_id, check_in.station_id)
        # what attack detection stopped was asked for no turns any more
        other_turns = attempt and sample.attack is AttackOutcome.LIVE and attempt.turns != sample.turns
        if attempt is None and is_newest(work, check_in_id, sample.attempt_id):
            # it was used, and what followed could not be done: the store of faces fails
            return without_sample(services, work, check_in, by=by, trouble=FaceTrouble.CAMERA)
        if attempt is None or not asked or attempt.expires_at < now or other_turns:
            work.audit.add(now, by, "face_refused", f"check-in/{check_in_id}", {"station": check_in.station_id})
            return check_in
        if sample.attack is not AttackOutcome.LIVE:
            seen = FaceEvidence(_path(check_in), FaceOutcome.NOT_TAKEN, now, attack=sample.attack)
            return without_sample(services, work, check_in, by=by, evidence=seen)
    if check_in.intent is Intent.KEEP_FACE:
        return keep_sample(services, check_in, sample=sample, by=by)
    if not searches(check_in):
        return compare(services, check_in, sample=sample, by=by)
    return _identify(services, check_in, sample, by)


def answer_birth_date(services: Services, check_in_id: str, *, version: int, answer: PartialDate, by: Actor) -> CheckIn:
    """The birth date after a face: one answer in one time for nobody, somebody else's date and too many tries.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    ready_at = services.clock.monotonic() + services.policy.answer_after_seconds
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.BIRTH_DATE})
        candidate = check_in.candidate
        if not is_adult([answer], services.clock.today()):
            after = send_to_desk(services, work, check_in, why=NEEDS_STAFF, claim=None, by=by)
        else:
            factor = second_factor(
                candidate.birth_date if candidate else None,
                answer,
                look_alike=_look_alike(work, candidate),
            )
            after = _go_on(services, work, check_in, factor, by)
    services.clock.sleep_until(ready_at)
    return after


def answer_last_four(services: Services, check_in_id: str, *, version: int, digits: str, by: Actor) -> CheckIn:
    """The last four digits of the number, where many share a birth date or somebody looks alike.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    ready_at = services.clock.monotonic() + services.policy.answer_after_seconds
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.LAST_FOUR})
        candidate = check_in.candidate
        number = _number(candidate).value if candidate else None
        factor = last_four(number, digits, look_alike=_look_alike(work, candidate))
        after = _go_on(services, work, check_in, factor, by)
    services.clock.sleep_until(ready_at)
    return after


def _path(check_in: CheckIn) -> FacePath:
    return FacePath.TODAY if searches(check_in) else FacePath.ENROLLED


def _identify(services: Services, check_in: CheckIn, sample: FaceSample, by: Actor) -> CheckIn:
    ready_at = services.clock.monotonic() + services.policy.answer_after_seconds
    path, ranked = _search(services, sample)
    found = pick(ranked, path, sample.attack, faces_of(services).thresholds)
    # the record is asked for the likest, found or not: that it takes its time must not show
    likest = _patient(services, ranked.candidates[0]) if ranked.candidates else None
    candidate = likest if found else None
    services.clock.sleep_until(ready_at)
    with services.write() as work:
        present = load(work, check_in.id, version=check_in.version, stages={Stage.FACE})
        work.face_attempts.drop_state(present.id)
        if candidate and not _may_still(services, work, candidate):
            candidate = None
        evidence = FaceEvidence(
            path,
            FaceOutcome.TAKEN,
            services.clock.now(),
            model=sample.features.model,
            attack=sample.attack,
        )
        # the audit row says the same for somebody and nobody: whoever reads it learns of no candidate
        return store(
            services,
            work,
            present,
            by=by,
            action="face_taken",
            stage=Stage.BIRTH_DATE,
            face=evidence,
            candidate=candidate,
        )


def _search(services: Services, sample: FaceSample) -> tuple[FacePath, CandidateList]:
    """Among today's appointments; where nobody of them is likely, among those who came in the last twelve months."""
    gallery = faces_of(services).gallery
    if gallery is None:
        raise NotPossibleNow("no gallery in this process")
    gallery.refresh()
    with suppress(RecordError):
        expected = services.record.expected(services.clock.today())
        ranked = gallery.search(sample.features, expected)
        # two who are nearly as likely are nobody: a larger search must not decide between them
        if any(candidate.score >= faces_of(services).thresholds.today for candidate in ranked.candidates):
            return FacePath.TODAY, ranked
    return FacePath.RECENT, gallery.search(sample.features)


def _patient(services: Services, found: Candidate) -> Patient | None:
    """Somebody whom the record cannot show now is nobody: the patient goes another way."""
    with suppress(RecordError, NotFound):
        return services.record.patient(found.patient_id)
    return None


def _may_still(services: Services, work: Work, candidate: Patient) -> bool:
    """Whether tries are left for this candidate today; a closed record and a child are for a person."""
    return (
        may_be(services, work, candidate)
        and work.faces.of_patient(candidate.id) is not None
        and candidate.active
        and not candidate.deceased
        and is_adult([candidate.birth_date], services.clock.today())
    )


def _look_alike(work: Work, candidate: Patient | None) -> bool:
    if candidate is None:
        return False
    reference = work.faces.of_patient(candidate.id)
    return candidate.multiple_birth or (reference is not None and reference.look_alike)


def _go_on(services: Services, work: Work, check_in: CheckIn, factor: SecondFactor, by: Actor) -> CheckIn:
    candidate = check_in.candidate
    if candidate and not _may_still(services, work, candidate):
        # withdrawn meanwhile, or guessed at elsewhere
        candidate = None
    if factor is SecondFactor.MISSED or candidate is None or check_in.face is None:
        return _missed(services, work, check_in, by)
    if factor is SecondFactor.LAST_FOUR:
        return store(services, work, check_in, by=by, action="last_four_asked", stage=Stage.LAST_FOUR)
    claim = _claim(candidate)
    if doubts_about(services, work, claim, candidate).stands:
        return send_to_case(services, work, replace(check_in, candidate=None), Presented(claim, candidate), by=by)
    if factor is SecondFactor.STAFF:
        return send_to_desk(services, work, replace(check_in, candidate=None), why=NEEDS_STAFF, claim=claim, by=by)
    level = face_level(
        check_in.face.path,
        matches=True,
        attack=check_in.face.attack or AttackOutcome.DOUBTFUL,
        present=check_in.face.present,
        second_factor=factor,
        chip=None,
        known_chip=False,
        lost=False,
        look_alike=_look_alike(work, candidate),
    )
    return store(
        services,
        work,
        check_in,
        by=by,
        action="face_confirmed",
        detail={"path": check_in.face.path},
        stage=Stage.IS_THIS_YOU,
        claim=claim,
        patient=candidate,
        face=replace(check_in.face, outcome=FaceOutcome.MATCH),
        assurance=level,
        misses=0,
    )


def _missed(services: Services, work: Work, check_in: CheckIn, by: Actor) -> CheckIn:
    count_miss(services, work, check_in, check_in.candidate)
    misses = check_in.misses + 1
    if misses >= faces_of(services).tries:
        return another_way(services, work, check_in, by=by)
    return store(services, work, check_in, by=by, action="birth_date_missed", stage=Stage.BIRTH_DATE, misses=misses)


def _claim(patient: Patient) -> IdentityClaim:
    return IdentityClaim(
        source=ClaimSource.FACE, identifier=_number(patient), name=patient.name, birth_date=patient.birth_date
    )


def _number(patient: Patient) -> Identifier:
    """The citizen number where the record has it: it is on the card that the patient carries."""
    order = list(IdentifierSystem)
    known = sorted(patient.identifiers, key=lambda identifier: order.index(identifier.system))
    return known[0] if known else Identifier(IdentifierSystem.HOSPITAL_CODE, patient.id)
