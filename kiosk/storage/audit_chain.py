"""The rule that chains audit rows, and its verification.

A row's hash is SHA-256, in hexadecimal, of this JSON array in UTF-8 without spaces, keys of `detail` sorted:
``[previous_hash, sequence, at, actor, action, subject, detail]``; `at` is ISO 8601 in UTC with six decimals and ``Z``.
Before row 1 stand 64 zeros.

The chain shows a row that was altered, removed or inserted. It cannot show that the newest rows were cut off, nor that
somebody with write access computed it anew from some row on: for that, sequence and hash of the newest row must be kept
outside the database now and then, and given as the anchor.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from kiosk.model.actor import Actor
from kiosk.model.events import AuditRow
from kiosk.storage.tables import as_utc, audit, audit_head

FIRST_PREVIOUS_HASH = "0" * 64

_PIECE = 1000
_UNREADABLE = datetime(1, 1, 1, tzinfo=UTC)


def row_hash(row: AuditRow) -> str:
    """What `hash` must be, from everything else in the row."""
    content = [row.previous_hash, row.sequence, _written(row.at), row.actor, row.action, row.subject, row.detail]
    return sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Break(StrEnum):
    """How a row does not fit."""

    ALTERED = "altered"
    """Its hash does not cover what it says."""
    GAP = "gap"
    """Its number does not follow: rows are missing, or one is there twice."""
    UNCHAINED = "unchained"
    """It does not continue the row before: rows were removed, inserted or computed anew."""
    CUT = "cut"
    """The anchor's row is missing, or is not the one it was."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest row at some earlier time, as kept outside the database."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What a verification found.

    Attributes:
        rows: how many fit, from the first one on.
        head: the last row that fits; keep it outside the database as the next anchor. Sequence 0 for an empty chain.
        broken_at: sequence of the first row that does not fit; None when all do.
    """

    rows: int
    head: Anchor
    broken_at: int | None = None
    how: Break | None = None

    @property
    def intact(self) -> bool:
        """Whether every row fits."""
        return self.how is None


def verify(rows: Iterable[AuditRow], anchor: Anchor | None = None) -> VerificationResult:
    """Check a chain from its first row on, and stop at the first row that does not fit."""
    result = VerificationResult(0, Anchor(0, FIRST_PREVIOUS_HASH))
    for row in rows:
        how = _break_at(row, result.head, anchor)
        if how:
            return replace(result, broken_at=row.sequence, how=how)
        result = VerificationResult(result.rows + 1, Anchor(row.sequence, row.hash))
    if anchor and anchor.sequence > result.head.sequence:
        return replace(result, broken_at=result.head.sequence + 1, how=Break.CUT)
    return result


def _break_at(row: AuditRow, before: Anchor, anchor: Anchor | None) -> Break | None:
    if row.sequence != before.sequence + 1:
        return Break.GAP
    if row.previous_hash != before.hash:
        return Break.UNCHAINED
    if row_hash(row) != row.hash:
        return Break.ALTERED
    if anchor and row.sequence == anchor.sequence and row.hash != anchor.hash:
        return Break.CUT
    return None


class SqlAudit:
    """`AuditStore` on a connection within a transaction.

    Rows are kept until `append`, right before the commit: so the head is the last lock that a transaction takes, for
    the shortest time, and no two transactions wait for each other in a circle because of it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[AuditRow] = []

    def add(self, at: datetime, actor: Actor, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """See the port."""
        row = AuditRow(0, as_utc(at), actor.name, action, subject, dict(detail), "", "")
        self._waiting.append(row)

    def append(self) -> None:
        """Chain the waiting rows to the head."""
        if not self._waiting:
            return
        head = self._connection.execute(select(audit_head).with_for_update()).one()
        rows, before = [], Anchor(head.sequence, head.hash)
        for waiting in self._waiting:
            row = replace(waiting, sequence=before.sequence + 1, previous_hash=before.hash)
            row = replace(row, hash=row_hash(row))
            rows.append(_to_values(row))
            before = Anchor(row.sequence, row.hash)
        self._connection.execute(insert(audit), rows)
        self._connection.execute(update(audit_head).values(sequence=before.sequence, hash=before.hash))
        self._waiting.clear()

    def rows(self, after: int = 0) -> Iterator[AuditRow]:
        """See the port."""
        self.append()
        while some := self._rows_after(after):
            yield from some
            after = some[-1].sequence

    def _rows_after(self, sequence: int) -> list[AuditRow]:
        """Piece by piece: the chain outgrows the memory, and its reader may stop at any row."""
        query = select(audit).where(audit.c.sequence > sequence).order_by(audit.c.sequence).limit(_PIECE)
        return [_from_row(row) for row in self._connection.execute(query)]


def _to_values(row: AuditRow) -> dict[str, object]:
    """Texts exactly as they are hashed, so that anybody can compute a hash from a row as it stands."""
    detail = msgspec.json.encode(row.detail, order="deterministic").decode()
    return asdict(row) | {"at": _written(row.at), "detail": detail}


def _from_row(row: Row[Any]) -> AuditRow:
    """A row that was altered must be told of, not stumbled over: what cannot be read is read as something else."""
    try:
        at = datetime.fromisoformat(row.at)
        detail = msgspec.json.decode(row.detail, type=dict[str, str])
    except (ValueError, msgspec.MsgspecError):
        at, detail = _UNREADABLE, {"unreadable": str(row.detail)}
    at = at if at.tzinfo else _UNREADABLE
    return AuditRow(row.sequence, at, row.actor, row.action, row.subject, detail, row.previous_hash, row.hash)
