import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kiosk import bootstrap
from kiosk.cli.db import db
from kiosk.cli.faces import faces
from kiosk.errors import ConfigurationError, InputError, StorageError
from kiosk.live.clock import SystemClock
from kiosk.model.face import VECTOR_BYTES, FaceFeatures, FacePath, FaceReference
from kiosk.settings import Settings
from kiosk.settings.sections import DatabaseSettings, PathSettings
from kiosk.storage.unit_of_work import SqlStorage

NEW = "cd" * 32


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "face-master-key").write_text("ab" * 32, encoding="ascii")
    paths = PathSettings(data=str(tmp_path / "data"), credentials=str(tmp_path / "credentials"))
    settings = Settings(paths=paths)
    run(db, settings, "upgrade")
    return settings


@pytest.fixture
def enrolled(settings: Settings) -> Settings:
    """A host with one face."""
    now = SystemClock("UTC").now()
    with bootstrap.open_storage(settings).write() as work:
        reference = FaceReference("r-1", "bn-1", "sface-2021dec", now, ("staff:1",), now)
        work.faces.add(reference, FaceFeatures("sface-2021dec", bytes(VECTOR_BYTES)))
    return settings


def run(group: click.Group, settings: Settings, *arguments: str) -> Result:
    # storages that a test let go hold the database open until the collector comes, and a restore refuses
    gc.collect()
    return CliRunner().invoke(group, arguments, obj=settings)


def actions(settings: Settings) -> list[str]:
    with bootstrap.open_storage(settings).read() as work:
        return [row.action for row in work.audit.rows()]


def opens(settings: Settings) -> bool:
    with bootstrap.open_storage(settings).read() as work:
        return work.faces.features("r-1") is not None


def put_new_key(settings: Settings, name: str) -> None:
    (Path(settings.paths.credentials) / name).write_text(NEW, encoding="ascii")


def test_faces_are_counted_and_nobody_is_named(enrolled: Settings) -> None:
    assert run(faces, enrolled, "list").output == "1 enrolled, 1 keys on this host\n"


def test_scores_are_counted_without_whose_they_are(settings: Settings) -> None:
    assert "no live face" in run(faces, settings, "scores").output
    with bootstrap.open_storage(settings).write() as work:
        for score in (0.41, 0.43, 0.62):
            work.face_attempts.count_score(FacePath.PORTRAIT, score)
    assert run(faces, settings, "scores").output == " 0.40  2\n 0.60  1\n"


def test_a_master_key_that_does_not_fit_is_told_of_and_closes_nothing_else(enrolled: Settings) -> None:
    put_new_key(enrolled, "face-master-key")
    assert "none opens" in run(faces, enrolled, "list").output
    assert not opens(enrolled)


def test_a_face_is_forgotten_from_the_shell(enrolled: Settings) -> None:
    assert run(faces, enrolled, "forget", "bn-1").output == "forgotten\n"
    assert run(faces, enrolled, "forget", "bn-1").output == "no face was kept\n"
    assert run(faces, enrolled, "list").output == "0 enrolled, 0 keys on this host\n"


def test_a_new_master_key_takes_the_place_of_the_old_one_step_by_step(enrolled: Settings) -> None:
    put_new_key(enrolled, "face-master-key.new")
    assert opens(enrolled)
    assert run(faces, enrolled, "rotate-key").output == "1 keys wrapped anew\n"
    assert opens(enrolled), "with both credentials"
    assert run(faces, enrolled, "rotate-key").output == "0 keys wrapped anew\n"
    put_new_key(enrolled, "face-master-key")
    (Path(enrolled.paths.credentials) / "face-master-key.new").unlink()
    assert opens(enrolled), "with the new one in place of the old"
    assert actions(enrolled).count("rotate_face_key") == 2


def test_the_new_master_key_may_be_a_file(enrolled: Settings, tmp_path: Path) -> None:
    (tmp_path / "new").write_text(NEW, encoding="ascii")
    assert run(faces, enrolled, "rotate-key", "--new", str(tmp_path / "new")).exit_code == 0
    put_new_key(enrolled, "face-master-key")
    assert opens(enrolled)


