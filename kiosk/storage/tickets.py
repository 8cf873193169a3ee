"""Queue numbers: counted once, kept for ever."""

from datetime import date

from sqlalchemy import ColumnElement, Connection, Date, Update, and_, bindparam, insert, select, text, update

from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.queue import Ticket
from kiosk.storage.tables import counters, tickets

_GIVEN_BACK = (Stage.CANCELLED, Stage.ABANDONED)

_NEXT = text(
    "INSERT INTO counters (clinic_id, day, last) VALUES (:clinic_id, :day, 1) "
    "ON CONFLICT (clinic_id, day) DO UPDATE SET last = counters.last + 1 RETURNING last"
).bindparams(bindparam("day", type_=Date))


class SqlCounters:
    """`CounterStore` on a connection within a transaction, which gives the number back when it rolls back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def next_number(self, clinic_id: str, day: date) -> int:
        """See the port."""
        number: int = self._connection.execute(_NEXT, {"clinic_id": clinic_id, "day": day}).scalar_one()
        return number

    def number_again(self, check_in_id: str, clinic_id: str, day: date) -> int | None:
        """See the port."""
        mine = and_(tickets.c.check_in_id == check_in_id, tickets.c.clinic_id == clinic_id, tickets.c.day == day)
        self._connection.execute(_lock(clinic_id, day))
        return self._connection.scalar(select(tickets.c.number).where(mine).order_by(tickets.c.number.desc()))


def _lock(clinic_id: str, day: date) -> Update:
    here = and_(counters.c.clinic_id == clinic_id, counters.c.day == day)
    return update(counters).where(here).values(last=counters.c.last)


def keep_ticket(connection: Connection, check_in: CheckIn) -> None:
    """Enter the check-in's ticket. Its earlier ones, or all of a cancelled check-in, are void but stay given."""
    mine = select(tickets.c.clinic_id, tickets.c.day, tickets.c.number, tickets.c.void)
    given = {
        Ticket(row.clinic_id, row.day, row.number): row.void
        for row in connection.execute(mine.where(tickets.c.check_in_id == check_in.id))
    }
    wanted = dict.fromkeys(given, True)
    if check_in.ticket:
        wanted[check_in.ticket] = check_in.stage in _GIVEN_BACK
    for ticket, void in wanted.items():
        if ticket not in given:
            values = {"clinic_id": ticket.clinic_id, "day": ticket.day, "number": ticket.number}
            connection.execute(insert(tickets).values(**values, check_in_id=check_in.id, void=void))
        elif given[ticket] != void:
            connection.execute(update(tickets).where(_is(ticket)).values(void=void))


def _is(ticket: Ticket) -> ColumnElement[bool]:
    return and_(tickets.c.clinic_id == ticket.clinic_id, tickets.c.day == ticket.day, tickets.c.number == ticket.number)
