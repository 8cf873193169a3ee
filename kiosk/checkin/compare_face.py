"""Verification: the live face against the patient's reference, or against the portrait of the chip."""

from kiosk.checkin.change import load, store
from kiosk.checkin.face_steps import path_of
from kiosk.checkin.face_tries import count_miss, faces_of
from kiosk.checkin.known_chips import higher
from kiosk.checkin.services import Services
from kiosk.identify.face.policy import face_level, is_match
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.face import FaceEvidence, FaceFeatures, FaceOutcome, FacePath, FaceSample
from kiosk.model.identity import Assurance
from kiosk.ports.storage import Work


def compare(services: Services, check_in: CheckIn, *, sample: FaceSample, by: Actor) -> CheckIn:
    """Compare a sample with the one person whom the check-in names; a miss means that staff look.

    Raises:
        StaleVersion, NotPossibleNow: somebody was faster.
    """
    with services.storage.read() as work:
        path, portrait = path_of(work, check_in), work.portraits.get(check_in.id)
    features = _portrait_features(services, portrait) if path is FacePath.PORTRAIT else None
    with services.write() as work:
        present = load(work, check_in.id, version=check_in.version, stages={Stage.FACE})
        work.face_attempts.drop_state(present.id)
        if path is None or path_of(work, present) is not path:
            # withdrawn, or somebody who looks alike was noted, since the patient was asked
            return store(services, work, present, by=by, action="face_not_compared", stage=Stage.CHOOSING)
        reference = features if path is FacePath.PORTRAIT else _opened(services, work, present, by)
        matches = _matches(services, work, path, sample, reference)
        return _judged(services, work, present, path, sample, matches=matches, by=by)


def _portrait_features(services: Services, portrait: bytes | None) -> FaceFeatures | None:
    extract = faces_of(services).portrait_features
    return extract(portrait) if extract and portrait else None


def _opened(services: Services, work: Work, check_in: CheckIn, by: Actor) -> FaceFeatures | None:
    reference = work.faces.of_patient(check_in.patient.id) if check_in.patient else None
    if reference is None:
        return None
    work.audit.add(services.clock.now(), by, "open_face_reference", f"face/{reference.id}", {"check_in": check_in.id})
    return work.faces.features(reference.id)


def _matches(
    services: Services, work: Work, path: FacePath, sample: FaceSample, reference: FaceFeatures | None
) -> bool:
    score = faces_of(services).score
    if score is None or reference is None or reference.model != sample.features.model:
        return False
    result = score(sample.features, reference)
    if path is FacePath.PORTRAIT:
        work.face_attempts.count_score(path, result)
    return is_match(path, result, sample.attack, faces_of(services).thresholds)


def _judged(
    services: Services, work: Work, check_in: CheckIn, path: FacePath, sample: FaceSample, *, matches: bool, by: Actor
) -> CheckIn:
    chip = check_in.chip
    level = face_level(
        path,
        matches=matches,
        attack=sample.attack,
        present=True,
        second_factor=None,
        chip=chip.verdict if chip else None,
        known_chip=chip is not None and chip.known,
        lost=chip is not None and chip.lost,
        look_alike=False,
    )
    outcome = FaceOutcome.MATCH if matches else FaceOutcome.MISS
    after = higher(level, check_in.assurance)
    if not matches:
        count_miss(services, work, check_in, check_in.patient)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="face_compared",
        detail={"path": path, "outcome": outcome},
        stage=Stage.ENROL_CONSENT if _may_enrol(work, check_in, after) else Stage.CHOOSING,
        assurance=after,
        face_tries=check_in.face_tries + (not matches),
        face=FaceEvidence(path, outcome, services.clock.now(), model=sample.features.model, attack=sample.attack),
    )


def _may_enrol(work: Work, check_in: CheckIn, level: Assurance) -> bool:
    """At the kiosk only whom a chip has proven, once."""
    patient = check_in.patient
    return level is Assurance.PROVEN and patient is not None and work.faces.of_patient(patient.id) is None
