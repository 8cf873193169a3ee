from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from kiosk.storage.beside_tables import attempts


class SqlAttempts:
    """`AttemptStore` on a connection within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, station_id: str, at: datetime) -> None:
        """See the port."""
        self._connection.execute(insert(attempts).values(station_id=station_id, at=at))

    def count_since(self, station_id: str, since: datetime) -> int:
        """See the port."""
        query = select(func.count()).where(attempts.c.station_id == station_id, attempts.c.at >= since)
        return self._connection.execute(query).scalar_one()
