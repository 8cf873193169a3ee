"""What was doubtful about a person on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "doubts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("station_id", sa.String, nullable=False),
        sa.Column("check_in_id", sa.String, nullable=False),
        sa.Column("clinic_id", sa.String),
        sa.Column("system", sa.String),
        sa.Column("value", sa.String),
        sa.Column("patient_id", sa.String),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_doubts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_doubts_day_system_value", "doubts", ["day", "system", "value"])
    op.create_index("ix_doubts_day_patient_id", "doubts", ["day", "patient_id"])
    op.create_index("ix_doubts_check_in_id", "doubts", ["check_in_id"])
