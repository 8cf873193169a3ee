"""What a restore takes from the database that it replaces: whatever must not be forgotten or given back.

One function a table, called with both databases in one transaction of the restored one; each says what it did, without
names or numbers of patients. A table that somebody adds gets a function, or its content goes back in time.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection, RowMapping, Table, and_, delete, func, insert, select, update

from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.queue import Ticket
from kiosk.storage.beside_tables import attempts, doubts, known_chips, lost_numbers
from kiosk.storage.check_in_rows import from_row
from kiosk.storage.check_ins import SqlCheckIns
from kiosk.storage.face_tables import face_misses
from kiosk.storage.host_tables import kept_time
from kiosk.storage.lost_numbers import SqlLostNumbers
from kiosk.storage.tables import check_ins, counters, sessions, staff, tickets

GIVEN = (Stage.ARRIVED, Stage.CALLED, Stage.DONE, Stage.ABSENT, Stage.RECEPTION)
"""Whoever is at one of these holds a number."""

_STILL_TODAY = timedelta(days=1)
"""A restore may take place on the other side of midnight."""

Carry = Callable[[Connection, Connection], Sequence[str]]
"""From the replaced database to the restored one; returns what to tell whoever restores."""


def keep_counters(replaced: Connection, restored: Connection) -> Sequence[str]:
    """No number is given twice, neither of those that are lost."""
    here = {(row.clinic_id, row.day): row.last for row in restored.execute(select(counters))}
    for row in replaced.execute(select(counters)):
        key = and_(counters.c.clinic_id == row.clinic_id, counters.c.day == row.day)
        if (row.clinic_id, row.day) not in here:
            restored.execute(insert(counters), dict(row._mapping))  # noqa: SLF001 # SQLAlchemy's public name
        elif here[row.clinic_id, row.day] < row.last:
            restored.execute(update(counters).where(key).values(last=row.last))
    return ()


def keep_accounts(replaced: Connection, restored: Connection) -> Sequence[str]:
    """Accounts as they were: nobody who was disabled comes back, no password that was changed is good again."""
    here = {row["sign_in_key"]: row for row in _rows(restored, staff)}
    said = []
    for row in _rows(replaced, staff):
        backup = here.pop(row["sign_in_key"], None)
        if backup is None:
            restored.execute(insert(staff), dict(row))
            said.append(f"account {row['sign_in_name']}: is not in the backup, stays")
        elif changed := [name for name in _ACCOUNT if row[name] != backup[name]]:
            values = {name: row[name] for name in (*_ACCOUNT, "failures", "locked_until")}
            restored.execute(update(staff).where(staff.c.id == backup["id"]).values(values))
            said.append(f"account {row['sign_in_name']}: stays as it was, not as in the backup: {_words(row, changed)}")
    return said + [f"account {row['sign_in_name']}: is in the backup only" for row in here.values()]


_ACCOUNT = {
    "sign_in_name": "name",
    "shown_name": "shown name",
    "role": "role",
    "clinics": "clinics",
    "password_hash": "password",
    "disabled": "disabled",
}
"""What of an account is compared, and how it is called."""


def _words(row: RowMapping, changed: Iterable[str]) -> str:
    words = {**_ACCOUNT, "disabled": "disabled" if row["disabled"] else "active"}
    return ", ".join(words[name] for name in changed)


def keep_ended_chips(replaced: Connection, restored: Connection) -> Sequence[str]:
    """A chip that was revoked or reported lost stays so; one that was bound since must be bound again."""
    ended = [row for row in _rows(replaced, known_chips) if row["revoked_at"] or row["lost_at"]]
    here = {row["id"]: row for row in _rows(restored, known_chips)}
    kept = 0
    for row in ended:
        backup = here.get(row["id"])
        if backup is None:
            restored.execute(insert(known_chips), dict(row))
            kept += 1
        elif values := {name: row[name] for name in _CHIP_ENDS if row[name] and not backup[name]}:
            restored.execute(update(known_chips).where(known_chips.c.id == row["id"]).values(values))
            kept += 1
    return [f"{kept} known chips stay revoked or lost"] if kept else []


_CHIP_ENDS = ("revoked_by", "revoked_at", "lost_by", "lost_at")


def keep_lost_numbers(replaced: Connection, restored: Connection) -> Sequence[str]:
    """Numbers that only the replaced database knows are kept for reception, which makes them again."""
    mine, theirs = SqlLostNumbers(restored), set(_given(restored))
    for row in _rows(replaced, lost_numbers):
        if (kept := SqlLostNumbers(replaced).get(row["check_in_id"])).ticket and (kept.id, kept.ticket) not in theirs:
            mine.put(kept)
    newest = replaced.execute(select(func.max(check_ins.c.ticket_day))).scalar_one()
    if newest is None:
        return ()
    lately = and_(check_ins.c.ticket_day >= newest - _STILL_TODAY, check_ins.c.stage.in_(GIVEN))
    offered = 0
    for row in replaced.execute(select(check_ins).where(lately)).mappings():
        check_in = from_row(row)
        if check_in.ticket and (check_in.id, check_in.ticket) not in theirs:
            mine.put(check_in)
            offered += 1
    return [f"{offered} of them are kept for reception, whose screen makes them again"] if offered else []


def keep_as_they_are(replaced: Connection, restored: Connection) -> Sequence[str]:
    """Doubt about people, and what is known of time: the backup's rows are earlier ones of the same."""
    for table in (doubts, kept_time):
        restored.execute(delete(table))
        if rows := [dict(row) for row in _rows(replaced, table)]:
            restored.execute(insert(table), rows)
    return ()


def keep_rows(table: Table) -> Carry:
    """Every row as it is now, by its key: for what somebody did wrong, which a restore must not excuse.

    A check-in that such a row belongs to and that the backup does not know becomes one of nobody, and ended.
    """

    def keep(replaced: Connection, restored: Connection) -> Sequence[str]:
        key = list(table.primary_key)
        for row in _rows(replaced, table):
            if "check_in_id" in table.c:
                _have_check_in(replaced, restored, row["check_in_id"])
            restored.execute(delete(table).where(and_(*(column == row[column.name] for column in key))))
            restored.execute(insert(table), dict(row))
        return ()

    return keep


CARRIED: tuple[Carry, ...] = (
    keep_counters,
    keep_accounts,
    keep_ended_chips,
    keep_rows(attempts),
    keep_rows(face_misses),
    keep_lost_numbers,
    keep_as_they_are,
)


def _have_check_in(replaced: Connection, restored: Connection, check_in_id: str) -> None:
    one = select(check_ins).where(check_ins.c.id == check_in_id)
    if restored.execute(one).first():
        return
    known = from_row(replaced.execute(one).mappings().one())
    began = (known.id, known.station_id, Stage.ABANDONED, known.version, known.started_at, known.changed_at, known.day)
    over = known.changed_at
    SqlCheckIns(restored).add(CheckIn(*began, ended_at=over, off_screen_at=over))


def end_sessions(restored: Connection) -> int:
    """Nobody is signed in by a session of back then.

    Returns:
        How many ended.
    """
    return restored.execute(delete(sessions)).rowcount


def only_in(one: Connection, other: Connection) -> list[Ticket]:
    """Numbers that were given by one and not by the other, in order."""
    found = {ticket for _, ticket in _given(one)} - {ticket for _, ticket in _given(other)}
    return sorted(found, key=lambda ticket: (ticket.day, ticket.clinic_id, ticket.number))


def _given(connection: Connection) -> Iterable[tuple[str, Ticket]]:
    for row in connection.execute(select(tickets)):
        yield row.check_in_id, Ticket(row.clinic_id, row.day, row.number)


def _rows(connection: Connection, table: Table) -> Sequence[RowMapping]:
    return connection.execute(select(table)).mappings().all()
