import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from kiosk.errors import AlreadyEnrolled, ConfigurationError, NotFound, StorageError
from kiosk.model.checkin import CheckIn
from kiosk.model.face import (
    VECTOR_BYTES,
    FaceAttempt,
    FaceFeatures,
    FaceGuide,
    FacePath,
    FaceReference,
    FaceState,
    Turn,
)
from kiosk.storage.face_keys import FaceKeys
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

Begun = Callable[..., CheckIn]

MASTER = Seal(b"m" * 32)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[FaceKeys]:
    store = FaceKeys(tmp_path / "keys" / "face-keys.sqlite", [MASTER])
    yield store
    store.close()


@pytest.fixture
def house(engine: Engine, keys: FaceKeys) -> SqlStorage:
    """A database with a key store."""
    return SqlStorage(engine, face_keys=keys)


@pytest.fixture
def reference(now: datetime) -> FaceReference:
    return FaceReference("r-1", "bn-1", "sface-2021dec", now, ("staff:1", "staff:2"), now)


def some_features(model: str = "sface-2021dec") -> FaceFeatures:
    return FaceFeatures(model, secrets.token_bytes(VECTOR_BYTES))


def an_attempt(now: datetime) -> FaceAttempt:
    return FaceAttempt("f-1", "a", "kiosk-1", (Turn.LEFT, Turn.RIGHT), now, now + timedelta(seconds=30))


