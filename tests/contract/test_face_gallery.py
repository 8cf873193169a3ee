import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from kiosk.checkin.face_gallery import KeptGallery
from kiosk.live.clock import SystemClock
from kiosk.model.actor import SYSTEM
from kiosk.model.face import VECTOR_VALUES, FaceFeatures, FaceReference
from kiosk.ports.storage import Work
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

MODEL = "sface-2021dec"
CLOCK = SystemClock("Asia/Ho_Chi_Minh")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[FaceKeys]:
    store = FaceKeys(tmp_path / "keys" / "face-keys.sqlite", [Seal(b"m" * 32)])
    yield store
    store.close()


@pytest.fixture
def house(engine: Engine, keys: FaceKeys) -> SqlStorage:
    return SqlStorage(engine, face_keys=keys)


def some_features() -> FaceFeatures:
    drawn = np.frombuffer(secrets.token_bytes(VECTOR_VALUES), dtype=np.int8).astype("<f4")
    return FaceFeatures(MODEL, (drawn / np.linalg.norm(drawn)).astype("<f4").tobytes())


def enrol(work: Work, name: str, now: datetime) -> FaceFeatures:
    features = some_features()
    work.faces.add(FaceReference(f"r-{name}", f"bn-{name}", MODEL, now, ("staff:1",), now), features)
    return features


def audited(storage: SqlStorage) -> list[str]:
    with storage.read() as work:
        return [row.detail["count"] for row in work.audit.rows() if row.action == "index_faces"]


def test_the_index_follows_the_store(house: SqlStorage) -> None:
    now, gallery = CLOCK.now(), KeptGallery(house, CLOCK)
    gallery.refresh()
    assert gallery.holds() == []
    with house.write() as work:
        first, second = enrol(work, "1", now), enrol(work, "2", now)

    gallery.refresh()
    assert [found.patient_id for found in gallery.search(first, limit=1).candidates] == ["bn-1"]
    assert gallery.search(second, ["bn-1"]).size == 1

    with house.write() as work:
        work.faces.forget("bn-1", now)
        third = enrol(work, "3", now)
    gallery.refresh()
    assert sorted(gallery.holds()) == ["r-2", "r-3"]
    assert gallery.search(third).candidates[0].reference_id == "r-3"


def test_a_new_index_holds_what_is_enrolled_and_every_opening_is_audited_by_count(house: SqlStorage) -> None:
    now = CLOCK.now()
    with house.write() as work:
        enrol(work, "1", now)
        enrol(work, "2", now)
    gallery = KeptGallery(house, CLOCK)
    gallery.refresh()
    gallery.refresh()
    with house.write() as work:
        enrol(work, "3", now)
    gallery.refresh()
    assert sorted(gallery.holds()) == ["r-1", "r-2", "r-3"]
    assert audited(house) == ["2", "1"]


def test_who_comes_after_a_year_is_found_again_without_being_opened_anew(house: SqlStorage) -> None:
    now = CLOCK.now()
    with house.write() as work:
        features = some_features()
        long_ago = now - timedelta(days=400)
        work.faces.add(FaceReference("r-1", "bn-1", MODEL, long_ago, ("staff:1",), long_ago), features)
    gallery = KeptGallery(house, CLOCK)
    gallery.refresh()
    assert gallery.search(features).size == 0

    with house.write() as work:
        work.faces.seen("bn-1", now)
    gallery.refresh()

    assert gallery.search(features).candidates[0].patient_id == "bn-1"
    assert audited(house) == ["1"]


def test_a_database_that_went_back_in_time_is_read_anew(house: SqlStorage, engine: Engine) -> None:
    now = CLOCK.now()
    with house.write() as work:
        enrol(work, "1", now)
        enrol(work, "2", now)
    gallery = KeptGallery(house, CLOCK)
    gallery.refresh()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM face_references WHERE id = 'r-2'"))
        connection.execute(text("DELETE FROM face_changes WHERE reference_id = 'r-2'"))

    gallery.refresh()

    assert gallery.holds() == ["r-1"]


def test_a_backup_whose_changes_reached_the_same_number_is_read_anew(house: SqlStorage, engine: Engine) -> None:
    now = CLOCK.now()
    with house.write() as work:
        enrol(work, "1", now)
    with house.write() as work:
        enrol(work, "2", now)
        work.audit.add(now, SYSTEM, "enrol_face", "Patient/bn-2", {})
    gallery = KeptGallery(house, CLOCK)
    gallery.refresh()
    # the moment after the first enrolment comes back, and another person is enrolled
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_no_delete"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        connection.execute(text("DELETE FROM audit"))
        connection.execute(text("UPDATE audit_head SET sequence = 0, hash = :hash"), {"hash": "0" * 64})
        connection.execute(text("DELETE FROM face_references WHERE id = 'r-2'"))
        connection.execute(text("DELETE FROM face_changes WHERE reference_id = 'r-2'"))
    with house.write() as work:
        enrol(work, "3", now)
        for number in range(9):
            work.audit.add(now, SYSTEM, "restore", f"database/{number}", {})

    gallery.refresh()

    assert sorted(gallery.holds()) == ["r-1", "r-3"]


def test_who_was_forgotten_where_the_keys_are_not_loses_the_key_here(
    house: SqlStorage, engine: Engine, keys: FaceKeys
) -> None:
    now, reception = CLOCK.now(), SqlStorage(engine)
    with house.write() as work:
        enrol(work, "1", now)
        enrol(work, "2", now)
    gallery = KeptGallery(house, CLOCK)
    gallery.refresh()
    with reception.write() as work:
        assert work.faces.forget("bn-1", now)
    assert keys.held() == {"r-1", "r-2"}

    gallery.refresh()

    assert (keys.held(), keys.buried(), gallery.holds()) == ({"r-2"}, {"r-1"}, ["r-2"])


def test_who_was_forgotten_elsewhere_before_the_first_look_loses_the_key_too(
    house: SqlStorage, engine: Engine, keys: FaceKeys
) -> None:
    with house.write() as work:
        enrol(work, "1", CLOCK.now())
    with SqlStorage(engine).write() as work:
        work.faces.forget("bn-1", CLOCK.now())
    KeptGallery(house, CLOCK).refresh()
    assert (keys.held(), keys.buried()) == (set(), {"r-1"})


def test_a_face_whose_key_was_deleted_leaves_the_index_though_the_withdrawal_failed(
    house: SqlStorage, keys: FaceKeys
) -> None:
    now = CLOCK.now()
    with house.write() as work:
        features = enrol(work, "1", now)
        enrol(work, "2", now)
    gallery = KeptGallery(house, CLOCK)
    gallery.refresh()
    # what a commit that fails leaves behind
    keys.bury(["r-1"], now)

    gallery.refresh()

    assert gallery.holds() == ["r-2"]
    with house.write() as work:
        work.faces.seen("bn-1", now + timedelta(minutes=1))
    gallery.refresh()
    assert gallery.search(features, ["bn-1"]).size == 0


def test_a_reference_that_does_not_open_is_not_searched(house: SqlStorage, engine: Engine) -> None:
    now = CLOCK.now()
    with house.write() as work:
        enrol(work, "1", now)
        features = enrol(work, "2", now)
    with engine.begin() as connection:
        connection.execute(text("UPDATE face_references SET patient_id = 'bn-9' WHERE id = 'r-2'"))
    gallery = KeptGallery(house, CLOCK)
    gallery.refresh()
    assert gallery.search(features).size == 1
    assert gallery.holds() == ["r-1"]
