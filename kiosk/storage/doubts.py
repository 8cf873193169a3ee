"""What was doubtful about people today. Their numbers are kept like those of claims, and as long as attempts."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, or_, select, update

from kiosk.errors import InputError, StorageError
from kiosk.model.doubt import BY_STAFF, Doubt
from kiosk.model.identity import Identifier
from kiosk.storage.beside_tables import doubts
from kiosk.storage.tables import as_utc

KEPT = 12
"""Of one kind, number and Patient on one day; older ones are only counted."""

_COLUMNS = ("id", "day", "kind", "at", "station_id", "check_in_id", "clinic_id", "patient_id", "times")
"""Fields of a doubt that have a column of the same name."""


class SqlDoubts:
    """`DoubtStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, doubt: Doubt) -> None:
        """See the port."""
        alike = [doubts.c.kind == doubt.kind.value, doubts.c.patient_id.is_not_distinct_from(doubt.patient_id)]
        system, value = _number(doubt)
        alike += [doubts.c.system.is_not_distinct_from(system), doubts.c.value.is_not_distinct_from(value)]
        kept = self._rows(doubts.c.day == doubt.day, *alike)
        if len(kept) >= KEPT:
            self._fold(kept[0], kept[1])
        self._connection.execute(insert(doubts), _to_row(doubt))

    def about(self, day: date, *, identifiers: Collection[Identifier], patient_ids: Collection[str]) -> Sequence[Doubt]:
        """See the port."""
        found = self._of(day, identifiers, patient_ids)
        whose = {row.patient_id for row in found if row.patient_id} | set(patient_ids)
        return self._of(day, identifiers, whose) if whose - set(patient_ids) else found

    def take_back(self, check_in_id: str) -> Sequence[Doubt]:
        """See the port."""
        by_staff = and_(doubts.c.check_in_id == check_in_id, doubts.c.kind.in_(BY_STAFF))
        taken = self._rows(by_staff)
        self._connection.execute(delete(doubts).where(by_staff))
        return taken

    def on(self, day: date) -> Sequence[Doubt]:
        """See the port."""
        return self._rows(doubts.c.day == day)

    def _of(self, day: date, identifiers: Collection[Identifier], patient_ids: Collection[str]) -> list[Doubt]:
        theirs = [and_(doubts.c.system == one.system.value, doubts.c.value == one.value) for one in identifiers]
        theirs += [doubts.c.patient_id == one for one in patient_ids]
        # the day in each part, so that each part has an index of its own
        return self._rows(or_(*(and_(doubts.c.day == day, one) for one in theirs))) if theirs else []

    def _rows(self, *conditions: ColumnElement[bool]) -> list[Doubt]:
        query = select(doubts).where(*conditions).order_by(doubts.c.id)
        return [_from_row(row) for row in self._connection.execute(query).mappings()]

    def _fold(self, oldest: Doubt, next_one: Doubt) -> None:
        self._connection.execute(delete(doubts).where(doubts.c.id == oldest.id))
        together = {"times": oldest.times + next_one.times}
        self._connection.execute(update(doubts).where(doubts.c.id == next_one.id).values(together))


def _number(doubt: Doubt) -> tuple[str | None, str | None]:
    if doubt.claim is None:
        return None, None
    return doubt.claim.identifier.system.value, doubt.claim.identifier.value


def _to_row(doubt: Doubt) -> dict[str, object]:
    system, value = _number(doubt)
    row: dict[str, object] = {name: getattr(doubt, name) for name in _COLUMNS if name != "id"}
    details = {"claim": doubt.claim, "disagrees": doubt.disagrees}
    row |= {"kind": doubt.kind.value, "at": as_utc(doubt.at), "system": system, "value": value}
    return row | {"details": msgspec.json.encode(details).decode()}


def _from_row(row: RowMapping) -> Doubt:
    try:
        details = msgspec.json.decode(row["details"], type=dict[str, object])
        found = msgspec.convert({name: row[name] for name in _COLUMNS} | details, Doubt)
    except (msgspec.MsgspecError, InputError) as error:
        raise StorageError(f"doubt {row['id']} cannot be read back") from error
    return replace(found, at=as_utc(found.at))
