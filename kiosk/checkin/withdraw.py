"""Forgetting a face: at the kiosk, at reception, or by the hospital's own hand."""

from kiosk.checkin.change import store
from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.events import EventKind
from kiosk.model.face import FaceReference
from kiosk.ports.storage import Work


def kept_face(services: Services, check_in: CheckIn) -> FaceReference | None:
    """The reference of the patient of a check-in, for reception; nothing of it is opened."""
    if check_in.patient is None:
        return None
    with services.storage.read() as work:
        return work.faces.of_patient(check_in.patient.id)


def withdraw(services: Services, patient_id: str, *, by: Actor) -> bool:
    """Forget a patient's face.

    Returns:
        Whether one was kept.
    """
    with services.write() as work:
        return _forget(services, work, patient_id, by)


def withdraw_here(services: Services, work: Work, check_in: CheckIn, *, by: Actor) -> CheckIn:
    """Forget the face of whoever came for that, within the caller's transaction; nobody learns whether one was kept."""
    if check_in.patient:
        _forget(services, work, check_in.patient.id, by)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="forget_face",
        event=EventKind.ENDED,
        stage=Stage.FORGOTTEN,
        claim=None,
        patient=None,
        candidate=None,
        offered=(),
        ended_at=services.clock.now(),
    )


def _forget(services: Services, work: Work, patient_id: str, by: Actor) -> bool:
    now = services.clock.now()
    forgotten = work.faces.forget(patient_id, now)
    work.audit.add(now, by, "withdraw_face", f"Patient/{patient_id}", {"kept": str(forgotten).lower()})
    return forgotten
