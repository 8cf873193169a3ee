"""Which check-ins reception may take in hand."""

from kiosk.checkin import lists
from kiosk.checkin.days import is_of_today
from kiosk.errors import NotFound
from kiosk.model.checkin import CheckIn
from kiosk.web.access import parts


def of_today(check_in_id: str) -> CheckIn:
    """One of today's.

    Raises:
        NotFound: no such check-in, or one of another day.
    """
    found = lists.one(parts().services, check_in_id)
    if not is_of_today(parts().services, found):
        raise NotFound("not of today")
    return found
