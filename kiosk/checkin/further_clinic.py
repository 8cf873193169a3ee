"""What somebody who has a number may still decide at a kiosk: another clinic in its place, or one more."""

from dataclasses import replace

from kiosk.checkin.arrival import arrival, clinic_of, open_clinics, refuse_second
from kiosk.checkin.change import load, store
from kiosk.checkin.deliveries import queue_deliveries
from kiosk.checkin.services import Services
from kiosk.checkin.start import begin
from kiosk.errors import NotPossibleNow, RecordError
from kiosk.model.actor import Actor
from kiosk.model.appointment import Appointment
from kiosk.model.checkin import IN_QUEUE, CheckIn, Stage
from kiosk.model.clinic import Clinic
from kiosk.model.events import EventKind
from kiosk.model.queue import PrintState
from kiosk.ports.outbox import DeliveryKind
from kiosk.ports.storage import Work


def may_change(services: Services, shown: CheckIn, holder: CheckIn) -> bool:
    """Whether the number on the screen may still be given up for one of another clinic: soon, and while uncalled."""
    given = holder.arrived_at
    soon = given is not None and services.clock.now() - given <= services.policy.change_clinic
    return soon and holder.stage is Stage.ARRIVED and holder.called_at is None and _is_theirs(shown, holder)


def may_take_another(services: Services, shown: CheckIn, holder: CheckIn) -> bool:
    """Whether a number of a further clinic may be asked for from this screen: who holds the paper alone may not."""
    return holder.stage in IN_QUEUE and holder.day == services.clock.today() and _is_theirs(shown, holder)


def other_clinics(services: Services, work: Work, holder: CheckIn) -> list[Clinic]:
    """The open clinics at which the holder of this number has none yet."""
    held = {holder.clinic_id}
    if holder.patient:
        theirs = work.check_ins.of_patient(holder.patient.id, services.clock.today())
        held |= {one.clinic_id for one in theirs if one.stage in IN_QUEUE}
    return [clinic for clinic in open_clinics(services) if clinic.id not in held]


def change_clinic(services: Services, check_in_id: str, *, version: int, clinic_id: str, by: Actor) -> CheckIn:
    """Give up the number for one of another clinic, in one transaction: the old one stays until the new one is there.

    Args:
        services: the ports.
        check_in_id: of the check-in on the screen.
        version: as the screen showed it.
        clinic_id: the new one.
        by: the actor.

    Returns:
        The check-in that has the number.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: called meanwhile, too late, or the clinic takes nobody now.
        AlreadyCheckedIn: the patient has a number there.
    """
    with services.storage.read() as work:
        booked = _booked(services, _holder(work, load(work, check_in_id, version=version)), clinic_id)
    with services.write() as work:
        shown = load(work, check_in_id, version=version)
        holder = _holder(work, shown)
        clinic = next((one for one in other_clinics(services, work, holder) if one.id == clinic_id), None)
        if clinic is None or not _on_screen(shown) or not may_change(services, shown, holder):
            raise NotPossibleNow("the clinic cannot be changed here now")
        return _move(services, work, holder, clinic, booked, by)


def another_clinic(services: Services, check_in_id: str, *, by: Actor) -> CheckIn:
    """Begin a check-in for a further clinic, for whoever has the number on the screen: who that is, is asked again.

    Raises:
        NotPossibleNow: that number is not on the screen any more, or only its paper was shown.
        NotFound: no such check-in.
    """
    with services.write() as work:
        shown = load(work, check_in_id)
        holder = _holder(work, shown)
        somebody = work.check_ins.at_station(shown.station_id)
        if somebody or not _on_screen(shown) or not may_take_another(services, shown, holder):
            raise NotPossibleNow("no further clinic can be chosen here now")
        if not other_clinics(services, work, holder):
            raise NotPossibleNow("no other clinic takes anybody now")
        begun = begin(services, work, station_id=shown.station_id, language=shown.language, by=by)
        return store(
            services,
            work,
            begun,
            by=by,
            action="another_clinic",
            detail={"beside": holder.id},
            stage=Stage.IS_THIS_YOU,
            claim=holder.claim,
            patient=holder.patient,
            unresolved=holder.unresolved,
            another=True,
        )


def _holder(work: Work, shown: CheckIn) -> CheckIn:
    return load(work, shown.same_as) if shown.same_as else shown


def _on_screen(shown: CheckIn) -> bool:
    return shown.off_screen_at is None


def _is_theirs(shown: CheckIn, holder: CheckIn) -> bool:
    """Whether more than a paper led to this screen, and a name can be shown that its holder knows."""
    claim = holder.claim
    named = claim is not None and (claim.name is not None or holder.patient is not None)
    return named and not shown.by_ticket


def _booked(services: Services, holder: CheckIn, clinic_id: str) -> Appointment | None:
    """Today's earliest appointment at that clinic; none where the record does not answer."""
    if holder.patient is None:
        return None
    try:
        today = services.record.appointments(holder.patient.id, services.clock.today())
    except RecordError:
        return None
    there = [one for one in today if one.status == "booked" and (at := clinic_of(services, one)) and at.id == clinic_id]
    return min(there, key=lambda one: one.start, default=None)


def _move(
    services: Services, work: Work, holder: CheckIn, clinic: Clinic, booked: Appointment | None, by: Actor
) -> CheckIn:
    fields = arrival(services, work, holder, clinic, booked)
    refuse_second(work, holder, day=fields["day"], clinic_id=clinic.id, appointment_id=fields["appointment_id"])
    work.papers.put(holder.id, PrintState.NOT_ASKED)
    left = holder.appointment_id if holder.appointment_id != fields["appointment_id"] else None
    moved = store(
        services,
        work,
        replace(holder, left_appointment=left or holder.left_appointment),
        by=by,
        action="change_clinic",
        event=EventKind.ARRIVED,
        detail={"from": holder.clinic_id or "", "to": clinic.id},
        **fields,
    )
    queue_deliveries(work, moved, due=services.clock.now())
    if moved.left_appointment:
        work.outbox.add(DeliveryKind.APPOINTMENT, moved.id, services.clock.now())
    return moved
