"""Indexes of the few rows that are asked for all the time, since when the record is owed something, and a heartbeat."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

AT_STATION = (
    "'birth_date', 'choosing', 'enrol_consent', 'face', 'face_consent', 'is_this_you', 'last_four', 'started'"
)
LEFT_OPEN = (
    "'arrived', 'birth_date', 'called', 'choosing', 'enrol_consent', 'face', 'face_consent', 'is_this_you', "
    "'last_four', 'reception', 'started'"
)


def upgrade() -> None:
    # after the index of all check-ins of a station: of two that would do, SQLite takes the one made last
    partial("ix_check_ins_at_station", ["station_id", "sequence"], AT_STATION)
    partial("ix_check_ins_left_open", ["day"], LEFT_OPEN)
    op.add_column("outbox", sa.Column("owed_since", sa.DateTime(timezone=True)))
    op.execute("UPDATE outbox SET owed_since = due_at")
    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeat"),
    )


def partial(name: str, columns: list[str], stages: str) -> None:
    where = sa.text(f"stage IN ({stages})")
    op.create_index(name, "check_ins", columns, sqlite_where=where, postgresql_where=where)
