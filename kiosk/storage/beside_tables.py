"""Tables beside the check-ins: what was presented, doubted, shown or can be taken back."""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table, Text

from kiosk.storage.tables import Moment, check_in_column, metadata

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", String, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "station_id", "at"),
)

doubts = Table(
    "doubts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("station_id", String, nullable=False),
    Column("check_in_id", String, nullable=False),
    Column("clinic_id", String),
    Column("system", String),
    Column("value", String),
    Column("patient_id", String),
    Column("times", Integer, nullable=False),
    Column("details", Text, nullable=False),
    Index(None, "day", "system", "value"),
    Index(None, "day", "patient_id"),
    Index(None, "check_in_id"),
    sqlite_autoincrement=True,
)
"""`system` and `value` are the presented number; `details` holds, as JSON, what was presented with it.

It outlives the check-in it names: a restored backup may not have that one.
"""

card_states = Table(
    "card_states",
    metadata,
    check_in_column(primary_key=True),
    Column("phase", String, nullable=False),
    Column("problem", String),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("tries_left", Integer, nullable=False),
)
"""Beside the check-in, not in it: a reading's progress must not make a patient's touch stale."""

papers = Table(
    "papers",
    metadata,
    check_in_column(primary_key=True),
    Column("state", String, nullable=False),
)
"""Beside the check-in: what becomes of the paper must not make what staff do stale."""

showings = Table(
    "showings",
    metadata,
    check_in_column(primary_key=True),
    Column("times", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("station_id", String, nullable=False),
)
"""How often the code of somebody who has a number was shown again; beside the check-in for the same reason."""

portraits = Table(
    "portraits",
    metadata,
    check_in_column(primary_key=True),
    Column("kept_at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""From chips, sealed (kiosk/storage/sealing.py); each ends with its check-in, or with the day."""

known_chips = Table(
    "known_chips",
    metadata,
    Column("id", String, primary_key=True),
    Column("chip_key", String, nullable=False),
    Column("security_object", String, nullable=False),
    Column("patient_id", String, nullable=False),
    Column("bound_by", String, nullable=False),
    Column("bound_at", Moment, nullable=False),
    Column("revoked_by", String),
    Column("revoked_at", Moment),
    Column("lost_by", String),
    Column("lost_at", Moment),
    Index(None, "chip_key"),
    Index(None, "security_object"),
    Index(None, "patient_id"),
)
"""Fingerprints only; which patient's they are is known by the patient's id."""

lost_numbers = Table(
    "lost_numbers",
    metadata,
    Column("check_in_id", String, primary_key=True),
    Column("day", Date, nullable=False),
    Column("patient_id", String),
    Column("presented", String),
    Column("check_in", Text, nullable=False),
    Index(None, "day"),
)
"""Given, but not in the restored backup: whole check-ins as JSON, until they are made again or the day is over."""

undos = Table(
    "undos",
    metadata,
    check_in_column(primary_key=True),
    Column("action", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("until", Moment, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("desk_case", String),
    Index(None, "until"),
)
"""The last act on a check-in, as long as it can be taken back; `before` and `after` are check-ins as JSON."""

found_patients = Table(
    "found_patients",
    metadata,
    check_in_column(primary_key=True),
    Column("actor", String, primary_key=True),
    Column("patient_id", String, primary_key=True),
    Column("at", Moment, nullable=False),
)

record_readers = Table(
    "record_readers",
    metadata,
    check_in_column(primary_key=True),
    Column("actor", String, primary_key=True),
    Column("patient_id", String, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Who read whose record by way of a check-in; the audit chain says it too, but cannot be asked by check-in."""
