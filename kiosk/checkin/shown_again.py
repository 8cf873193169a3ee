"""A code was shown again whose owner has a number today: a photograph of a card holds the code too.

So nothing of that number, its clinic or its time is shown before the birth date, and reception can see how often.
"""

from collections.abc import Sequence
from dataclasses import replace

from kiosk.checkin.arrival import active_key
from kiosk.checkin.change import store
from kiosk.checkin.days import clinic_day, of_today, open_days
from kiosk.checkin.desk import desk_key
from kiosk.checkin.resolve import Resolution
from kiosk.checkin.services import Services
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Reason, Stage
from kiosk.model.clinic import RECEPTION
from kiosk.model.identity import IdentityClaim, Patient
from kiosk.ports.storage import Work

NOT_CONFIRMED = Resolution(reason=Reason.NUMBER_NOT_CONFIRMED)


def numbered_today(
    services: Services, work: Work, check_in: CheckIn, claim: IdentityClaim, patient: Patient | None
) -> Sequence[CheckIn]:
    """Today's check-ins with a number of a clinic to which this code leads, those over by now too."""
    known = of_today(services, work, patient.id) if patient else ()
    found = {one.id: one for one in known if one.ticket and one.clinic_id != RECEPTION}
    for clinic_id in services.clinics:
        nameless = replace(check_in, patient=None, claim=claim, day=clinic_day(services, clinic_id))
        if holder := work.check_ins.holder_of(active_key(nameless, clinic_id, None)):
            found[holder.id] = holder
    for day in open_days(services):
        key = desk_key(claim, replace(check_in, day=day))
        if key and (holder := work.check_ins.holder_of(key)) and holder.clinic_id != RECEPTION:
            found[holder.id] = holder  # a number that reception gave without a record
    return list(found.values())


def ask_owner(
    services: Services, work: Work, check_in: CheckIn, claim: IdentityClaim, held: Sequence[CheckIn], *, by: Actor
) -> CheckIn:
    """Ask for the birth date, as after a bare number; counted beside the check-ins that have the numbers."""
    for one in held:
        work.showings.add(one.id, check_in.station_id, services.clock.now())
    return store(
        services,
        work,
        check_in,
        by=by,
        action="shown_again",
        detail={"as": " ".join(one.id for one in held)},
        stage=Stage.BIRTH_DATE,
        claim=claim,
        patient=None,
        problem=None,
        candidate=None,
        face=None,
    )
