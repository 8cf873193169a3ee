"""How often a face may be tried: of a check-in, of a patient in a day, and of searches at a station."""

from datetime import timedelta

from kiosk.checkin.faces import Faces
from kiosk.checkin.services import Services
from kiosk.errors import NotPossibleNow
from kiosk.identify.face.policy import may_try
from kiosk.model.checkin import CheckIn
from kiosk.model.identity import Patient
from kiosk.ports.storage import Work

A_DAY = timedelta(days=1)


def faces_of(services: Services) -> Faces:
    """What is set about faces.

    Raises:
        NotPossibleNow: they are off here.
    """
    if services.faces is None:
        raise NotPossibleNow("faces are off")
    return services.faces


def searches(check_in: CheckIn) -> bool:
    """Whether the face shall tell who this is; else it is compared with one person."""
    return check_in.patient is None


def is_spent(services: Services, check_in: CheckIn) -> bool:
    """Whether this check-in's attempts by face are spent."""
    return services.faces is None or check_in.face_tries >= services.faces.tries


def is_open(services: Services, work: Work, check_in: CheckIn) -> bool:
    """Whether the face may be tried: tries are left of this check-in, of whom it is about, and of a search here."""
    if services.faces is None or is_spent(services, check_in):
        return False
    return (
        may_be(services, work, check_in.patient) if check_in.patient else not _is_closed_here(services, work, check_in)
    )


def may_be(services: Services, work: Work, patient: Patient) -> bool:
    """Whether tries are left for being known as this patient, today."""
    misses = work.face_attempts.misses_since(f"Patient/{patient.id}", services.clock.now() - A_DAY)
    return may_try(misses, faces_of(services).tries)


def count_miss(services: Services, work: Work, check_in: CheckIn, patient: Patient | None) -> None:
    """A face that led to nothing counts against whom it was taken for, and against a search at this station."""
    now = services.clock.now()
    if patient:
        work.face_attempts.add_miss(f"Patient/{patient.id}", now)
    if searches(check_in):
        work.face_attempts.add_miss(f"station/{check_in.station_id}", now)


def _is_closed_here(services: Services, work: Work, check_in: CheckIn) -> bool:
    since = services.clock.now() - services.policy.station_failure_window
    misses = work.face_attempts.misses_since(f"station/{check_in.station_id}", since)
    return misses >= services.policy.station_failures


def is_newest(work: Work, check_in_id: str, attempt_id: str) -> bool:
    """Whether this is the attempt that was drawn last for the check-in, used or not."""
    newest = work.face_attempts.newest(check_in_id)
    return newest is not None and newest.id == attempt_id
