"""Whether the hospital's record and the database agree on a day: after a restore, and whenever somebody doubts it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.checkin.deliver import ENCOUNTER_STATUS
from kiosk.checkin.services import Services
from kiosk.errors import NotFound
from kiosk.model.checkin import CheckIn
from kiosk.ports.record import KnownEncounter
from kiosk.ports.storage import Work


class Difference(StrEnum):
    """How a check-in and its Encounter differ."""

    NOT_IN_DATABASE = "not_in_database"
    """The record has an Encounter of a check-in that the database does not know."""
    LOST = "lost"
    """So it is, but the number is kept since a restore: reception can make it again."""
    NOT_IN_RECORD = "not_in_record"
    OTHER_STATE = "other_state"
    OTHER_PATIENT = "other_patient"
    WAITING = "waiting"
    """It differs, and a delivery that would end this waits or was refused."""


@dataclass(frozen=True, slots=True)
class Found:
    """One that differs.

    Attributes:
        database: the Encounter.status that follows from the check-in; None where there is none.
        record: the one that the record has; None where there is none.
    """

    check_in_id: str
    difference: Difference
    patient_id: str | None
    database: str | None
    record: str | None


def compare_record(services: Services, day: date) -> list[Found]:
    """Everything of that day in which the two differ; changes nothing.

    Raises:
        RecordError: the record does not answer, or not completely.
    """
    there = {one.check_in_id: one for one in services.record.encounters_of(day)}
    with services.storage.read() as work:
        here = {check_in.encounter: check_in for check_in in work.check_ins.of_day(day) if _told(check_in)}
        late = work.outbox.undelivered()
        unknown = [_unknown(work, one) for key, one in there.items() if key not in here and not _is_known(work, key)]
    differing = [_differing(check_in, there.get(key), waits=check_in.id in late) for key, check_in in here.items()]
    return [*unknown, *(one for found in differing for one in found)]


def _told(check_in: CheckIn) -> str | None:
    """The status that the record is told; None for what it is never told of."""
    if check_in.patient is None or check_in.arrived_at is None:
        return None
    return ENCOUNTER_STATUS.get(check_in.stage)


def _is_known(work: Work, encounter: str) -> bool:
    """Also one of another day: the record may count its Encounter to this one."""
    try:
        check_in = work.check_ins.get(_check_in_of(encounter))
    except NotFound:
        return False
    return check_in.patient is not None and check_in.encounter == encounter


def _check_in_of(encounter: str) -> str:
    """See `CheckIn.encounter`."""
    return encounter.partition(".")[0]


def _unknown(work: Work, one: KnownEncounter) -> Found:
    try:
        lost = work.lost_numbers.get(_check_in_of(one.check_in_id))
    except NotFound:
        return Found(one.check_in_id, Difference.NOT_IN_DATABASE, one.patient_id, None, one.status)
    return Found(one.check_in_id, Difference.LOST, one.patient_id, _told(lost), one.status)


def _differing(check_in: CheckIn, one: KnownEncounter | None, *, waits: bool) -> Iterator[Found]:
    told, patient_id = _told(check_in), check_in.patient and check_in.patient.id
    if one is None:
        difference = Difference.NOT_IN_RECORD
    elif one.patient_id != patient_id:
        difference = Difference.OTHER_PATIENT
    elif one.status != told:
        difference = Difference.OTHER_STATE
    else:
        return
    waiting = waits and difference is not Difference.OTHER_PATIENT
    there = one.status if one else None
    yield Found(check_in.id, Difference.WAITING if waiting else difference, patient_id or None, told, there)
