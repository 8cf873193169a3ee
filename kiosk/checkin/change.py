"""How every use case reads and writes a check-in: version, stage, event and audit row in one transaction."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from kiosk.checkin.face_presence import while_in_view
from kiosk.checkin.services import Services
from kiosk.errors import NotPossibleNow, StaleVersion
from kiosk.model.actor import Actor
from kiosk.model.checkin import CheckIn, Enrolment, Stage
from kiosk.model.events import EventKind
from kiosk.model.identity import Assurance
from kiosk.ports.storage import Work

ENDED = frozenset({Stage.DONE, Stage.CANCELLED, Stage.ABANDONED, Stage.KEPT, Stage.FORGOTTEN})
"""Nothing follows, but for what can be undone: nobody compares a portrait any more."""

WITH_CANDIDATE = frozenset({Stage.BIRTH_DATE, Stage.LAST_FOUR})
"""Where whom a search found is still to be confirmed; nowhere else is it kept."""


def load(
    work: Work, check_in_id: str, *, stages: Collection[Stage] | None = None, version: int | None = None
) -> CheckIn:
    """Read a check-in for a change; without `stages` at any stage.

    Raises:
        NotFound: no such check-in.
        StaleVersion: it is not at the version that the actor saw.
        NotPossibleNow: its stage does not allow the step.
    """
    check_in = work.check_ins.get(check_in_id)
    if version is not None and check_in.version != version:
        raise StaleVersion(f"version {check_in.version}, not {version}")
    if stages is not None and check_in.stage not in stages:
        raise NotPossibleNow(f"not at stage {check_in.stage}")
    return check_in


def store(
    services: Services,
    work: Work,
    before: CheckIn,
    *,
    by: Actor,
    action: str,
    event: EventKind = EventKind.CHANGED,
    detail: Mapping[str, str] | None = None,
    **fields: Any,  # noqa: ANN401 # the fields of CheckIn, checked by dataclasses.replace
) -> CheckIn:
    """Write a change with its event and its audit row.

    A change of queue tells both clinics. Whoever becomes another person, or nobody, keeps no level and no face of the
    one before, unless this very change says so; nor does anybody whose face nobody has seen for a while.

    Raises:
        StaleVersion: somebody else was first.
        AlreadyCheckedIn: another check-in holds the new `active_key`.
    """
    now = services.clock.now()
    after = _of_one_person(before, replace(before, **fields, version=before.version + 1, changed_at=now), fields)
    after = while_in_view(services, work, before, after)
    if after.help_since != before.help_since:
        # whoever said that they come meant the call before
        after = replace(after, coming_by=None, coming_at=None)
    if after.chip and after.stage in ENDED:
        work.portraits.drop(after.id)
        after = replace(after, chip=after.chip.at_end())
    work.check_ins.save(after)
    work.events.add(event, after, after.clinic_id, now)
    if before.clinic_id not in {None, after.clinic_id}:
        work.events.add(EventKind.ENDED, after, before.clinic_id, now)
    level = {} if after.assurance is before.assurance else {"assurance": after.assurance}
    work.audit.add(now, by, action, f"check-in/{after.id}", {"stage": after.stage, **level, **(detail or {})})
    return after


def _of_one_person(before: CheckIn, after: CheckIn, changed: Collection[str]) -> CheckIn:
    if after.stage not in WITH_CANDIDATE:
        after = replace(after, candidate=None)
    if (before.patient and before.patient.id) == (after.patient and after.patient.id):
        return after
    return replace(
        after,
        assurance=after.assurance if "assurance" in changed else Assurance.CLAIMED,
        face=after.face if "face" in changed else None,
        enrolment=Enrolment.NOT_KEPT if after.enrolment is Enrolment.WANTED else after.enrolment,
    )
