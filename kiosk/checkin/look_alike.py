"""Who has a twin, or somebody of the household, for whom they are taken: then a face decides nothing by itself."""

from kiosk.checkin.services import Services
from kiosk.errors import NotFound
from kiosk.model.actor import Actor


def set_look_alike(services: Services, patient_id: str, *, known: bool, by: Actor) -> None:
    """Say that somebody looks like this patient, or that this was said by mistake.

    Raises:
        NotFound: no face of this patient is kept.
    """
    with services.write() as work:
        reference = work.faces.of_patient(patient_id)
        if reference is None:
            raise NotFound("no face is kept")
        if reference.look_alike == known:
            return
        work.faces.flag(reference.id, look_alike=known)
        action = "flag_look_alike" if known else "unflag_look_alike"
        work.audit.add(services.clock.now(), by, action, f"Patient/{patient_id}", {"reference": reference.id})
