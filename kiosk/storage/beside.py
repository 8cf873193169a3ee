"""What is known beside a check-in and raises no version: its paper, and how often its code was shown again."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text

from kiosk.model.queue import PrintState, Showings
from kiosk.storage.beside_tables import papers, showings
from kiosk.storage.tables import Moment

_PUT_PAPER = text(
    "INSERT INTO papers (check_in_id, state) VALUES (:check_in_id, :state) "
    "ON CONFLICT (check_in_id) DO UPDATE SET state = excluded.state"
)
_ADD_SHOWING = text(
    "INSERT INTO showings (check_in_id, times, last_at, station_id) VALUES (:check_in_id, 1, :at, :station_id) "
    "ON CONFLICT (check_in_id) DO UPDATE "
    "SET times = showings.times + 1, last_at = excluded.last_at, station_id = excluded.station_id"
).bindparams(bindparam("at", type_=Moment))


class SqlPapers:
    """`PaperStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, check_in_id: str, state: PrintState) -> None:
        """See the port."""
        self._connection.execute(_PUT_PAPER, {"check_in_id": check_in_id, "state": state.value})

    def get(self, check_in_id: str) -> PrintState:
        """See the port."""
        found = select(papers.c.state).where(papers.c.check_in_id == check_in_id)
        state = self._connection.execute(found).scalar()
        return PrintState(state) if state else PrintState.NOT_ASKED


class SqlShowings:
    """`ShowingStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, check_in_id: str, station_id: str, at: datetime) -> None:
        """See the port."""
        self._connection.execute(_ADD_SHOWING, {"check_in_id": check_in_id, "station_id": station_id, "at": at})

    def of(self, check_in_id: str) -> Showings | None:
        """See the port."""
        found = select(showings.c.times, showings.c.last_at, showings.c.station_id)
        row = self._connection.execute(found.where(showings.c.check_in_id == check_in_id)).first()
        return Showings(row.times, row.last_at, row.station_id) if row else None
