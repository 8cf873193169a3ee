"""A paper ticket was shown again: whoever holds it finds their number and where to go."""

import re

from kiosk.checkin.days import is_of_today
from kiosk.checkin.doubt import doubts_about
from kiosk.checkin.services import Services
from kiosk.errors import InputError
from kiosk.model.checkin import IN_QUEUE, CheckIn, Reason, Stage
from kiosk.model.clinic import RECEPTION
from kiosk.model.doubt import BY_STAFF
from kiosk.ports.storage import Work

_TICKET = re.compile(r"[0-9a-f]{32}")
_STILL_GOOD = IN_QUEUE | {Stage.RECEPTION}
CLOSED_BY_STAFF = frozenset(Reason(kind) for kind in BY_STAFF)


def is_ticket(payload: str) -> bool:
    """Whether this is what a ticket's QR holds."""
    return _TICKET.fullmatch(payload.strip()) is not None


def holder_of_ticket(services: Services, work: Work, payload: str) -> CheckIn:
    """The check-in of a ticket that is good today, or that staff ended today in doubt.

    Raises:
        InputError: kind ``ticket_over``: of another day or hospital, or its check-in has ended.
    """
    holder = work.check_ins.by_ticket_code(payload.strip())
    of_today = holder is not None and is_of_today(services, holder)
    if holder is None or not of_today or not (is_good(holder) or _ended_in_doubt(services, work, holder)):
        raise InputError("ticket_over", None, "this ticket is not one of today's open ones")
    return holder


def is_good(holder: CheckIn) -> bool:
    """Whether the number counts."""
    return holder.stage in _STILL_GOOD


def _ended_in_doubt(services: Services, work: Work, holder: CheckIn) -> bool:
    """What reception cancelled is over; whose record was closed is for reception."""
    ended = holder.stage is Stage.CANCELLED and holder.clinic_id != RECEPTION and holder.reason in CLOSED_BY_STAFF
    return ended and doubts_about(services, work, holder.claim, holder.patient).stands
