"""What each station's screen still shows; papers and repeated showings beside the check-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("check_ins", sa.Column("off_screen_at", sa.DateTime(timezone=True)))
    # this program begins with empty screens
    op.execute("UPDATE check_ins SET off_screen_at = changed_at")
    op.create_index(
        "ix_check_ins_on_screen",
        "check_ins",
        ["station_id"],
        sqlite_where=sa.text("off_screen_at IS NULL"),
        postgresql_where=sa.text("off_screen_at IS NULL"),
    )
    _beside("papers", sa.Column("state", sa.String, nullable=False))
    _beside(
        "showings",
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("station_id", sa.String, nullable=False),
    )


def _beside(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("check_in_id", sa.String, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("check_in_id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["check_in_id"],
            ["check_ins.id"],
            name=f"fk_{name}_check_in_id_check_ins",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
