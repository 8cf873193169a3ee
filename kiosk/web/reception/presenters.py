"""What reception's screen shows: who needs a person most, the stations, and the case in hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kiosk.checkin import compare_holder, enrol_at_desk, known_chips, withdraw
from kiosk.checkin.attach import may_attach
from kiosk.checkin.lists import ReceptionBoard
from kiosk.checkin.move import CANCELLABLE
from kiosk.checkin.services import Services
from kiosk.errors import BusUnreachable
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, CheckIn, Reason, Stage
from kiosk.model.chip_evidence import KnownChip
from kiosk.model.events import StationHealth
from kiosk.model.face import FaceReference
from kiosk.model.identity import IdentityClaim
from kiosk.model.queue import Showings
from kiosk.web.reception.desk_case import DeskCase, desk_case_of

MOST_URGENT_FIRST = (
    Reason.CHIP_ALARM,
    Reason.HOLDER_DIFFERS,
    Reason.ASKED_FOR_HELP,
    Reason.STRUGGLING,
    Reason.CHIP_REFUSED,
    Reason.CHIP_DISAGREES,
    Reason.FACE_NEEDS_STAFF,
    Reason.NUMBER_NOT_CONFIRMED,
    Reason.NOT_THIS_PERSON,
    Reason.OPEN_QUESTION_WRONG,
    Reason.RECORD_DISAGREES,
    Reason.SEVERAL_PATIENTS,
    Reason.UNKNOWN_PATIENT,
    Reason.FACE_DECLINED,
    Reason.ALREADY_ARRIVED,
    Reason.CLINIC_CLOSED,
    Reason.TICKET_NOT_PRINTED,
)
"""Who stands at a machine waits less patiently than who sits with a number."""

QUEUE_STAGES = (Stage.CALLED, Stage.ARRIVED, Stage.ABSENT)


@dataclass(frozen=True, slots=True)
class Need:
    """A line of the people who need reception."""

    check_in: CheckIn
    reason: Reason
    since: datetime

    @property
    def may_come(self) -> bool:
        """Whether somebody may be promised: who called has not left, and nobody is on the way."""
        called = self.check_in.help_reason is not None and self.check_in.coming_by is None
        return called and self.check_in.stage is not Stage.ABANDONED


@dataclass(frozen=True, slots=True)
class Evidence:
    """One presented code or number, and since when it is known."""

    claim: IdentityClaim
    since: datetime
    is_first: bool


@dataclass(frozen=True, slots=True)
class Case:
    """The case in hand: what is known, and what reception may do about it now.

    Attributes:
        no_key: its chip cannot become a known one, because no key of its own answered.
        desk: who this is, what can be undone and put right.
        picture: address of the chip's portrait, if there is one.
        kept_face: the patient's reference, which can be withdrawn here.
        may_enrol: the face may be kept, at one of the kiosks.
        needs_second: and a second name must stand for that.
        shown_again: how often the code was shown again after the number was given.
    """

    check_in: CheckIn
    evidence: tuple[Evidence, ...]
    may_attach: bool
    may_move: bool
    may_cancel: bool
    may_prioritise: bool
    may_reprint: bool
    desk: DeskCase
    may_compare: bool
    may_bind: bool
    no_key: bool
    picture: str | None
    known_chips: Sequence[KnownChip]
    kept_face: FaceReference | None
    may_enrol: bool
    needs_second: bool
    shown_again: Showings | None = None


def needs_of(board: ReceptionBoard) -> list[Need]:
    """Everybody who needs reception, once: who still stands there first, the most urgent, then the longest waiting."""
    found: dict[str, Need] = {}
    for check_in in board.help:
        reason = check_in.help_reason or Reason.ASKED_FOR_HELP
        found[check_in.id] = Need(check_in, reason, check_in.help_since or check_in.changed_at)
    for check_in in board.desk:
        if check_in.stage is Stage.RECEPTION and check_in.id not in found:
            since = check_in.arrived_at or check_in.changed_at
            found[check_in.id] = Need(check_in, check_in.reason or Reason.ASKED_FOR_HELP, since)
    return sorted(found.values(), key=_urgency)


def _urgency(need: Need) -> tuple[bool, int, datetime]:
    has_left = need.check_in.stage is Stage.ABANDONED
    return has_left, MOST_URGENT_FIRST.index(need.reason), need.since


def queue_of(check_ins: Iterable[CheckIn]) -> list[CheckIn]:
    """Who is with the clinic now: in the room, waiting in calling order, absent."""
    waiting = [one for one in check_ins if one.stage in QUEUE_STAGES]
    return sorted(waiting, key=lambda one: QUEUE_STAGES.index(one.stage))


def stations_of(services: Services) -> Sequence[StationHealth] | None:
    """The stations that live; None when nobody knows."""
    try:
        return services.bus.stations()
    except BusUnreachable:
        return None


def names_of(stations: Sequence[StationHealth] | None) -> dict[str, str]:
    """What reception calls each station that lives, by id."""
    return {one.station_id: one.name for one in stations or () if one.name}


def case_of(check_in: CheckIn, services: Services, picture: str, by: Actor) -> Case:
    """Everything reception needs to decide."""
    in_queue = check_in.stage in IN_QUEUE
    numbered = in_queue or check_in.stage is Stage.RECEPTION
    has_portrait = compare_holder.has_portrait(services, check_in)
    return Case(
        check_in=check_in,
        evidence=tuple(_evidence(check_in)),
        may_attach=may_attach(check_in),
        may_move=in_queue,
        may_cancel=check_in.stage in CANCELLABLE,
        may_prioritise=numbered,
        may_reprint=numbered,
        desk=desk_case_of(check_in, services, by),
        may_compare=compare_holder.may_compare(check_in, has_portrait=has_portrait),
        may_bind=known_chips.may_bind(check_in),
        no_key=in_queue and check_in.chip is not None and check_in.chip.chip_key is None,
        picture=picture if has_portrait else None,
        known_chips=known_chips.chips_of(services, check_in),
        kept_face=withdraw.kept_face(services, check_in),
        may_enrol=enrol_at_desk.may_be_sent(services, check_in),
        needs_second=enrol_at_desk.needs_second(check_in),
        shown_again=_shown_again(check_in, services),
    )


def _evidence(check_in: CheckIn) -> Iterable[Evidence]:
    if check_in.claim:
        yield Evidence(check_in.claim, check_in.started_at, is_first=True)
    for claim in check_in.also_claimed:
        yield Evidence(claim, check_in.changed_at, is_first=False)


def _shown_again(check_in: CheckIn, services: Services) -> Showings | None:
    with services.storage.read() as work:
        return work.showings.of(check_in.id)
