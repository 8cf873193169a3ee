"""Reading a record: only with a relation to the patient, only at the right level, never without an audit row."""

from datetime import date
from enum import StrEnum

from kiosk.checkin.days import day_now
from kiosk.checkin.doubt import doubts_about
from kiosk.checkin.services import Services
from kiosk.errors import AccessDenied
from kiosk.model.actor import Actor
from kiosk.model.checkin import WITH_CLINIC, CheckIn, Opening
from kiosk.model.doubt import Doubts
from kiosk.model.identity import Assurance
from kiosk.model.staff import Role, StaffAccount
from kiosk.model.summary import RecordSummary


class Access(StrEnum):
    """What an account may do with the record behind a check-in."""

    OPEN = "open"
    ASK = "ask"
    """The open question, or a document, comes first."""
    DENIED = "denied"


def access_to(check_in: CheckIn, account: StaffAccount, today: date, doubts: Doubts) -> Access:
    """The relation: a doctor, own clinic, today. The level: `verified`, or checked for this clinic today.

    A birth date that was said opens nothing once staff or a chip doubted who this is. Guesses at a kiosk, which
    anybody can make, close nothing that was opened before.

    Args:
        check_in: whose record it is about.
        account: who would read it.
        today: of the clinic (`days.day_now`).
        doubts: about this person.
    """
    related = (
        account.role is Role.DOCTOR
        and not account.disabled
        and check_in.patient is not None
        and check_in.day == today
        and check_in.stage in WITH_CLINIC
        and check_in.clinic_id in account.clinics
    )
    if not related:
        return Access.DENIED
    if check_in.assurance in {Assurance.VERIFIED, Assurance.PROVEN}:
        return Access.OPEN
    checked = check_in.checked
    checked_here = checked is not None and checked.clinic_id == check_in.clinic_id
    outweighed = checked is not None and checked.how is Opening.SPOKEN and doubts.gravest is not None
    return Access.OPEN if checked_here and not outweighed else Access.ASK


def read_record(services: Services, check_in_id: str, *, account: StaffAccount) -> RecordSummary:
    """The record behind a check-in; the audit row is committed before the record is asked.

    Raises:
        AccessDenied: no relation, or the level does not open it; audited too.
        NotFound: no such check-in.
        RecordUnreachable: the record does not answer.
    """
    by = Actor.staff(account.id)
    with services.write() as work:
        check_in = work.check_ins.get(check_in_id)
        doubts = doubts_about(services, work, check_in.claim, check_in.patient)
        access = access_to(check_in, account, day_now(services, check_in), doubts)
        allowed = access is Access.OPEN
        work.audit.add(
            services.clock.now(),
            by,
            "read_record" if allowed else "read_refused",
            f"Patient/{check_in.patient.id}" if check_in.patient else f"check-in/{check_in.id}",
            {"check_in": check_in.id, "assurance": check_in.assurance, "access": access},
        )
        if allowed and check_in.patient:
            work.readers.put(check_in.id, str(by), check_in.patient.id, services.clock.now())
    if not allowed or check_in.patient is None:
        raise AccessDenied(f"access {access}")
    return services.record.summary(check_in.patient.id)
