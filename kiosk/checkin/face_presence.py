"""Whether a face still counts: it must stay in view from the probe to the number, as its station says again and again.

A station that ends, hangs or is cut off says nothing any more. What rests on the face is then worth no level either.
"""

from dataclasses import replace
from typing import Any

from kiosk.checkin.services import Services
from kiosk.model.checkin import AT_STATION, CheckIn, Enrolment, Stage
from kiosk.model.face import FaceOutcome
from kiosk.model.identity import Assurance
from kiosk.ports.storage import Work

_RESTS_ON = frozenset({FaceOutcome.TAKEN, FaceOutcome.MATCH})


def counts(check_in: CheckIn) -> bool:
    """Whether something rests on a face while it stays in view."""
    face = check_in.face
    return face is not None and face.present and face.outcome in _RESTS_ON


def without_face(check_in: CheckIn) -> dict[str, Any]:
    """What changes about a check-in whose face left: it may be somebody else who goes on."""
    asked = check_in.stage is Stage.ENROL_CONSENT
    open_enrolment = asked or check_in.enrolment is Enrolment.WANTED
    return {
        "stage": Stage.CHOOSING if asked else check_in.stage,
        "face": replace(check_in.face, present=False) if check_in.face else None,
        "assurance": Assurance.CLAIMED,
        "enrolment": Enrolment.NOT_KEPT if open_enrolment else check_in.enrolment,
    }


def while_in_view(services: Services, work: Work, before: CheckIn, after: CheckIn) -> CheckIn:
    """A change as it may be kept: a face that was just taken is in view, an earlier one must have been seen since."""
    if services.faces is None or not counts(after) or before.stage not in AT_STATION:
        return after
    now = services.clock.now()
    if before.face is None or after.face is None or before.face.at != after.face.at:
        work.face_attempts.saw(after.id, now)
        return after
    seen_at = work.face_attempts.seen_at(after.id)
    # of a clock that was set back nothing is known either
    in_view = seen_at is not None and abs(now - seen_at) <= services.faces.unseen_for
    return after if in_view else replace(after, **without_face(after))
