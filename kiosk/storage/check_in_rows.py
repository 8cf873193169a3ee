"""A check-in as a row: columns for what queries ask for, one JSON column, typed both ways, for the rest."""

from dataclasses import fields
from datetime import datetime

import msgspec
from sqlalchemy import RowMapping

from kiosk.errors import InputError, StorageError
from kiosk.model.checkin import CheckIn, Stage
from kiosk.model.queue import Priority
from kiosk.storage.tables import as_utc

WAITING = (Stage.ARRIVED, Stage.RECEPTION)
"""Will be called: by a clinic, or by the reception desk."""

_COLUMNS = (
    "id",
    "station_id",
    "stage",
    "version",
    "day",
    "started_at",
    "changed_at",
    "arrived_at",
    "called_at",
    "ended_at",
    "unresolved",
    "help_reason",
    "help_since",
    "active_key",
    "off_screen_at",
)
"""Fields of a check-in that have a column of the same name."""


def to_row(check_in: CheckIn) -> dict[str, object]:
    """The values of all columns."""
    row: dict[str, object] = {name: getattr(check_in, name) for name in _COLUMNS}
    ticket = check_in.ticket
    return row | {
        "patient_id": check_in.patient.id if check_in.patient else None,
        "clinic_id": ticket.clinic_id if ticket else None,
        "ticket_day": ticket.day if ticket else None,
        "number": ticket.number if ticket else None,
        "calling_rank": calling_rank(check_in.priority),
        "details": msgspec.json.encode(_details(check_in)).decode(),
    }


def _details(check_in: CheckIn) -> dict[str, object]:
    names = [field.name for field in fields(CheckIn) if field.name not in (*_COLUMNS, "ticket")]
    values = {name: getattr(check_in, name) for name in names}
    return {name: as_utc(value) if isinstance(value, datetime) else value for name, value in values.items()}


def encoded(check_in: CheckIn) -> str:
    """All of a check-in as JSON."""
    values = {field.name: getattr(check_in, field.name) for field in fields(CheckIn)}
    known = {name: as_utc(value) if isinstance(value, datetime) else value for name, value in values.items()}
    return msgspec.json.encode(known).decode()


def decoded(text: str) -> CheckIn:
    """The check-in of that JSON.

    Raises:
        msgspec.MsgspecError, InputError: it was not written by this program.
    """
    return msgspec.json.decode(text, type=CheckIn)


def from_row(row: RowMapping) -> CheckIn:
    """The check-in of a row.

    Raises:
        StorageError: the row was not written by this program.
    """
    try:
        values = msgspec.json.decode(row["details"], type=dict[str, object])
        values |= {name: row[name] for name in _COLUMNS}
        if row["number"] is not None:
            values["ticket"] = {"clinic_id": row["clinic_id"], "day": row["ticket_day"], "number": row["number"]}
        return msgspec.convert(values, CheckIn)
    except (msgspec.MsgspecError, InputError) as error:
        raise StorageError(f"check-in {row['id']} cannot be read back") from error


def calling_rank(priority: Priority | None) -> int:
    """Emergencies are called first, then every other priority, then everybody else; within a rank by number."""
    if priority is None:
        return 2
    return 0 if priority is Priority.EMERGENCY else 1