def test_an_attempt_is_used_once(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        work.face_attempts.add(an_attempt(now))
    with storage.write() as work:
        assert work.face_attempts.use("f-1", now) == an_attempt(now)
        assert work.face_attempts.use("f-1", now) is None
        assert work.face_attempts.use("nobody", now) is None
        assert work.face_attempts.newest("a") == replace(an_attempt(now), used_at=now)


def test_the_newest_attempt_is_the_one_drawn_last(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    later = replace(an_attempt(now), id="f-0", issued_at=now + timedelta(seconds=1), turns=())
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        assert work.face_attempts.newest("a") is None
        work.face_attempts.add(an_attempt(now))
        work.face_attempts.add(later)
        assert work.face_attempts.newest("a") == later


def test_how_far_a_capture_is_is_one_row_that_changes_and_ends(storage: SqlStorage, begun: Begun) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        assert work.face_attempts.state("a") is None
        work.face_attempts.put_state("a", FaceState(FaceGuide.COME))
        work.face_attempts.put_state("a", FaceState(FaceGuide.TURN_LEFT, done=2, total=7))
        assert work.face_attempts.state("a") == FaceState(FaceGuide.TURN_LEFT, done=2, total=7)
        work.face_attempts.drop_state("a")
        assert work.face_attempts.state("a") is None


def test_when_a_face_was_in_view_last_is_one_row_that_changes(storage: SqlStorage, begun: Begun, now: datetime) -> None:
    with storage.write() as work:
        work.check_ins.add(begun("a"))
        assert work.face_attempts.seen_at("a") is None
        for second in range(3):
            work.face_attempts.saw("a", now + timedelta(seconds=second))
        work.check_ins.add(begun("b"))
    with storage.read() as work:
        assert work.face_attempts.seen_at("a") == now + timedelta(seconds=2)
        assert work.face_attempts.seen_at("b") is None


def test_misses_are_counted_by_subject_and_time(storage: SqlStorage, now: datetime) -> None:
    with storage.write() as work:
        for subject, minutes in (("Patient/bn-1", 0), ("Patient/bn-1", 5), ("station/kiosk-1", 5)):
            work.face_attempts.add_miss(subject, now + timedelta(minutes=minutes))
        assert work.face_attempts.misses_since("Patient/bn-1", now) == 2
        assert work.face_attempts.misses_since("Patient/bn-1", now + timedelta(minutes=1)) == 1
        assert work.face_attempts.misses_since("station/kiosk-2", now) == 0


def test_scores_are_counted_in_bars_without_whose_they_are(storage: SqlStorage) -> None:
    with storage.write() as work:
        for score in (0.15, 0.16, 0.4999, 0.5, -0.01):
            work.face_attempts.count_score(FacePath.PORTRAIT, score)
        assert work.face_attempts.score_counts(FacePath.PORTRAIT) == {-0.05: 1, 0.15: 2, 0.45: 1, 0.5: 1}
        assert work.face_attempts.score_counts(FacePath.TODAY) == {}


def test_a_reference_comes_back_as_it_was_and_lies_sealed(
    house: SqlStorage, engine: Engine, reference: FaceReference
) -> None:
    features = some_features()
    with house.write() as work:
        work.faces.add(reference, features)
        assert work.faces.features("r-1") == features
    with house.read() as work:
        assert work.faces.of_patient("bn-1") == work.faces.get("r-1") == reference
        assert work.faces.features("r-1") == features
        assert list(work.faces.all()) == [(reference, features)]
        assert work.faces.count() == 1
    with engine.begin() as connection:
        assert features.vector not in bytes(connection.execute(text("SELECT sealed FROM face_references")).scalar_one())


def test_a_patient_has_one_reference(house: SqlStorage, reference: FaceReference) -> None:
    with house.write() as work:
        work.faces.add(reference, some_features())
        with pytest.raises(AlreadyEnrolled):
            work.faces.add(replace(reference, id="r-2"), some_features())


def test_a_reference_opens_only_for_its_own_patient(
    house: SqlStorage, engine: Engine, reference: FaceReference
) -> None:
    with house.write() as work:
        work.faces.add(reference, some_features())
    with engine.begin() as connection:
        connection.execute(text("UPDATE face_references SET patient_id = 'bn-2'"))
    with house.read() as work:
        assert work.faces.features("r-1") is None
        assert list(work.faces.all()) == []


def test_without_a_master_key_nobody_is_enrolled_and_nothing_opens(
    storage: SqlStorage, house: SqlStorage, reference: FaceReference
) -> None:
    with pytest.raises(ConfigurationError), storage.write() as work:
        work.faces.add(reference, some_features())
    with house.write() as work:
        work.faces.add(reference, some_features())
    with storage.read() as work:
        assert work.faces.features("r-1") is None
        assert list(work.faces.all()) == []


def test_a_unit_of_work_that_fails_leaves_no_key_and_deletes_none(
    house: SqlStorage, keys: FaceKeys, reference: FaceReference, now: datetime
) -> None:
    def enrol_and_fail() -> None:
        with house.write() as work:
            work.faces.add(reference, some_features())
            work.check_ins.get("nobody")

    def withdraw_and_fail() -> None:
        with house.write() as work:
            work.faces.forget("bn-1", now)
            work.check_ins.get("nobody")

    with pytest.raises(NotFound):
        enrol_and_fail()
    assert keys.held() == set()
    with house.write() as work:
        work.faces.add(reference, some_features())
    with pytest.raises(NotFound):
        withdraw_and_fail()
    assert (keys.held(), keys.buried()) == ({"r-1"}, set())


def test_withdrawing_deletes_row_and_key_and_leaves_a_tombstone(
    house: SqlStorage, keys: FaceKeys, reference: FaceReference, now: datetime
) -> None:
    with house.write() as work:
        work.faces.add(reference, some_features())
    with house.write() as work:
        assert work.faces.forget("bn-1", now)
        assert not work.faces.forget("bn-1", now)
    assert (keys.held(), keys.buried()) == (set(), {"r-1"})
    with house.write() as work:
        assert work.faces.of_patient("bn-1") is None
        work.faces.add(replace(reference, id="r-2"), some_features())


def test_where_keys_lie_and_cannot_be_used_nobody_is_forgotten_by_halves(
    house: SqlStorage, engine: Engine, reference: FaceReference, now: datetime
) -> None:
    with house.write() as work:
        work.faces.add(reference, some_features())
    closed = SqlStorage(engine, face_keys_closed=True)
    with pytest.raises(StorageError, match="forgotten"), closed.write() as work:
        work.faces.forget("bn-1", now)
    with closed.write() as work:
        assert work.faces.get("r-1") == reference
        assert not work.faces.forget("bn-2", now)


def test_a_host_without_keys_forgets_the_row(
    storage: SqlStorage, house: SqlStorage, reference: FaceReference, now: datetime
) -> None:
    with house.write() as work:
        work.faces.add(reference, some_features())
    with storage.write() as work:
        assert work.faces.forget("bn-1", now)
    with house.read() as work:
        assert work.faces.get("r-1") is None


def test_every_change_raises_a_number_and_names_the_reference(
    house: SqlStorage, reference: FaceReference, now: datetime
) -> None:
    numbers = []
    with house.write() as work:
        numbers.append(work.faces.changes())
        work.faces.add(reference, some_features())
        numbers.append(work.faces.changes())
        work.faces.flag("r-1")
        numbers.append(work.faces.changes())
        work.faces.seen("bn-1", now + timedelta(days=1))
        numbers.append(work.faces.changes())
        assert work.faces.of_patient("bn-1") == replace(reference, look_alike=True, seen_at=now + timedelta(days=1))
        work.faces.forget("bn-1", now)
        numbers.append(work.faces.changes())
        assert work.faces.changed_since(0) == ["r-1"]
        assert work.faces.changed_since(numbers[-1]) == []
    assert numbers == sorted(set(numbers))
