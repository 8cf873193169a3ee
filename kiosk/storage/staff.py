import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Insert, RowMapping, Update, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from kiosk.errors import InputError, NotFound
from kiosk.model.staff import Role, StaffAccount, StaffSession
from kiosk.storage.tables import sessions, staff

_FIELDS = tuple(field.name for field in fields(StaffAccount))


class SqlStaff:
    """`StaffStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account: StaffAccount) -> None:
        """See the port."""
        self._change(account, insert(staff).values(_to_row(account)))

    def save(self, account: StaffAccount) -> None:
        """See the port.

        Raises:
            InputError: kind ``taken``, field ``sign_in_name``.
            NotFound: no such account.
        """
        if self._change(account, update(staff).where(staff.c.id == account.id).values(_to_row(account))) == 0:
            raise NotFound("no such account")

    def _change(self, account: StaffAccount, statement: Insert | Update) -> int:
        try:
            with self._connection.begin_nested():
                return self._connection.execute(statement).rowcount
        except IntegrityError as error:
            holder = self.by_sign_in_name(account.sign_in_name)
            if holder is None or holder.id == account.id:
                raise
            raise InputError("taken", "sign_in_name", "another account signs in with this name") from error

    def get(self, staff_id: str) -> StaffAccount:
        """See the port."""
        row = self._connection.execute(select(staff).where(staff.c.id == staff_id)).mappings().first()
        if row is None:
            raise NotFound("no such account")
        return _from_row(row)

    def by_sign_in_name(self, name: str) -> StaffAccount | None:
        """See the port."""
        row = self._connection.execute(select(staff).where(staff.c.sign_in_key == _key(name))).mappings().first()
        return _from_row(row) if row else None

    def all(self) -> Sequence[StaffAccount]:
        """See the port."""
        rows = self._connection.execute(select(staff)).mappings()
        return sorted(map(_from_row, rows), key=lambda account: _key(account.sign_in_name))

    def add_session(self, session: StaffSession) -> None:
        """See the port."""
        self._connection.execute(insert(sessions).values(asdict(session)))

    def session(self, token_hash: str) -> StaffSession | None:
        """See the port."""
        row = self._connection.execute(select(sessions).where(sessions.c.token_hash == token_hash)).first()
        if row is None:
            return None
        times = row.started_at, row.last_seen_at, row.expires_at
        return StaffSession(row.token_hash, row.staff_id, Role(row.role), *times)

    def touch_session(self, token_hash: str, at: datetime) -> None:
        """See the port."""
        used = update(sessions).where(sessions.c.token_hash == token_hash)
        self._connection.execute(used.values(last_seen_at=at))

    def end_session(self, token_hash: str) -> None:
        """See the port."""
        self._connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))

    def end_sessions_of(self, staff_id: str) -> None:
        """See the port."""
        self._connection.execute(delete(sessions).where(sessions.c.staff_id == staff_id))


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip().casefold())


def _to_row(account: StaffAccount) -> dict[str, object]:
    clinics = msgspec.json.encode(account.clinics).decode()
    return asdict(account) | {"clinics": clinics, "sign_in_key": _key(account.sign_in_name)}


def _from_row(row: RowMapping) -> StaffAccount:
    values = {name: row[name] for name in _FIELDS}
    return msgspec.convert(values | {"clinics": msgspec.json.decode(row["clinics"])}, StaffAccount)
