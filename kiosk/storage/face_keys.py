"""The keys of face references, in a database of their own that is part of no backup.

Each reference is sealed with a random key; here lies that key, wrapped by the master key. Without it the reference is
noise, wherever its copies lie: deleting the key withdraws the reference from every backup there is. What was withdrawn
leaves a tombstone, the reference's random id, so that a restored row is known as withdrawn and deleted.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.schema import CreateTable

from kiosk.errors import ConfigurationError, StorageError
from kiosk.storage.engine import open_engine, reading, writing
from kiosk.storage.erasure import scrub
from kiosk.storage.sealing import Seal
from kiosk.storage.tables import Moment

_metadata = MetaData()

_store = Table("store", _metadata, Column("id", String, primary_key=True), Column("check", LargeBinary))
"""One row: the store's own id, and what shows whether a master key is the one that wrapped the keys."""

_keys = Table(
    "face_keys",
    _metadata,
    Column("reference_id", String, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

_tombstones = Table(
    "face_tombstones",
    _metadata,
    Column("reference_id", String, primary_key=True),
    Column("at", Moment, nullable=False),
)

_ORDER: ColumnElement[int] = literal_column("rowid", Integer)
"""Of tombstones: none is ever deleted, so that numbers rise."""

_CHECK = b"kiosk face master key"
_PLACE_OF_CHECK = "face-master-key"


class FaceKeys:
    """The key store.

    Args:
        path: its file; made with the first use, readable by this user only.
        masters: the master key, and while it is being changed the new one too; which of them wrapped the keys is
            found out. Empty where faces are not used: then keys can be deleted, not opened.

    Raises:
        StorageError: the file cannot be made or used.
    """

    def __init__(self, path: Path, masters: Sequence[Seal] = ()) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make the folder of the face keys: {error.strerror}") from error
        self._engine = open_engine(f"sqlite:///{path}")
        self._masters = tuple(masters)
        self.id = self._prepare()
        self._scrubbed = 0
        # a reader, or a crash, was in the way of it in an earlier process
        scrub(self._engine)

    def _prepare(self) -> str:
        with writing(self._engine) as connection:
            for table in _metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
            row = connection.execute(select(_store)).first()
            if row is None:
                connection.execute(insert(_store).values(id=secrets.token_hex(8)))
            found = connection.execute(select(_store)).one()
            if found.check is None and self._masters:
                connection.execute(update(_store).values(check=self._masters[0].close(_CHECK, _PLACE_OF_CHECK)))
            return str(found.id)

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    def master(self) -> Seal | None:
        """The master key that wraps the keys now; None when it was not given."""
        with reading(self._engine) as connection:
            return self._master(connection)

    def _master(self, connection: Connection) -> Seal | None:
        check = connection.execute(select(_store.c.check)).scalar_one()
        fitting = (master for master in self._masters if check and master.open(check, _PLACE_OF_CHECK) == _CHECK)
        return next(fitting, None)

    def put(self, keys: Mapping[str, bytes]) -> None:
        """Wrap and store keys.

        Args:
            keys: by reference id.

        Raises:
            ConfigurationError: no master key was given, or not the one that wrapped the others.
        """
        with writing(self._engine) as connection:
            master = self._master(connection)
            if master is None:
                raise ConfigurationError("there is no fitting credential face-master-key: no face can be enrolled")
            rows = [{"reference_id": name, "wrapped": master.close(key, _place(name))} for name, key in keys.items()]
            connection.execute(insert(_keys), rows)

    def get(self, reference_ids: Collection[str]) -> dict[str, bytes]:
        """The keys of these references; those that are not here, or do not open, are left out."""
        if not reference_ids:
            return {}
        between = _keys.c.reference_id.between(min(reference_ids), max(reference_ids))
        wanted, found = frozenset(reference_ids), {}
        with reading(self._engine) as connection:
            master = self._master(connection)
            rows = connection.execute(select(_keys).where(between)).all() if master else ()
            for reference_id, wrapped in rows:
                key = master.open(wrapped, _place(reference_id)) if master and reference_id in wanted else None
                if key is not None:
                    found[reference_id] = key
        return found

    def rewrap(self, new: Seal) -> int:
        """Wrap all keys by another master key, in one step: after a crash all are as before, or all are done.

        Returns:
            How many; 0 too when that key wraps them already.

        Raises:
            ConfigurationError: no master key was given that opens what is here; nothing was changed.
        """
        try:
            return self._rewrap(new)
        finally:
            # after a crash before it, a repeat finds all done but the write-ahead log
            scrub(self._engine)

    def _rewrap(self, new: Seal) -> int:
        with writing(self._engine) as connection:
            check = connection.execute(select(_store.c.check)).scalar_one()
            if check and new.open(check, _PLACE_OF_CHECK) == _CHECK:
                return 0
            master = self._master(connection)
            if master is None:
                raise ConfigurationError("the credential face-master-key does not open the face keys")
            rows = connection.execute(select(_keys)).all()
            connection.execute(delete(_keys))
            if rows:
                connection.execute(insert(_keys), [_rewrapped(row, master, new) for row in rows])
            connection.execute(update(_store).values(check=new.close(_CHECK, _PLACE_OF_CHECK)))
            return len(rows)

    def bury(self, reference_ids: Collection[str], at: datetime) -> None:
        """Delete keys for good, and leave tombstones: in one step, so that neither is without the other."""
        if not reference_ids:
            return
        with writing(self._engine) as connection:
            for name in reference_ids:
                values = {"reference_id": name, "at": at}
                connection.execute(insert(_tombstones).prefix_with("OR IGNORE"), values)
                connection.execute(delete(_keys).where(_keys.c.reference_id == name))
        scrub(self._engine)

    def finish_erasure(self) -> None:
        """Scrub again where something was buried since that succeeded here; waits for nobody."""
        burials = self.burials()
        if burials > self._scrubbed and scrub(self._engine, wait=0):
            self._scrubbed = burials

    def buried(self) -> set[str]:
        """Ids of all references that were withdrawn."""
        with reading(self._engine) as connection:
            return set(connection.scalars(select(_tombstones.c.reference_id)))

    def burials(self) -> int:
        """A number that rises with each reference that is buried."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.max(_ORDER)).select_from(_tombstones)).scalar_one() or 0

    def buried_since(self, number: int) -> Sequence[str]:
        """Ids of those that were buried after `burials` was that number."""
        with reading(self._engine) as connection:
            return connection.scalars(select(_tombstones.c.reference_id).where(number < _ORDER)).all()

    def held(self) -> set[str]:
        """Ids of all references that have a key here."""
        with reading(self._engine) as connection:
            return set(connection.scalars(select(_keys.c.reference_id)))


def _rewrapped(row: Row[Any], master: Seal, new: Seal) -> dict[str, object]:
    reference_id = row.reference_id
    key = master.open(row.wrapped, _place(reference_id))
    if key is None:
        raise ConfigurationError("a face key does not open with the credential face-master-key; nothing was changed")
    return {"reference_id": reference_id, "wrapped": new.close(key, _place(reference_id))}


def _place(reference_id: str) -> str:
    return f"face-key/{reference_id}"
