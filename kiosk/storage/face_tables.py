"""The tables of faces, beside the others."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, false

from kiosk.storage.tables import Moment, check_in_column, metadata

face_references = Table(
    "face_references",
    metadata,
    Column("id", String, primary_key=True),
    Column("patient_id", String, nullable=False),
    Column("model", String, nullable=False),
    Column("enrolled_at", Moment, nullable=False),
    Column("enrolled_by", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("look_alike", Boolean, nullable=False),
    Column("noted", Boolean, nullable=False, server_default=false()),
    Column("key_store", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("patient_id"),
)
"""Sealed, each with a key of its own that lies in the key store of this name (kiosk/storage/face_keys.py)."""

face_changes = Table(
    "face_changes",
    metadata,
    Column("reference_id", String, primary_key=True),
    Column("number", Integer, nullable=False),
    UniqueConstraint("number"),
)
"""When each reference changed last, withdrawn ones too: numbers rise, so that an index takes over what is new."""

face_attempts = Table(
    "face_attempts",
    metadata,
    Column("id", String, primary_key=True),
    check_in_column(),
    Column("station_id", String, nullable=False),
    Column("turns", String, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index(None, "check_in_id"),
)

face_states = Table(
    "face_states",
    metadata,
    check_in_column(primary_key=True),
    Column("guide", String, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
)

face_sightings = Table(
    "face_sightings",
    metadata,
    check_in_column(primary_key=True),
    Column("at", Moment, nullable=False),
)
"""When the station last saw the face that a check-in rests on."""

face_misses = Table(
    "face_misses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "subject", "at"),
)
"""Failures of ``Patient/…`` or ``station/…`` by face."""

face_scores = Table(
    "face_scores",
    metadata,
    Column("path", String, primary_key=True),
    Column("bar", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
)
"""A histogram of comparison scores, without whose they are: bar 9 holds those from 0.45 to below 0.50."""
