"""The tables of the folder's index; being derived, they are made anew when their shape changes."""

import sqlite3

_VERSION = 2
_TABLES = ("appointment", "resource", "identifier", "file", "directory")
_SCHEMA = """
CREATE TABLE directory (path TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE file (
    id INTEGER PRIMARY KEY, directory TEXT NOT NULL, name TEXT NOT NULL,
    stamp TEXT NOT NULL, broken INTEGER NOT NULL, UNIQUE (directory, name)
);
CREATE INDEX file_broken ON file (id) WHERE broken;
CREATE TABLE identifier (
    system TEXT NOT NULL, value TEXT NOT NULL, patient TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE
);
CREATE INDEX identifier_value ON identifier (value, system);
CREATE INDEX identifier_file ON identifier (file);
CREATE TABLE resource (
    kind TEXT NOT NULL, id TEXT NOT NULL, file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE
);
CREATE INDEX resource_id ON resource (id, kind);
CREATE INDEX resource_file ON resource (file);
CREATE TABLE appointment (
    patient TEXT NOT NULL, start REAL NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE
);
CREATE INDEX appointment_patient ON appointment (patient, start);
CREATE INDEX appointment_start ON appointment (start);
CREATE INDEX appointment_file ON appointment (file);
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where they are missing or of another version; the caller holds the index's lock file."""
    connection.execute("PRAGMA journal_mode = WAL")
    # after a power cut the last rows may be missing: the folders' times then no longer fit, and they are read again
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # building the index of 100,000 files takes half the time with these; both are 16 MiB
    connection.execute("PRAGMA cache_size = -16384")
    connection.execute("PRAGMA wal_autocheckpoint = 4096")
    if connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    for table in _TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")
