"""Tables of one row each: what the database knows of its host and of itself."""

from sqlalchemy import Boolean, Column, Date, Float, Integer, String, Table

from kiosk.storage.tables import Moment, metadata

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
)
"""One row, written only to see that writing is possible."""

kept_time = Table(
    "kept_time",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("service_day", Date, nullable=False),
    Column("latest", Moment, nullable=False),
    Column("boot_id", String, nullable=False),
    Column("boot_seconds", Float, nullable=False),
    Column("proof", String, nullable=False),
    Column("doubt", String),
    Column("doubt_since", Moment),
    Column("knows_hour", Boolean, nullable=False),
    Column("closes_before", Date, nullable=False),
    Column("waiting_day", Date, nullable=False),
    Column("waiting_since", Float, nullable=False),
    Column("run_seconds", Float, nullable=False),
    Column("rest_seconds", Float, nullable=False),
    Column("forgot_at", Float),
    Column("corrections", Integer, nullable=False),
)
"""One row, written once in some seconds and by no request: nobody waits for it."""

details_format = Table(
    "details_format",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
)
"""One row: see `storage.details_format`."""
