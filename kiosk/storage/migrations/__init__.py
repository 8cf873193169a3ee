"""The schema's history, run by the program itself."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, func, select, text

from kiosk.errors import StorageError
from kiosk.storage.details_format import DETAILS_FORMAT, format_of, raise_format
from kiosk.storage.engine import our_errors, reading

_MIGRATION_LOCK = 0x6B696F736B
"""Of PostgreSQL's advisory locks: held by whoever changes the schema (the letters of kiosk)."""


def upgrade(engine: Engine, revision: str = "head") -> str:
    """Bring the schema to this version of the program, in one transaction; several processes may call it at once.

    Args:
        engine: of the database.
        revision: an earlier one, to test the later ones with data.

    Returns:
        The revision it is at now.

    Raises:
        StorageError: the database cannot be used, or belongs to a newer version of the program.
    """
    with our_errors(), engine.connect() as connection:
        # the connection gets time-outs of its own and is not used for anything else
        connection.detach()
        _wait_long(connection)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            try:
                command.upgrade(_config(connection), revision)
            except CommandError as error:
                raise StorageError("the database belongs to a newer version of kiosk") from error
            if revision == "head":
                raise_format(connection)
    return _head() if revision == "head" else revision


def _wait_long(connection: Connection) -> None:
    """A migration of a large database takes its time, and so does waiting for one."""
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute("PRAGMA busy_timeout = 600000").close()
        return
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SET lock_timeout = 0"))
    connection.commit()


def current(engine: Engine) -> str | None:
    """The revision of the database; None for an empty one."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    """Whether the database fits this version of the program."""
    if current(engine) != _head():
        return False
    with reading(engine) as connection:
        return format_of(connection) == DETAILS_FORMAT


def _head() -> str:
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    if head is None:
        raise StorageError("the program came without its migrations")
    return head


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
