"""The tables as the queries see them. The migrations make them; a test compares the two."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from kiosk.model.checkin import AT_STATION, Stage

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: a time without a zone could mean any of 24 moments.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)


class Moment(TypeDecorator[datetime]):
    """An aware time, kept and returned in UTC. SQLite knows no zones, PostgreSQL answers in the session's."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 # the base's
        """What is stored."""
        return None if value is None else as_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 # the base's
        """What is returned."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def check_in_column(*, primary_key: bool = False) -> Column[str]:
    """Checked at the commit, so that a unit of work writes its rows in any order."""
    key = ForeignKey("check_ins.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    return Column("check_in_id", String, key, nullable=False, primary_key=primary_key)


def listed(stages: Collection[Stage]) -> str:
    """Stages as SQL writes a list of them: in one order, as SQLite compares the texts of a query and of an index."""
    return ", ".join(f"'{stage}'" for stage in sorted(stages))


def index_of(stages: Collection[Stage], name: str, *columns: str) -> Index:
    """A partial index of the check-ins at these stages."""
    where = text(f"stage IN ({listed(stages)})")
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


LEFT_OPEN = AT_STATION | {Stage.ARRIVED, Stage.CALLED, Stage.RECEPTION}
"""Whose day is not over."""

check_ins = Table(
    "check_ins",
    metadata,
    Column("id", String, primary_key=True),
    Column("station_id", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("arrived_at", Moment),
    Column("called_at", Moment),
    Column("ended_at", Moment),
    Column("unresolved", Boolean, nullable=False),
    Column("help_reason", String),
    Column("help_since", Moment),
    Column("active_key", String),
    Column("patient_id", String),
    Column("clinic_id", String),
    Column("ticket_day", Date),
    Column("number", Integer),
    Column("calling_rank", Integer, nullable=False),
    Column("details", Text, nullable=False),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("off_screen_at", Moment),
    UniqueConstraint("active_key"),
    Index(None, "clinic_id", "ticket_day"),
    Index(None, "station_id", "sequence"),
    Index(None, "sequence"),
    Index(None, "patient_id", "day"),
    Index(None, "day"),
    index_of(AT_STATION, "ix_check_ins_at_station", "station_id", "sequence"),
    index_of(LEFT_OPEN, "ix_check_ins_left_open", "day"),
    Index(
        "ix_check_ins_unresolved",
        "sequence",
        sqlite_where=text("unresolved"),
        postgresql_where=text("unresolved"),
    ),
    Index(
        "ix_check_ins_on_screen",
        "station_id",
        sqlite_where=text("off_screen_at IS NULL"),
        postgresql_where=text("off_screen_at IS NULL"),
    ),
)
"""`clinic_id`, `ticket_day` and `number` are the present ticket; `details` holds, as JSON, what no query asks for.

`sequence` is the order in which they were begun: times are for people, and a clock may be wrong.

Two questions are asked again and again and answered by few of the 360,000 rows of a busy hospital: they have indexes of
those rows only. A query uses such an index only where it says the same list of stages in its own text.
"""

tickets = Table(
    "tickets",
    metadata,
    Column("clinic_id", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("number", Integer, primary_key=True),
    check_in_column(),
    Column("void", Boolean, nullable=False),
    Index(None, "check_in_id"),
)
"""Every number that was ever given; those of moved or cancelled check-ins stay here, void."""

counters = Table(
    "counters",
    metadata,
    Column("clinic_id", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    check_in_column(),
    Column("clinic_id", String),
    Column("station_id", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("published_at", Moment),
    Index(None, "check_in_id"),
    Index(
        "ix_events_unpublished",
        "id",
        sqlite_where=text("published_at IS NULL"),
        postgresql_where=text("published_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    check_in_column(),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("error", String),
    Column("refused", Boolean, nullable=False),
    Column("owed_since", Moment),
    UniqueConstraint("check_in_id", "kind"),
    Index(None, "due_at"),
    sqlite_autoincrement=True,
)
"""An id is never used again, so that what a sender reports late cannot hit a newer delivery.

`due_at` moves with each failure; `owed_since` says since when the record lags behind.
"""

audit = Table(
    "audit",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous_hash", String, nullable=False),
    Column("hash", String, nullable=False),
    UniqueConstraint("previous_hash"),
)
"""Append-only: triggers refuse updates and deletes. `at` and `detail` are the texts that the hash covers."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
    Column("hash", String, nullable=False),
)
"""One row, which a writer locks before it appends."""

staff = Table(
    "staff",
    metadata,
    Column("id", String, primary_key=True),
    Column("sign_in_name", String, nullable=False),
    Column("sign_in_key", String, nullable=False),
    Column("shown_name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("clinics", Text, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("disabled", Boolean, nullable=False),
    UniqueConstraint("sign_in_key"),
)
"""`sign_in_key` is the name without case, folded here because the databases fold Vietnamese differently."""

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("staff_id", String, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("role", String, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index(None, "staff_id"),
)
