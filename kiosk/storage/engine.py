"""Opening the database, its two kinds of transaction, and the one door at which foreign errors become ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from kiosk.errors import ConfigurationError, StorageError

LOCK_WAIT_SECONDS = 5
"""How long a writer waits for another, and a thread for a connection, before it gives up."""

STATEMENT_SECONDS = 10
"""No statement of a request takes this long unless something is wrong."""

POSTGRESQL_CONNECTIONS = 20
"""Of a process: the four of a host stay below the 100 that PostgreSQL allows unless told otherwise."""

POSTGRESQL_WRITERS = 4
"""Of a process: more would only wait for each other's rows, with all connections."""

_QUERY_ONLY = "kiosk_query_only"

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # without it, INSERT OR REPLACE removes rows past the triggers that guard the audit chain
    "PRAGMA recursive_triggers = ON",
    "PRAGMA secure_delete = ON",
)

_POSTGRESQL_OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        f"statement_timeout={STATEMENT_SECONDS}s",
        f"lock_timeout={LOCK_WAIT_SECONDS}s",
        "idle_in_transaction_session_timeout=60s",
        "timezone=UTC",
    )
)


def open_engine(url: str, password: str | None = None) -> Engine:
    """The database behind a URL; connects only when first used. Open it after a fork, never before.

    Args:
        url: ``sqlite:////folder/file`` or ``postgresql://user@host/name``.
        password: kept out of the URL, so that it stands in no settings file.

    Raises:
        ConfigurationError: the URL is not of a database that kiosk knows, or its driver is not installed.
        StorageError: the file cannot be made.
    """
    try:
        target = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("database.url is not a URL") from error
    if target.get_backend_name() == "sqlite":
        return _open_sqlite(target)
    if target.get_backend_name() == "postgresql":
        return _open_postgresql(target.set(drivername="postgresql+psycopg"), password)
    raise ConfigurationError("database.url: sqlite:////folder/file or postgresql://user@host/name")


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("database.url: SQLite needs a file, so that nothing is lost")
    try:
        # SQLite gives the journals beside it the same mode: nobody else reads patients' names
        Path(url.database).touch(mode=0o600)
    except OSError as error:
        raise StorageError(f"cannot make the database: {error.strerror}") from error
    engine = create_engine(
        url,
        # enough for readers among 256 threads: a unit of work holds a connection for milliseconds
        pool_size=8,
        max_overflow=24,
        pool_timeout=LOCK_WAIT_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": LOCK_WAIT_SECONDS, "isolation_level": None},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that reads and then writes fails at once when another wrote meanwhile: writers lock first."""
    query_only = bool(connection.get_execution_options().get(_QUERY_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only = {int(query_only)}")
    connection.exec_driver_sql("BEGIN" if query_only else "BEGIN IMMEDIATE")


def _open_postgresql(url: URL, password: str | None) -> Engine:
    try:
        return create_engine(
            url.set(password=password) if password else url,
            pool_size=POSTGRESQL_CONNECTIONS,
            max_overflow=0,
            pool_timeout=LOCK_WAIT_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": LOCK_WAIT_SECONDS, "options": _POSTGRESQL_OPTIONS},
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise ConfigurationError("database.url: PostgreSQL needs the package psycopg (kiosk[postgresql])") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One view of the database that no writer changes; a write in it is an error.

    Raises:
        StorageError: the database cannot be used, or the block tried to write.
    """
    options = (
        {_QUERY_ONLY: True}
        if engine.dialect.name == "sqlite"
        else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    )
    with our_errors(), engine.execution_options(**options).begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction: commits at the end of the block, rolls back on any exception.

    Raises:
        StorageError: the database cannot be used; nothing was written.
    """
    with our_errors(), engine.begin() as connection:
        yield connection


@contextmanager
def our_errors() -> Iterator[None]:
    """Turn the database's errors into `StorageError`, without the values that were sent."""
    try:
        yield
    except DBAPIError as error:
        raise StorageError(_cause(error)) from error
    except SQLAlchemyError as error:
        raise StorageError(type(error).__name__) from error


def _cause(error: DBAPIError) -> str:
    """PostgreSQL's messages quote values, its codes (SQLSTATE) do not; SQLite's quote column names only."""
    code = getattr(error.orig, "sqlstate", None)
    name = type(error.orig).__name__
    return f"{name} {code}" if code else f"{name}: {error.orig}"
