from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, false, insert, or_, select

from kiosk.errors import NotFound, StorageError
from kiosk.model.checkin import CheckIn
from kiosk.model.identity import Identifier
from kiosk.storage.beside_tables import lost_numbers


class SqlLostNumbers:
    """`LostNumberStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, check_in: CheckIn) -> None:
        """See the port."""
        if check_in.ticket is None:
            raise ValueError("a check-in without a number")
        self.drop(check_in.id)
        values = {
            "check_in_id": check_in.id,
            "day": check_in.ticket.day,
            "patient_id": check_in.patient.id if check_in.patient else None,
            "presented": presented(check_in.claim.identifier) if check_in.claim else None,
            "check_in": msgspec.json.encode(check_in).decode(),
        }
        self._connection.execute(insert(lost_numbers), values)

    def get(self, check_in_id: str) -> CheckIn:
        """See the port."""
        found = self._all(lost_numbers.c.check_in_id == check_in_id)
        if not found:
            raise NotFound("no such lost number")
        return found[0]

    def of_day(self, day: date) -> Sequence[CheckIn]:
        """See the port."""
        return self._all(lost_numbers.c.day == day)

    def of_person(self, patient_id: str | None, identifier: Identifier | None, day: date) -> Sequence[CheckIn]:
        """See the port."""
        is_theirs = lost_numbers.c.patient_id == patient_id if patient_id else false()
        was_shown = lost_numbers.c.presented == presented(identifier) if identifier else false()
        return self._all(and_(lost_numbers.c.day == day, or_(is_theirs, was_shown)))

    def drop(self, check_in_id: str) -> None:
        """See the port."""
        self._connection.execute(delete(lost_numbers).where(lost_numbers.c.check_in_id == check_in_id))

    def has_before(self, day: date) -> bool:
        """See the port."""
        found = select(lost_numbers.c.check_in_id).where(lost_numbers.c.day < day).limit(1)
        return self._connection.execute(found).first() is not None

    def drop_before(self, day: date) -> int:
        """See the port."""
        return self._connection.execute(delete(lost_numbers).where(lost_numbers.c.day < day)).rowcount

    def _all(self, condition: ColumnElement[bool]) -> list[CheckIn]:
        query = select(lost_numbers.c.check_in).where(condition)
        try:
            found = [msgspec.json.decode(text, type=CheckIn) for text in self._connection.scalars(query)]
        except msgspec.MsgspecError as error:
            raise StorageError("a lost number cannot be read back") from error
        return sorted(found, key=lambda one: (one.clinic_id or "", one.ticket.number if one.ticket else 0))


def presented(identifier: Identifier) -> str:
    """A presented number as one text, to search for."""
    return f"{identifier.system}|{identifier.value}"
