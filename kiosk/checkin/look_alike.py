"""Who has a twin, or somebody of the household, for whom they are taken: then a face decides nothing by itself."""

from kiosk.checkin.change import store
from kiosk.checkin.days import of_today
from kiosk.checkin.face_presence import counts, without_face
from kiosk.checkin.services import Services
from kiosk.errors import NotFound, NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, IN_QUEUE, Opening
from kiosk.model.face import FaceReference
from kiosk.ports.storage import Work


def note_look_alike(services: Services, patient_id: str, *, by: Actor) -> None:
    """Somebody looks like this patient: whoever is here today as this patient by face falls back to `claimed`.

    Not so where staff have inspected a document.

    Raises:
        NotFound: no face of this patient is kept.
    """
    with services.write() as work:
        reference = _of(work, patient_id)
        if reference.look_alike:
            return
        work.faces.flag(reference.id, noted=True)
        work.audit.add(services.clock.now(), by, "note_look_alike", f"Patient/{patient_id}", {})
        _lower(services, work, patient_id, by)


def take_note_back(services: Services, patient_id: str, *, by: Actor) -> None:
    """It was noted by mistake; what the search before an enrolment found stays.

    Raises:
        NotFound: no face of this patient is kept.
        NotPossibleNow: it was found by that search.
    """
    with services.write() as work:
        reference = _of(work, patient_id)
        if not reference.look_alike:
            return
        if not reference.noted:
            raise NotPossibleNow("a search found somebody who looks alike")
        work.faces.take_note_back(reference.id)
        work.audit.add(services.clock.now(), by, "take_look_alike_back", f"Patient/{patient_id}", {})


def _of(work: Work, patient_id: str) -> FaceReference:
    reference = work.faces.of_patient(patient_id)
    if reference is None:
        raise NotFound("no face is kept")
    return reference


def _lower(services: Services, work: Work, patient_id: str, by: Actor) -> None:
    for check_in in of_today(services, work, patient_id):
        by_document = check_in.checked is not None and check_in.checked.how is Opening.DOCUMENT
        if check_in.stage in IN_QUEUE | AT_STATION and counts(check_in) and not by_document:
            fields = without_face(check_in) | {"face": check_in.face}
            store(services, work, check_in, by=by, action="look_alike_noted", **fields)
