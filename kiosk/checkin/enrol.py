"""Keeping a face for the next visit: with a consent of its own, from the very pictures that were compared."""

import secrets
from collections.abc import Sequence

from kiosk.checkin.change import load, store
from kiosk.checkin.enrol_at_desk import may_send
from kiosk.checkin.face_steps import agree, end_enrolment
from kiosk.checkin.face_tries import faces_of
from kiosk.checkin.services import Services
from kiosk.errors import AlreadyEnrolled, NotPossibleNow
from kiosk.identify.face.policy import is_match
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, CheckIn, Enrolment, Intent, Reason, Stage
from kiosk.model.events import EventKind
from kiosk.model.face import AttackOutcome, FaceFeatures, FacePath, FaceReference, FaceSample
from kiosk.model.identity import Assurance
from kiosk.ports.storage import Work

TAKES_FEATURES = AT_STATION | {Stage.ARRIVED}
"""Who took a number while the station was handing over is enrolled all the same."""


def answer_enrolment(services: Services, check_in_id: str, *, version: int, agreed: bool, by: Actor) -> CheckIn:
    """Whether the face may be kept; the check-in goes on either way.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages={Stage.ENROL_CONSENT})
        if check_in.intent is Intent.KEEP_FACE:
            return _answered_after_desk(services, work, check_in, agreed=agreed, by=by)
        return store(
            services,
            work,
            check_in,
            by=by,
            action="enrolment_agreed" if agreed else "enrolment_declined",
            stage=Stage.CHOOSING,
            enrolment=Enrolment.WANTED if agreed else Enrolment.DECLINED,
        )


def _answered_after_desk(services: Services, work: Work, check_in: CheckIn, *, agreed: bool, by: Actor) -> CheckIn:
    """Whom reception sent: now the face is taken, or nothing is."""
    if not agreed:
        return end_enrolment(services, work, check_in, Enrolment.DECLINED, by=by)
    return agree(services, work, check_in, by=by, enrolment=Enrolment.WANTED)


def keep_sample(services: Services, check_in: CheckIn, *, sample: FaceSample, by: Actor) -> CheckIn:
    """Make the reference of whom reception sent, from a sample that attack detection passed.

    Raises:
        StaleVersion, NotPossibleNow: see `change.load`.
    """
    alike = _looks_alike(services, check_in, sample.features)
    is_holder = _is_holder(services, check_in, sample)
    with services.write() as work:
        present = load(work, check_in.id, version=check_in.version, stages={Stage.FACE})
        work.face_attempts.drop_state(present.id)
        # whom reception sent may have been somebody else, as a doctor found meanwhile
        still = may_send(services, work, work.check_ins.get(present.sent_from or present.id))
        kept = still and is_holder and not alike and _kept(services, work, present, sample.features, by)
        _flag(work, alike)
        return end_enrolment(services, work, present, Enrolment.DONE if kept else Enrolment.NOT_KEPT, by=by)


def _is_holder(services: Services, check_in: CheckIn, sample: FaceSample) -> bool:
    """Whether whoever came is whom the chip's portrait shows, where reception's check-in has one."""
    faces = faces_of(services)
    with services.storage.read() as work:
        portrait = work.portraits.get(check_in.sent_from) if check_in.sent_from else None
    if portrait is None:
        return True
    features = faces.portrait_features(portrait) if faces.portrait_features else None
    if features is None or faces.score is None or features.model != sample.features.model:
        return False
    result = faces.score(sample.features, features)
    return is_match(FacePath.PORTRAIT, result, sample.attack, faces.thresholds)


def enrol_face(services: Services, check_in_id: str, *, features: FaceFeatures | None, by: Actor) -> CheckIn:
    """Make the reference from what the station took; somebody enrolled who looks alike is for reception to settle.

    Raises:
        NotPossibleNow: nobody agreed, or the face no longer counts.
        NotFound: no such check-in.
    """
    with services.storage.read() as work:
        before = load(work, check_in_id, stages=TAKES_FEATURES)
    alike = _looks_alike(services, before, features) if features else []
    with services.write() as work:
        check_in = load(work, check_in_id, stages=TAKES_FEATURES)
        if not _may_keep(check_in):
            raise NotPossibleNow("nothing to enrol")
        if features is None:
            return store(services, work, check_in, by=by, action="not_enrolled", enrolment=Enrolment.NOT_KEPT)
        if alike or not _kept(services, work, check_in, features, by):
            return _for_reception(services, work, check_in, alike, by)
        return store(services, work, check_in, by=by, action="enrolled", enrolment=Enrolment.DONE)


def _may_keep(check_in: CheckIn) -> bool:
    face = check_in.face
    return (
        check_in.enrolment is Enrolment.WANTED
        and check_in.assurance is Assurance.PROVEN
        and check_in.patient is not None
        and face is not None
        and face.present
        and face.attack is AttackOutcome.LIVE
    )


def _looks_alike(services: Services, check_in: CheckIn, features: FaceFeatures) -> list[str]:
    """The references of other patients for whom this face would be taken, however long ago they came."""
    faces = faces_of(services)
    if faces.gallery is None or check_in.patient is None:
        raise NotPossibleNow("no gallery in this process")
    faces.gallery.refresh()
    found = faces.gallery.alike(features, faces.thresholds.enrolled).candidates
    return [other.reference_id for other in found if other.patient_id != check_in.patient.id]


def _flag(work: Work, references: Sequence[str]) -> None:
    for reference_id in references:
        work.faces.flag(reference_id)


def _kept(services: Services, work: Work, check_in: CheckIn, features: FaceFeatures, by: Actor) -> bool:
    if check_in.patient is None:
        return False
    now = services.clock.now()
    reference = FaceReference(
        id=secrets.token_hex(16),
        patient_id=check_in.patient.id,
        model=features.model,
        enrolled_at=now,
        by=check_in.vouched_by or (str(by),),
        seen_at=now,
    )
    try:
        work.faces.add(reference, features)
    except AlreadyEnrolled:
        return False
    work.audit.add(now, by, "enrol_face", f"Patient/{check_in.patient.id}", {"reference": reference.id})
    return True


def _for_reception(services: Services, work: Work, check_in: CheckIn, alike: Sequence[str], by: Actor) -> CheckIn:
    _flag(work, alike)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="not_enrolled",
        event=EventKind.HELP,
        enrolment=Enrolment.NOT_KEPT,
        help_reason=check_in.help_reason or Reason.FACE_NEEDS_STAFF,
        help_since=check_in.help_since or services.clock.now(),
    )
