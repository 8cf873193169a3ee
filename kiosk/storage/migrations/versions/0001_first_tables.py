"""Check-ins, tickets, events, outbox, audit chain and staff."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPEND_ONLY = "the audit chain is append-only"


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def check_in_id(table: str) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
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


def only(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    create_check_ins()
    create_tickets()
    create_outgoing()
    create_audit()
    create_staff()


def create_check_ins() -> None:
    op.create_table(
        "check_ins",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("station_id", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        moment("started_at"),
        moment("changed_at"),
        moment("arrived_at", nullable=True),
        moment("called_at", nullable=True),
        moment("ended_at", nullable=True),
        sa.Column("unresolved", sa.Boolean, nullable=False),
        sa.Column("help_reason", sa.String),
        moment("help_since", nullable=True),
        sa.Column("active_key", sa.String),
        sa.Column("patient_id", sa.String),
        sa.Column("clinic_id", sa.String),
        sa.Column("ticket_day", sa.Date),
        sa.Column("number", sa.Integer),
        sa.Column("calling_rank", sa.Integer, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_check_ins"),
        sa.UniqueConstraint("active_key", name="uq_check_ins_active_key"),
    )
    op.create_index("ix_check_ins_clinic_id_ticket_day", "check_ins", ["clinic_id", "ticket_day"])
    op.create_index("ix_check_ins_station_id_started_at", "check_ins", ["station_id", "started_at"])
    op.create_index("ix_check_ins_patient_id_day", "check_ins", ["patient_id", "day"])
    op.create_index("ix_check_ins_day", "check_ins", ["day"])
    op.create_index("ix_check_ins_unresolved", "check_ins", ["started_at"], **only("unresolved"))


def create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("clinic_id", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        *check_in_id("tickets"),
        sa.Column("void", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "day", "number", name="pk_tickets"),
    )
    op.create_index("ix_tickets_check_in_id", "tickets", ["check_in_id"])
    op.create_table(
        "counters",
        sa.Column("clinic_id", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "day", name="pk_counters"),
    )


def create_outgoing() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        *check_in_id("events"),
        sa.Column("clinic_id", sa.String),
        sa.Column("station_id", sa.String, nullable=False),
        moment("at"),
        moment("published_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_check_in_id", "events", ["check_in_id"])
    op.create_index("ix_events_unpublished", "events", ["id"], **only("published_at IS NULL"))
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        *check_in_id("outbox"),
        moment("due_at"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("error", sa.String),
        sa.Column("refused", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("check_in_id", "kind", name="uq_outbox_check_in_id_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_due_at", "outbox", ["due_at"])


def create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
        sa.UniqueConstraint("previous_hash", name="uq_audit_previous_hash"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "hash": "0" * 64}])
    if op.get_context().dialect.name == "sqlite":
        guard_audit_in_sqlite()
    else:
        guard_audit_in_postgresql()


def guard_audit_in_sqlite() -> None:
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER audit_no_{change} BEFORE {change.upper()} ON audit "
            f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
        )


def guard_audit_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
    )
    for change, scope in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER audit_no_{change} BEFORE {change.upper()} ON audit "
            f"FOR EACH {scope} EXECUTE FUNCTION refuse_audit_change()"
        )


def create_staff() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("station_id", sa.String, nullable=False),
        moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_station_id_at", "attempts", ["station_id", "at"])
    op.create_table(
        "staff",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("sign_in_name", sa.String, nullable=False),
        sa.Column("sign_in_key", sa.String, nullable=False),
        sa.Column("shown_name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("clinics", sa.Text, nullable=False),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        moment("locked_until", nullable=True),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("sign_in_key", name="uq_staff_sign_in_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("staff_id", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        moment("started_at"),
        moment("last_seen_at"),
        moment("expires_at"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_sessions_staff_id_staff", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_staff_id", "sessions", ["staff_id"])
