"""A paper ticket was shown again: whoever holds it finds their number and where to go."""

import re

from kiosk.checkin.days import is_of_today
from kiosk.checkin.services import Services
from kiosk.errors import InputError
from kiosk.model.checkin import IN_QUEUE, CheckIn, Stage
from kiosk.ports.storage import Work

_TICKET = re.compile(r"[0-9a-f]{32}")
_STILL_GOOD = IN_QUEUE | {Stage.RECEPTION}


def is_ticket(payload: str) -> bool:
    """Whether this is what a ticket's QR holds."""
    return _TICKET.fullmatch(payload.strip()) is not None


def holder_of_ticket(services: Services, work: Work, payload: str) -> CheckIn:
    """The check-in of a ticket that is good today; of one whose record was closed, the desk's case that replaced it.

    Raises:
        InputError: kind ``ticket_over``: of another day or hospital, or its check-in has ended.
    """
    holder = work.check_ins.by_ticket_code(payload.strip())
    seen: set[str] = set()
    while holder and holder.replaced_by and holder.stage is Stage.CANCELLED and holder.id not in seen:
        seen.add(holder.id)
        holder = work.check_ins.by_ticket_code(holder.replaced_by)
    if holder is None or not is_of_today(services, holder) or holder.stage not in _STILL_GOOD:
        raise InputError("ticket_over", None, "this ticket is not one of today's open ones")
    return holder
