import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, text, update

from kiosk.model.face import FaceAttempt, FaceGuide, FacePath, FaceState, Turn
from kiosk.storage.face_tables import face_attempts, face_misses, face_scores, face_sightings, face_states
from kiosk.storage.tables import Moment, as_utc

_PUT_STATE = text(
    "INSERT INTO face_states (check_in_id, guide, done, total) VALUES (:check_in_id, :guide, :done, :total) "
    "ON CONFLICT (check_in_id) DO UPDATE SET guide = excluded.guide, done = excluded.done, total = excluded.total"
)

_SAW = text(
    "INSERT INTO face_sightings (check_in_id, at) VALUES (:check_in_id, :at) "
    "ON CONFLICT (check_in_id) DO UPDATE SET at = excluded.at"
).bindparams(bindparam("at", type_=Moment))

_COUNT_SCORE = text(
    "INSERT INTO face_scores (path, bar, count) VALUES (:path, :bar, 1) "
    "ON CONFLICT (path, bar) DO UPDATE SET count = face_scores.count + 1"
)
_BARS = 20
"""For a score from 0 to 1."""


class SqlFaceAttempts:
    """`FaceAttemptStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, attempt: FaceAttempt) -> None:
        """See the port."""
        turns = ",".join(turn.value for turn in attempt.turns)
        self._connection.execute(insert(face_attempts), asdict(attempt) | {"turns": turns})

    def use(self, attempt_id: str, at: datetime) -> FaceAttempt | None:
        """See the port: whoever comes second finds no unused row to change."""
        unused = (face_attempts.c.id == attempt_id) & face_attempts.c.used_at.is_(None)
        used = update(face_attempts).where(unused).values(used_at=as_utc(at)).returning(*face_attempts.c)
        row = self._connection.execute(used).first()
        return replace(_attempt(row), used_at=None) if row else None

    def newest(self, check_in_id: str) -> FaceAttempt | None:
        """See the port."""
        query = select(face_attempts).where(face_attempts.c.check_in_id == check_in_id)
        # of two of one moment, the one that is open
        used = face_attempts.c.used_at.is_not(None)
        newest_first = query.order_by(face_attempts.c.issued_at.desc(), used, face_attempts.c.id)
        row = self._connection.execute(newest_first.limit(1)).first()
        return _attempt(row) if row else None

    def put_state(self, check_in_id: str, state: FaceState) -> None:
        """See the port."""
        values = {"guide": state.guide.value, "done": state.done, "total": state.total}
        self._connection.execute(_PUT_STATE, {"check_in_id": check_in_id} | values)

    def state(self, check_in_id: str) -> FaceState | None:
        """See the port."""
        found = select(face_states).where(face_states.c.check_in_id == check_in_id)
        row = self._connection.execute(found).first()
        return FaceState(FaceGuide(row.guide), row.done, row.total) if row else None

    def drop_state(self, check_in_id: str) -> None:
        """See the port."""
        self._connection.execute(delete(face_states).where(face_states.c.check_in_id == check_in_id))

    def saw(self, check_in_id: str, at: datetime) -> None:
        """See the port."""
        self._connection.execute(_SAW, {"check_in_id": check_in_id, "at": as_utc(at)})

    def seen_at(self, check_in_id: str) -> datetime | None:
        """See the port."""
        query = select(face_sightings.c.at).where(face_sightings.c.check_in_id == check_in_id)
        return self._connection.execute(query).scalar_one_or_none()

    def count_score(self, path: FacePath, score: float) -> None:
        """See the port."""
        # rounded first: 0.15 is a little less in binary and belongs to its own bar
        bar = math.floor(round(score * _BARS, 6))
        self._connection.execute(_COUNT_SCORE, {"path": path.value, "bar": bar})

    def score_counts(self, path: FacePath) -> Mapping[float, int]:
        """See the port."""
        query = select(face_scores.c.bar, face_scores.c["count"]).where(face_scores.c.path == path.value)
        rows = self._connection.execute(query.order_by(face_scores.c.bar))
        return {bar / _BARS: count for bar, count in rows}

    def add_miss(self, subject: str, at: datetime) -> None:
        """See the port."""
        self._connection.execute(insert(face_misses).values(subject=subject, at=at))

    def misses_since(self, subject: str, since: datetime) -> int:
        """See the port."""
        query = select(func.count()).where(face_misses.c.subject == subject, face_misses.c.at >= since)
        return self._connection.execute(query).scalar_one()


def _attempt(row: Row[tuple[object, ...]]) -> FaceAttempt:
    values = dict(row._mapping)  # noqa: SLF001 # SQLAlchemy's public name for a row's columns
    turns = tuple(Turn(turn) for turn in values["turns"].split(",") if turn)
    return FaceAttempt(**values | {"turns": turns})
