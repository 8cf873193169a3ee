"""References in the database, sealed, and their keys in a store of their own.

What a unit of work does with keys is done right before its commit (`settle`): a block that fails leaves them alone.
Keys are stored before the row that needs them is committed, and deleted before the row is. Whatever is left between
the two by a crash is a key without a row, or a row with a tombstone; `face_tombstones` cleans up both.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from kiosk.errors import AlreadyEnrolled, ConfigurationError, InputError, StorageError
from kiosk.model.face import LARGEST_GALLERY, FaceFeatures, FaceReference
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.face_tables import face_changes, face_references
from kiosk.storage.sealing import KEY_BYTES, Seal
from kiosk.storage.tables import audit, audit_head

_PIECE = 2000
_ACTORS = msgspec.json.Decoder(tuple[str, ...])

_NEXT_CHANGE = text(
    "INSERT INTO face_changes (reference_id, number) "
    "SELECT :reference_id, coalesce(max(number), 0) + 1 FROM face_changes WHERE true "
    "ON CONFLICT (reference_id) DO UPDATE SET number = excluded.number"
)
_CHANGES_LOCK = 0x666163657300
"""Of PostgreSQL's advisory locks: numbers of changes rise in the order of the commits (the letters of faces)."""


class SqlFaceReferences:
    """`FaceReferenceStore` on a connection within a transaction.

    Args:
        connection: of the transaction.
        keys: None on a host that knows no faces.
        keys_closed: this host has keys, and they cannot be used now.
    """

    def __init__(self, connection: Connection, keys: FaceKeys | None, *, keys_closed: bool = False) -> None:
        self._connection = connection
        self._keys = keys
        self._keys_closed = keys_closed
        self._new_keys: dict[str, bytes] = {}
        self._withdrawn: dict[str, datetime] = {}

    @property
    def withdrew(self) -> bool:
        """Whether something was withdrawn in this unit of work."""
        return bool(self._withdrawn)

    def add(self, reference: FaceReference, features: FaceFeatures) -> None:
        """See the port."""
        if self._keys is None or self._keys.master() is None:
            raise ConfigurationError("there is no fitting credential face-master-key: no face can be enrolled")
        if self.count() >= LARGEST_GALLERY:
            raise InputError("gallery_full", None, f"no more than {LARGEST_GALLERY} faces can be enrolled")
        key = secrets.token_bytes(KEY_BYTES)
        sealed = Seal(key).close(features.vector, _place(reference.id, reference.patient_id, features.model))
        self._insert(reference, features.model, self._keys.id, sealed)
        self._new_keys[reference.id] = key
        self.changed(reference.id)

    def _insert(self, reference: FaceReference, model: str, key_store: str, sealed: bytes) -> None:
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        values = {
            "id": reference.id,
            "patient_id": reference.patient_id,
            "model": model,
            "enrolled_at": reference.enrolled_at,
            "enrolled_by": msgspec.json.encode(reference.by).decode(),
            "seen_at": reference.seen_at,
            "look_alike": reference.look_alike,
            "noted": reference.noted,
            "key_store": key_store,
            "sealed": sealed,
        }
        new = dialect.insert(face_references).on_conflict_do_nothing(index_elements=["patient_id"])
        if self._connection.execute(new.returning(face_references.c.id), values).first() is None:
            raise AlreadyEnrolled("the patient has a face reference")

    def of_patient(self, patient_id: str) -> FaceReference | None:
        """See the port."""
        row = self._connection.execute(_without_vector().where(face_references.c.patient_id == patient_id)).first()
        return _reference(row) if row else None

    def get(self, reference_id: str) -> FaceReference | None:
        """See the port."""
        row = self._connection.execute(_without_vector().where(face_references.c.id == reference_id)).first()
        return _reference(row) if row else None

    def features(self, reference_id: str) -> FaceFeatures | None:
        """See the port."""
        row = self._connection.execute(select(face_references).where(face_references.c.id == reference_id)).first()
        if row is None or self._keys is None:
            return None
        key = self._new_keys.get(reference_id) or self._keys.get([reference_id]).get(reference_id)
        return _open(row, key)

    def seen(self, patient_id: str, at: datetime) -> None:
        """See the port."""
        later = (face_references.c.patient_id == patient_id) & (face_references.c.seen_at < at)
        changed = update(face_references).where(later).values(seen_at=at).returning(face_references.c.id)
        for reference_id in self._connection.scalars(changed).all():
            self.changed(reference_id)

    def flag(self, reference_id: str, *, noted: bool = False) -> None:
        """See the port."""
        self._set(reference_id, look_alike=True, noted=noted)

    def take_note_back(self, reference_id: str) -> None:
        """See the port."""
        self._set(reference_id, look_alike=False, noted=False)

    def _set(self, reference_id: str, **values: bool) -> None:
        changed = update(face_references).where(face_references.c.id == reference_id).values(**values)
        if self._connection.execute(changed).rowcount:
            self.changed(reference_id)

    def forget(self, patient_id: str, at: datetime) -> bool:
        """See the port."""
        gone = delete(face_references).where(face_references.c.patient_id == patient_id)
        ids = self._connection.scalars(gone.returning(face_references.c.id)).all()
        for reference_id in ids:
            self._withdrawn[reference_id] = at
            self._new_keys.pop(reference_id, None)
            self.changed(reference_id)
        return bool(ids)

    def count(self) -> int:
        """See the port."""
        return self._connection.execute(select(func.count()).select_from(face_references)).scalar_one()

    def all(self) -> Iterator[tuple[FaceReference, FaceFeatures]]:
        """See the port."""
        if self._keys is None:
            return
        last = ""
        while some := self._after(last):
            keys = self._keys.get([row.id for row in some])
            for row in some:
                features = _open(row, keys.get(row.id))
                if features is not None:
                    yield _reference(row), features
            last = some[-1].id

    def _after(self, reference_id: str) -> Sequence[Row[Any]]:
        later = select(face_references).where(face_references.c.id > reference_id)
        return self._connection.execute(later.order_by(face_references.c.id).limit(_PIECE)).all()

    def changes(self) -> int:
        """See the port."""
        return self._connection.execute(select(func.max(face_changes.c.number))).scalar_one() or 0

    def changed_since(self, number: int) -> Sequence[str]:
        """See the port."""
        later = select(face_changes.c.reference_id).where(face_changes.c.number > number)
        return self._connection.scalars(later.order_by(face_changes.c.number)).all()

    def moment(self) -> str:
        """See the port."""
        head = self._connection.execute(select(audit_head)).one()
        return f"{head.sequence}:{head.hash}"

    def follows(self, moment: str) -> bool:
        """See the port: the audit chain never changes behind its head, and no other one has the same hash."""
        sequence, _, known = moment.partition(":")
        row = self._connection.execute(select(audit.c.hash).where(audit.c.sequence == int(sequence))).first()
        return row.hash == known if row else int(sequence) == 0

    def bury_gone(self, since: int, at: datetime) -> None:
        """See the port."""
        if self._keys and (gone := gone_since(self._connection, since)):
            self._keys.bury(self._keys.held().intersection(gone), at)

    def burials(self) -> int:
        """See the port."""
        return self._keys.burials() if self._keys else 0

    def buried_since(self, number: int) -> Sequence[str]:
        """See the port."""
        return self._keys.buried_since(number) if self._keys else ()

    def settle(self) -> None:
        """Do to the keys what this unit of work did to the references; called right before the commit.

        Raises:
            StorageError: a key of this host cannot be deleted now; the withdrawal must fail.
        """
        if self._withdrawn and self._keys_closed:
            raise StorageError("the face keys cannot be used: nobody can be forgotten for good")
        if self._keys is None:
            return
        if self._new_keys:
            self._keys.put(self._new_keys)
        for at in set(self._withdrawn.values()):
            self._keys.bury([name for name, when in self._withdrawn.items() if when == at], at)

    def changed(self, reference_id: str) -> None:
        """Raise the number of changes, for whoever holds an index."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_CHANGES_LOCK)))
        self._connection.execute(_NEXT_CHANGE, {"reference_id": reference_id})


def gone_since(connection: Connection, number: int) -> Sequence[str]:
    """Ids of the references that were withdrawn after `changes` was that number; their changes stay."""
    changed = face_changes.outerjoin(face_references, face_references.c.id == face_changes.c.reference_id)
    gone = select(face_changes.c.reference_id).select_from(changed).where(face_references.c.id.is_(None))
    return connection.scalars(gone.where(face_changes.c.number > number)).all()


def _place(reference_id: str, patient_id: str, model: str) -> str:
    """What a sealed reference is bound to: in another row it does not open."""
    return f"face-reference/{reference_id}/{patient_id}/{model}"


def _open(row: Row[Any], key: bytes | None) -> FaceFeatures | None:
    name, patient_id, model, sealed = row.id, row.patient_id, row.model, row.sealed
    vector = Seal(key).open(sealed, _place(name, patient_id, model)) if key else None
    return FaceFeatures(model, vector) if vector is not None else None


def _without_vector() -> Select[Any]:
    return select(*(column for column in face_references.c if column.name != "sealed"))


def _reference(row: Row[Any]) -> FaceReference:
    return FaceReference(
        id=row.id,
        patient_id=row.patient_id,
        model=row.model,
        enrolled_at=row.enrolled_at,
        by=_ACTORS.decode(row.enrolled_by),
        seen_at=row.seen_at,
        look_alike=row.look_alike,
        noted=row.noted,
    )
