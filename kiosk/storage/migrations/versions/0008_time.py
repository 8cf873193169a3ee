"""The order in which check-ins were begun, whatever a clock said; and what the database knows of time itself."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_IN_ORDER = """
UPDATE check_ins SET sequence = ordered.place
FROM (SELECT id, row_number() OVER (ORDER BY started_at, id) AS place FROM check_ins) AS ordered
WHERE ordered.id = check_ins.id
"""


def upgrade() -> None:
    _number_check_ins()
    op.create_table(
        "kept_time",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("service_day", sa.Date, nullable=False),
        sa.Column("latest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("boot_id", sa.String, nullable=False),
        sa.Column("boot_seconds", sa.Float, nullable=False),
        sa.Column("proof", sa.String, nullable=False),
        sa.Column("doubt", sa.String),
        sa.Column("doubt_since", sa.DateTime(timezone=True)),
        sa.Column("knows_hour", sa.Boolean, nullable=False),
        sa.Column("closes_before", sa.Date, nullable=False),
        sa.Column("waiting_day", sa.Date, nullable=False),
        sa.Column("waiting_since", sa.Float, nullable=False),
        sa.Column("run_seconds", sa.Float, nullable=False),
        sa.Column("rest_seconds", sa.Float, nullable=False),
        sa.Column("forgot_at", sa.Float),
        sa.Column("corrections", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kept_time"),
    )


def _number_check_ins() -> None:
    op.add_column("check_ins", sa.Column("sequence", sa.Integer, nullable=False, server_default="0"))
    op.execute(_IN_ORDER)
    op.drop_index("ix_check_ins_station_id_started_at", "check_ins")
    op.create_index("ix_check_ins_station_id_sequence", "check_ins", ["station_id", "sequence"])
    op.create_index("ix_check_ins_sequence", "check_ins", ["sequence"])
    op.drop_index("ix_check_ins_unresolved", "check_ins")
    op.create_index(
        "ix_check_ins_unresolved",
        "check_ins",
        ["sequence"],
        sqlite_where=sa.text("unresolved"),
        postgresql_where=sa.text("unresolved"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE check_ins_sequence OWNED BY check_ins.sequence")
        op.execute("SELECT setval('check_ins_sequence', (SELECT coalesce(max(sequence), 0) + 1 FROM check_ins), false)")
