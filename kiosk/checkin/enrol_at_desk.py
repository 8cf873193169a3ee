"""Reception sends somebody to a kiosk to have the face kept: after a document and two names, or a chip that speaks."""

from datetime import timedelta

from kiosk.checkin.change import load, store
from kiosk.checkin.compare import unsettled
from kiosk.checkin.face_tries import faces_of
from kiosk.checkin.services import Services
from kiosk.checkin.start import begin
from kiosk.errors import AccessDenied, NotPossibleNow
from kiosk.identify.face.policy import is_adult
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, CheckIn, Intent, Opening, Stage
from kiosk.model.chip_card import ChipVerdict
from kiosk.ports.storage import Work

A_MINUTE = timedelta(minutes=1)


def may_send(services: Services, work: Work, check_in: CheckIn) -> bool:
    """Whether this patient may be sent: an adult, certain enough, without a reference."""
    patient = check_in.patient
    return (
        services.faces is not None
        and patient is not None
        and check_in.stage in IN_QUEUE
        and (_chip_speaks(check_in) or _document_inspected(check_in))
        and not unsettled(check_in)
        and not patient.multiple_birth
        and is_adult([patient.birth_date], services.clock.today())
        and work.faces.of_patient(patient.id) is None
    )


def may_be_sent(services: Services, check_in: CheckIn) -> bool:
    """See `may_send`, in a unit of work of its own."""
    with services.storage.read() as work:
        return may_send(services, work, check_in)


def needs_second(check_in: CheckIn) -> bool:
    """Whether a second name is needed: a document alone was inspected by one person."""
    return not _chip_speaks(check_in)


def send(
    services: Services, check_in_id: str, *, version: int, station_id: str, second: Actor | None, by: Actor
) -> CheckIn:
    """Let a free kiosk ask the patient for consent and take the face.

    Returns:
        The new check-in at that kiosk.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: it does not fit this patient, or somebody stands at that kiosk.
        AccessDenied: a second person of the staff must stand for it.
    """
    faces_of(services)
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=IN_QUEUE)
        if not may_send(services, work, check_in):
            raise NotPossibleNow("this face cannot be kept now")
        if needs_second(check_in) and second in {None, by}:
            raise AccessDenied("a second person of the staff must stand for it")
        if work.check_ins.at_station(station_id) or _just_left(services, work, station_id):
            raise NotPossibleNow("somebody stands at that kiosk")
        sent = begin(services, work, station_id=station_id, language=check_in.language, by=by, intent=Intent.KEEP_FACE)
        names = tuple(str(actor) for actor in (by, second) if actor)
        work.audit.add(services.clock.now(), by, "send_to_enrol", f"check-in/{check_in.id}", {"to": sent.id})
        return store(
            services,
            work,
            sent,
            by=by,
            action="asked_to_enrol",
            stage=Stage.ENROL_CONSENT,
            claim=check_in.claim,
            patient=check_in.patient,
            assurance=check_in.assurance,
            vouched_by=names,
            sent_from=check_in.id,
        )


def _just_left(services: Services, work: Work, station_id: str) -> bool:
    """Whoever reads their number there still would be asked in the other's place."""
    newest = work.check_ins.newest_at(station_id)
    given = newest.arrived_at if newest else None
    return given is not None and timedelta(0) <= services.clock.now() - given < A_MINUTE


def _chip_speaks(check_in: CheckIn) -> bool:
    """A genuine or known chip whose holder staff have compared or inspected."""
    chip = check_in.chip
    seen = chip is not None and (chip.holder is not None or check_in.checked is not None)
    return (
        chip is not None and seen and not chip.lost and (chip.verdict is ChipVerdict.GENUINE or chip.known)
    ) and not (chip.holder and not chip.holder.matches)


def _document_inspected(check_in: CheckIn) -> bool:
    return check_in.checked is not None and check_in.checked.how is Opening.DOCUMENT
