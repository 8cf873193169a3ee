"""When a station last saw the face that a check-in rests on, and which look-alikes are by reception's word."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("face_references", sa.Column("noted", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "face_sightings",
        sa.Column("check_in_id", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("check_in_id", name="pk_face_sightings"),
        sa.ForeignKeyConstraint(
            ["check_in_id"],
            ["check_ins.id"],
            name="fk_face_sightings_check_in_id_check_ins",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
