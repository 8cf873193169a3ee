"""Which day it is: for the hospital, and for a clinic that is open over midnight.

A check-in belongs to the service day in which its clinic opened. Everything that lists, numbers or guards what is "of
today" asks here.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from kiosk.checkin.services import Services
from kiosk.model.checkin import AT_STATION, CheckIn
from kiosk.model.clinic import RECEPTION, Clinic
from kiosk.ports.storage import Work

A_DAY = timedelta(days=1)


def clinic_day(services: Services, clinic_id: str) -> date:
    """The day in which this queue counts and lists now; reception's own changes at midnight."""
    today = services.clock.today()
    clinic = services.clinics.get(clinic_id)
    if clinic is None or not clinic.is_over_midnight:
        return today
    now = services.clock.to_hospital(services.clock.now())
    opened = now.date() - A_DAY if clinic.goes_on_at(now.time()) else now.date()
    # where the service day stands, in doubt, the calendar has gone on without it
    return min(opened, today)


def day_now(services: Services, check_in: CheckIn) -> date:
    """The day that the check-in's queue is in now."""
    return clinic_day(services, check_in.clinic_id) if check_in.clinic_id else services.clock.today()


def going_on(services: Services) -> Sequence[str]:
    """The queues of which yesterday goes on; reception's with them, so that its cases of before midnight are kept."""
    today = services.clock.today()
    clinics = [clinic_id for clinic_id in services.clinics if clinic_day(services, clinic_id) < today]
    return [*clinics, RECEPTION] if clinics else []


def open_days(services: Services) -> Sequence[date]:
    """Today, and yesterday as long as it goes on anywhere; the earlier one first."""
    today = services.clock.today()
    return [today - A_DAY, today] if going_on(services) else [today]


def is_of_today(services: Services, check_in: CheckIn) -> bool:
    """Whether this check-in is of the day that its queue is in; whoever stands at a station is there now."""
    if check_in.stage in AT_STATION:
        return True
    clinic_id = check_in.clinic_id
    if clinic_id is None or clinic_id == RECEPTION:
        return check_in.day in open_days(services)
    return check_in.day == clinic_day(services, clinic_id)


def of_today(services: Services, work: Work, patient_id: str) -> list[CheckIn]:
    """All of one patient's that are of today, in the order in which they were begun within a day."""
    days = [services.clock.today() - A_DAY, services.clock.today()]
    theirs = [check_in for day in days for check_in in work.check_ins.of_patient(patient_id, day)]
    return [check_in for check_in in theirs if is_of_today(services, check_in)]


def is_open(services: Services, clinic: Clinic) -> bool:
    """Whether a clinic takes walk-ins now; where nobody knows the hour, a person decides and not the kiosk."""
    now = services.clock.to_hospital(services.clock.now()).time()
    return not services.clock.knows_hour or clinic.is_open(now)
