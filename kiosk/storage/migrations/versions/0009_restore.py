"""Numbers that a restored backup does not know, and the form in which check-ins are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "lost_numbers",
        sa.Column("check_in_id", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("patient_id", sa.String),
        sa.Column("presented", sa.String),
        sa.Column("check_in", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("check_in_id", name="pk_lost_numbers"),
    )
    op.create_index("ix_lost_numbers_day", "lost_numbers", ["day"])
    op.create_table(
        "details_format",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_details_format"),
    )