def test_without_a_new_master_key_or_a_face_nothing_is_changed(enrolled: Settings, tmp_path: Path) -> None:
    assert isinstance(run(faces, enrolled, "rotate-key").exception, ConfigurationError)
    assert isinstance(run(faces, enrolled, "rotate-key", "--new", str(tmp_path)).exception, SystemExit)
    (tmp_path / "new").write_text("short", encoding="ascii")
    assert isinstance(run(faces, enrolled, "rotate-key", "--new", str(tmp_path / "new")).exception, ConfigurationError)
    bare = Settings(paths=PathSettings(data=str(tmp_path / "bare")))
    run(db, bare, "upgrade")
    assert isinstance(run(faces, bare, "rotate-key").exception, ConfigurationError)
    assert opens(enrolled)


def test_a_host_without_a_master_key_makes_no_key_store(tmp_path: Path) -> None:
    settings = Settings(paths=PathSettings(data=str(tmp_path)))
    run(db, settings, "upgrade")
    assert run(faces, settings, "list").output == "0 enrolled, 0 keys on this host\n"
    assert not settings.face_keys_path.exists()


@contextmanager
def spoilt_key_store(settings: Settings) -> Iterator[None]:
    """Another file in its place: one that is written over would keep what connections of this process share of it."""
    path = settings.face_keys_path
    aside = path.parent / "aside"
    aside.mkdir()
    for part in path.parent.glob(path.name + "*"):
        part.rename(aside / part.name)
    path.write_bytes(b"no database at all" * 100)
    yield
    path.unlink()
    for part in aside.iterdir():
        part.rename(path.parent / part.name)


def test_a_key_store_that_cannot_be_used_closes_the_face_path_only(enrolled: Settings) -> None:
    with spoilt_key_store(enrolled):
        assert not opens(enrolled)
    assert opens(enrolled)


def test_where_the_key_store_cannot_be_used_nobody_is_forgotten(enrolled: Settings) -> None:
    with spoilt_key_store(enrolled):
        assert isinstance(run(faces, enrolled, "forget", "bn-1").exception, StorageError)
    assert run(faces, enrolled, "list").output.startswith("1 enrolled")


def test_a_backup_does_not_bring_back_who_was_forgotten_at_a_host_without_keys(
    enrolled: Settings, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite"
    run(db, enrolled, "backup", str(backup))
    engine = bootstrap.open_engine(enrolled)
    with SqlStorage(engine).write() as work:
        assert work.faces.forget("bn-1", SystemClock("UTC").now())
    engine.dispose()

    assert "1 faces" in run(db, enrolled, "restore", str(backup)).output

    assert run(faces, enrolled, "list").output == "0 enrolled, 0 keys on this host\n"


def test_a_backup_brings_all_faces_back_where_the_database_was_lost(enrolled: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    run(db, enrolled, "backup", str(backup))
    for path in Path(enrolled.paths.data).glob("kiosk.sqlite*"):
        path.unlink()
    assert "0 faces" in run(db, enrolled, "restore", str(backup)).output
    assert opens(enrolled)


def test_a_backup_overwrites_nothing_and_is_for_its_user_only(settings: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    assert run(db, settings, "backup", str(backup)).exit_code == 0
    assert backup.stat().st_mode & 0o077 == 0
    assert isinstance(run(db, settings, "backup", str(backup)).exception, InputError)
    assert isinstance(run(db, settings, "backup", str(tmp_path / "no" / "such")).exception, StorageError)


def test_what_is_no_backup_is_not_restored(settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for content in (b"", b"no database at all" * 100):
        other.write_bytes(content)
        assert isinstance(run(db, settings, "restore", str(other)).exception, InputError)
    assert isinstance(run(db, settings, "restore", str(tmp_path / "nothing")).exception, InputError)
    assert run(db, settings, "status").exit_code == 0


def test_a_restore_is_audited_and_leaves_no_copy(enrolled: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    run(db, enrolled, "backup", str(backup))
    assert run(db, enrolled, "restore", str(backup)).exit_code == 0
    assert actions(enrolled)[-1] == "restore"
    assert opens(enrolled)
    assert [path.name for path in Path(enrolled.paths.data).glob("*restoring*")] == []


def test_postgresql_is_copied_by_its_own_programs(tmp_path: Path) -> None:
    database = DatabaseSettings(url="postgresql://kiosk@/kiosk")
    settings = Settings(paths=PathSettings(data=str(tmp_path)), database=database)
    for command in ("backup", "restore"):
        result = run(db, settings, command, str(tmp_path / "backup"))
        assert isinstance(result.exception, ConfigurationError)
        assert "pg_dump" in str(result.exception)
