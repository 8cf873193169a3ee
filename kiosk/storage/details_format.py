"""The number of the form in which check-ins are kept as JSON.

A program reads details of fewer fields than it knows, and would drop those of more when it writes back; the schema's
revision does not tell, as fields come without a migration. So the database says which form it has, `kiosk db upgrade`
raises it, and a program of a lower number does not open it.
"""

from sqlalchemy import Connection, delete, insert, select

from kiosk.errors import StorageError
from kiosk.storage.host_tables import details_format

DETAILS_FORMAT = 1
"""Raised with each change of what a check-in is kept as; a test notices the change."""


def format_of(connection: Connection) -> int:
    """The number of the database; 0 before its first upgrade to a program that has one."""
    return connection.execute(select(details_format.c.number)).scalar_one_or_none() or 0


def raise_format(connection: Connection) -> None:
    """Bring the number to this program's.

    Raises:
        StorageError: it is higher.
    """
    number = format_of(connection)
    if number > DETAILS_FORMAT:
        raise StorageError("the database belongs to a newer version of kiosk")
    if number < DETAILS_FORMAT:
        connection.execute(delete(details_format))
        connection.execute(insert(details_format), {"id": 1, "number": DETAILS_FORMAT})
