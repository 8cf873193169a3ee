"""Reading a record: only with a relation to the patient, only at the right level, never without an audit row."""

from datetime import date
from enum import StrEnum

from kiosk.checkin.services import Services
from kiosk.errors import AccessDenied
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, CheckIn, Stage
from kiosk.model.identity import Assurance
from kiosk.model.staff import Role, StaffAccount
from kiosk.model.summary import RecordSummary

WITH_CLINIC = IN_QUEUE | {Stage.DONE}


class Access(StrEnum):
    """What an account may do with the record behind a check-in."""

    OPEN = "open"
    ASK = "ask"
    """The open question, or a document, comes first."""
    DENIED = "denied"


def access_to(check_in: CheckIn, account: StaffAccount, today: date) -> Access:
    """The relation: a doctor, own clinic, today. The level: `verified`, or checked for this clinic today."""
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
    checked_here = check_in.checked is not None and check_in.checked.clinic_id == check_in.clinic_id
    return Access.OPEN if checked_here else Access.ASK


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
        access = access_to(check_in, account, services.clock.today())
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
