"""Faces: sealed references, attempts, how far a station is, misses, counts of scores."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def of_check_in(table: str) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
    return (
        sa.Column("check_in_id", sa.String, nullable=False),
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
        "face_references",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("patient_id", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        moment("enrolled_at"),
        sa.Column("enrolled_by", sa.Text, nullable=False),
        moment("seen_at"),
        sa.Column("look_alike", sa.Boolean, nullable=False),
        sa.Column("key_store", sa.String, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_face_references"),
        sa.UniqueConstraint("patient_id", name="uq_face_references_patient_id"),
    )
    op.create_table(
        "face_changes",
        sa.Column("reference_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("reference_id", name="pk_face_changes"),
        sa.UniqueConstraint("number", name="uq_face_changes_number"),
    )
    op.create_table(
        "face_attempts",
        sa.Column("id", sa.String, nullable=False),
        *of_check_in("face_attempts"),
        sa.Column("station_id", sa.String, nullable=False),
        sa.Column("turns", sa.String, nullable=False),
        moment("issued_at"),
        moment("expires_at"),
        moment("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_face_attempts"),
    )
    op.create_index("ix_face_attempts_check_in_id", "face_attempts", ["check_in_id"])
    op.create_table(
        "face_states",
        *of_check_in("face_states"),
        sa.Column("guide", sa.String, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("check_in_id", name="pk_face_states"),
    )
    op.create_table(
        "face_misses",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_face_misses"),
    )
    op.create_index("ix_face_misses_subject_at", "face_misses", ["subject", "at"])
    op.create_table(
        "face_scores",
        sa.Column("path", sa.String, nullable=False),
        sa.Column("bar", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("path", "bar", name="pk_face_scores"),
    )
