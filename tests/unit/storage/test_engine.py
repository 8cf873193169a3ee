from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from kiosk.errors import ConfigurationError, StorageError
from kiosk.storage.engine import open_engine, reading, writing


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'kiosk.sqlite'}")
    yield engine
    engine.dispose()


def test_sqlite_keeps_what_it_acknowledged_and_erases_what_it_deletes(engine: Engine) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}
    with reading(engine) as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in expected}

    assert found == expected


def test_the_file_is_for_its_owner_only(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (a)"))
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}

    assert modes == dict.fromkeys(("kiosk.sqlite", "kiosk.sqlite-wal", "kiosk.sqlite-shm"), 0o600)


def test_a_connection_that_was_read_with_can_write_again(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (a)"))
    with pytest.raises(StorageError, match="readonly"), reading(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))


@pytest.mark.parametrize(
    "url", ["", "kiosk.sqlite", "sqlite://", "sqlite:///:memory:", "mysql://kiosk@localhost/kiosk", "oracle://x"]
)
def test_a_url_of_no_known_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database\.url"):
        open_engine(url)


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        open_engine(f"sqlite:///{tmp_path / 'missing' / 'kiosk.sqlite'}")


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.sqlite"
    path.write_text("Xin chào, đây không phải là cơ sở dữ liệu. " * 50, encoding="utf-8")
    engine = open_engine(f"sqlite:///{path}")

    with pytest.raises(StorageError, match="not a database"), reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()


def test_a_postgresql_that_does_not_answer_is_a_storage_error(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://kiosk@/kiosk?host={tmp_path}", password="invented")

    with pytest.raises(StorageError) as failure, reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    assert "invented" not in str(failure.value)
    engine.dispose()


def test_an_error_names_no_value_that_was_sent(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (a UNIQUE)"))
        connection.execute(text("INSERT INTO t VALUES (:name)"), {"name": "Nguyễn Thị Ánh"})
    with pytest.raises(StorageError) as failure, writing(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (:name)"), {"name": "Nguyễn Thị Ánh"})

    assert "Nguyễn" not in f"{failure.value} {failure.value.__cause__}"
