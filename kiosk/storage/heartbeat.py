"""Whether the database can be written: the one row that says so."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from kiosk.storage.tables import Moment

_BEAT = text(
    "INSERT INTO heartbeat (id, at) VALUES (1, :at) ON CONFLICT (id) DO UPDATE SET at = excluded.at"
).bindparams(bindparam("at", type_=Moment))


def beat(connection: Connection, at: datetime) -> None:
    """Write the moment."""
    connection.execute(_BEAT, {"at": at})
