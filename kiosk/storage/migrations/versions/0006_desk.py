"""What can be taken back for a moment, whom reception found in a case, and who read a record."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "undos",
        sa.Column("check_in_id", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("desk_case", sa.String),
        sa.PrimaryKeyConstraint("check_in_id", name="pk_undos"),
        _of_check_in("undos"),
    )
    op.create_index("ix_undos_until", "undos", ["until"])
    for name in ("found_patients", "record_readers"):
        op.create_table(
            name,
            sa.Column("check_in_id", sa.String, nullable=False),
            sa.Column("actor", sa.String, nullable=False),
            sa.Column("patient_id", sa.String, nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("check_in_id", "actor", "patient_id", name=f"pk_{name}"),
            _of_check_in(name),
        )


def _of_check_in(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["check_in_id"],
        ["check_ins.id"],
        name=f"fk_{table}_check_in_id_check_ins",
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )
