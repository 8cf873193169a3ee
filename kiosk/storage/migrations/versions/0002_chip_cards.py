"""Chip cards: how far a reading is, sealed portraits, known chips."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def of_check_in(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.Column("check_in_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("check_in_id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["check_in_id"],
            ["check_ins.id"],
            name=f"fk_{table}_check_in_id_check_ins",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )


def upgrade() -> None:
    op.create_table(
        "card_states",
        *of_check_in("card_states"),
        sa.Column("phase", sa.String, nullable=False),
        sa.Column("problem", sa.String),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("tries_left", sa.Integer, nullable=False),
    )
    op.create_table(
        "portraits",
        *of_check_in("portraits"),
        moment("kept_at"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "known_chips",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("chip_key", sa.String, nullable=False),
        sa.Column("security_object", sa.String, nullable=False),
        sa.Column("patient_id", sa.String, nullable=False),
        sa.Column("bound_by", sa.String, nullable=False),
        moment("bound_at"),
        sa.Column("revoked_by", sa.String),
        moment("revoked_at", nullable=True),
        sa.Column("lost_by", sa.String),
        moment("lost_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_known_chips"),
    )
    op.create_index("ix_known_chips_chip_key", "known_chips", ["chip_key"])
    op.create_index("ix_known_chips_security_object", "known_chips", ["security_object"])
    op.create_index("ix_known_chips_patient_id", "known_chips", ["patient_id"])
