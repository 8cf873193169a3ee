"""What the contract cannot see: files, the index, other programs and other processes."""

import json
import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import NotFound, RecordConflict, RecordRefused, RecordUnreachable
from kiosk.model.identity import Identifier
from kiosk.ports.record import EncounterStatus, EncounterUpdate
from kiosk.record.folder import FolderRecord
from kiosk.record.folder_files import locked, replace_file, stamp_of
from tests.contract.record import people
from tests.contract.record.people import NOI_TIET, Resource, citizen, insurance
from tests.support.patience import PATIENCE

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=HANOI)
MAI, LAN = citizen("001190012345"), citizen("001190054321")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[FolderRecord]:
    with closing(FolderRecord(tmp_path, HANOI)) as record:
        yield record


def written(path: Path, *resources: Resource, kind: str = "collection") -> Path:
    entries = [{"resource": one} for one in resources]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}))
    return path


def arrival(patient: Resource, check_in_id: str = "c-1") -> EncounterUpdate:
    return EncounterUpdate(check_in_id, patient["id"], EncounterStatus.ARRIVED, NOI_TIET, MORNING)


def names_of(record: FolderRecord, *identifiers: Identifier) -> list[str]:
    return [found.name for identifier in identifiers for found in record.find_patients(identifier)]


class TestFilesThatChange:
    def test_files_lie_in_the_folder_or_one_level_below(self, tmp_path: Path, record: FolderRecord) -> None:
        written(tmp_path / "mai.json", people.patient(MAI))
        written(tmp_path / "ab" / "lan.json", people.patient(LAN))
        assert len(names_of(record, MAI, LAN)) == 2

    def test_a_file_that_comes_later_is_found(self, tmp_path: Path, record: FolderRecord) -> None:
        for identifier, place in ((MAI, "mai.json"), (LAN, "ab/lan.json")):
            assert names_of(record, identifier) == []
            written(tmp_path / place, people.patient(identifier))
            assert len(names_of(record, identifier)) == 1

    def test_a_file_that_goes_is_forgotten(self, tmp_path: Path, record: FolderRecord) -> None:
        own, other = written(tmp_path / "mai.json", people.patient(MAI)), tmp_path / "ab" / "lan.json"
        written(other, people.patient(LAN))
        assert len(names_of(record, MAI, LAN)) == 2
        own.unlink()
        assert len(names_of(record, MAI, LAN)) == 1
        other.unlink()
        other.parent.rmdir()
        assert names_of(record, MAI, LAN) == []

    def test_a_replaced_file_is_read_again(self, tmp_path: Path, record: FolderRecord) -> None:
        patient = people.patient(MAI)
        path = written(tmp_path / "ab" / "mai.json", patient)
        for identifier in (LAN, MAI, LAN, MAI):
            held = [{"system": str(identifier.system), "value": identifier.value}]
            written(tmp_path / "new", patient | {"identifier": held}).replace(path)
            assert len(names_of(record, MAI)) == (identifier is MAI)
            assert len(names_of(record, LAN)) == (identifier is LAN)

    def test_a_number_that_was_taken_away_in_place_finds_nobody(self, tmp_path: Path, record: FolderRecord) -> None:
        patient = people.patient(MAI)
        path = written(tmp_path / "mai.json", patient)
        assert len(names_of(record, MAI)) == 1
        time.sleep(0.1)
        assert len(names_of(record, MAI)) == 1
        written(path, patient | {"identifier": [{"system": str(LAN.system), "value": LAN.value}]})
        assert names_of(record, MAI) == []
        assert len(names_of(record, LAN)) == 1

    def test_a_half_written_file_is_found_when_it_is_whole(self, tmp_path: Path, record: FolderRecord) -> None:
        path = written(tmp_path / "mai.json", people.patient(MAI))
        whole = path.read_text()
        path.write_text(whole[:100])
        time.sleep(0.1)
        assert names_of(record, MAI) == []
        assert record.problems() == 1
        path.write_text(whole)
        assert len(names_of(record, MAI)) == 1
        assert record.problems() == 0

    def test_what_was_indexed_before_is_known_at_the_next_start(self, tmp_path: Path) -> None:
        path = written(tmp_path / "ab" / "mai.json", people.patient(MAI))
        with closing(FolderRecord(tmp_path, HANOI)) as record:
            record.refresh()
        time.sleep(0.1)
        with closing(FolderRecord(tmp_path, HANOI)) as record:
            record.refresh()
            read: list[int] = []
            record.refresh(lambda done, _: read.append(done))
            assert read == []
            assert len(names_of(record, MAI)) == 1
        path.unlink()
        path.parent.rmdir()
        with closing(FolderRecord(tmp_path, HANOI)) as record:
            assert names_of(record, MAI) == []

    def test_progress_counts_every_file(self, tmp_path: Path, record: FolderRecord) -> None:
        for place in ("1.json", "2.json", "ab/3.json"):
            written(tmp_path / place, people.patient())
        for rebuild in (False, True):
            told: list[tuple[int, int]] = []
            record.refresh(lambda done, of: told.append((done, of)), rebuild=rebuild)  # noqa: B023 # called at once
            assert told == [(1, 3), (2, 3), (3, 3)]


class TestMuchThatChanged:
    """A look-up reads for so long, is given up, and the next one goes on."""

    @pytest.fixture
    def impatient(self, tmp_path: Path) -> Iterator[FolderRecord]:
        with closing(FolderRecord(tmp_path, HANOI, timeout_seconds=0)) as record:
            yield record

    @pytest.mark.parametrize("place", ["", "ab", "{}"], ids=["the folder", "a sub-folder", "a folder each"])
    def test_look_ups_are_given_up_until_all_is_read(self, tmp_path: Path, impatient: FolderRecord, place: str) -> None:
        for number in range(5):
            written(tmp_path / place.format(number) / f"{number}.json", people.patient())
        written(tmp_path / place.format(5) / "mai.json", people.patient(MAI))
        time.sleep(0.1)
        given_up = 0
        while given_up < 20:
            try:
                found = names_of(impatient, MAI)
            except RecordUnreachable:
                given_up += 1
            else:
                break
        assert given_up >= 4
        assert len(found) == 1

    def test_nobody_is_said_to_be_unknown_meanwhile(self, tmp_path: Path, impatient: FolderRecord) -> None:
        for number in range(5):
            written(tmp_path / f"{number}.json", people.patient(MAI if number == 2 else LAN))
        for call in (
            impatient.check,
            lambda: impatient.find_patients(MAI),
            lambda: impatient.expected(MORNING.date()),
            lambda: impatient.patient("x"),
        ):
            with pytest.raises(RecordUnreachable):
                call()

    def test_a_rebuild_takes_the_time_it_needs(self, tmp_path: Path, impatient: FolderRecord) -> None:
        for number in range(5):
            written(tmp_path / f"{number}.json", people.patient(MAI if number == 2 else LAN))
        time.sleep(0.1)
        impatient.refresh(rebuild=True)
        assert len(names_of(impatient, MAI)) == 1

    def test_a_look_up_waits_no_longer_for_another(self, tmp_path: Path) -> None:
        for number in range(300):
            written(tmp_path / f"{number}.json", people.patient(MAI if number == 2 else LAN))
        time.sleep(0.1)
        reading, answered = threading.Event(), threading.Event()

        def told(done: int, of: int) -> None:
            reading.set()
            assert answered.wait(PATIENCE), (done, of)

        with closing(FolderRecord(tmp_path, HANOI, timeout_seconds=0.2)) as record:
            other = threading.Thread(target=record.refresh, args=(told,))
            other.start()
            assert reading.wait(PATIENCE)
            with pytest.raises(RecordUnreachable):
                record.find_patients(MAI)
            answered.set()
            other.join()
            assert len(names_of(record, MAI)) == 1


class TestStrangeFolders:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"resourceType": "Patient"}',
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"a": 1e99999999999}',
        ],
    )
    def test_a_file_that_is_no_bundle_is_counted_and_left_out(
        self, tmp_path: Path, record: FolderRecord, content: bytes
    ) -> None:
        (tmp_path / "broken.json").write_bytes(content)
        written(tmp_path / "mai.json", people.patient(MAI))
        assert len(names_of(record, MAI)) == 1
        assert record.problems() == 1

    def test_what_is_not_for_us_is_left_alone(self, tmp_path: Path, record: FolderRecord) -> None:
        written(tmp_path / ".hidden.json", people.patient(MAI))
        written(tmp_path / "notes.txt", people.patient(MAI))
        written(tmp_path / ".git" / "x.json", people.patient(MAI))
        (tmp_path / "folder.json").mkdir()
        (tmp_path / "away.json").symlink_to(tmp_path / "nowhere")
        (tmp_path / "deep" / "er").mkdir(parents=True)
        written(tmp_path / "deep" / "er" / "x.json", people.patient(MAI))
        assert names_of(record, MAI) == []
        assert record.problems() == 0

    def test_a_name_that_is_no_unicode_is_left_out(self, tmp_path: Path, record: FolderRecord) -> None:
        Path(f"{tmp_path}/\udcff.json").write_text("{}")
        assert names_of(record, MAI) == []

    def test_two_files_with_one_patient_id_open_no_record(self, tmp_path: Path, record: FolderRecord) -> None:
        patient = people.patient(MAI)
        written(tmp_path / "1.json", patient)
        written(tmp_path / "2.json", patient | {"name": [{"text": "Trần Văn Khác"}]})
        assert len(names_of(record, MAI)) == 2
        for call in (record.patient, record.summary):
            with pytest.raises(RecordRefused):
                call(patient["id"])
        with pytest.raises(RecordRefused):
            record.put_encounter(arrival(patient))

    def test_without_the_folder_the_record_is_unreachable(self, tmp_path: Path) -> None:
        with closing(FolderRecord(tmp_path / "gone", HANOI, tmp_path / "index.sqlite")) as record:
            for call in (record.check, lambda: record.find_patients(MAI), lambda: record.patient("x")):
                with pytest.raises(RecordUnreachable):
                    call()

    def test_an_index_that_is_no_database_says_so(self, tmp_path: Path, record: FolderRecord) -> None:
        (tmp_path / "index.sqlite").write_bytes(b"no database" * 1000)
        with pytest.raises(RecordUnreachable):
            record.check()

    def test_the_index_is_for_its_owner_only(self, tmp_path: Path, record: FolderRecord) -> None:
        record.check()
        assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {
            "index.lock": 0,
            "index.sqlite": 0,
            "index.sqlite-shm": 0,
            "index.sqlite-wal": 0,
        }

    def test_an_index_of_another_version_is_made_anew(self, tmp_path: Path, record: FolderRecord) -> None:
        with closing(sqlite3.connect(tmp_path / "index.sqlite")) as old:
            old.execute("CREATE TABLE file (strange TEXT)")
            old.execute("PRAGMA user_version = 99")
        written(tmp_path / "mai.json", people.patient(MAI))
        assert len(names_of(record, MAI)) == 1


class TestWriting:
    def test_numbers_keep_every_digit(self, tmp_path: Path, record: FolderRecord) -> None:
        patient = people.patient(MAI)
        path = written(tmp_path / "mai.json", patient, people.laboratory(patient, "Kali", 4.5, "2026-01-01"))
        exact = path.read_text().replace("4.5", "4.500").replace('"female"', '"female", "x": 12345678901234567890.10')
        path.write_text(exact)
        record.put_encounter(arrival(patient))
        assert '"value":4.500' in path.read_text()
        assert '"x":12345678901234567890.10' in path.read_text()

    def test_a_transaction_stays_one(self, tmp_path: Path, record: FolderRecord) -> None:
        patient = people.patient(MAI)
        path = written(tmp_path / "mai.json", patient, kind="transaction")
        record.put_encounter(arrival(patient))
        made = json.loads(path.read_text())["entry"][1]
        assert made["request"] == {"method": "PUT", "url": f"Encounter/{made['resource']['id']}"}

    def test_nothing_but_the_bundle_stays_behind(self, tmp_path: Path, record: FolderRecord) -> None:
        patient = people.patient(MAI)
        path = written(tmp_path / "ab" / "mai.json", patient)
        path.chmod(0o640)
        record.put_encounter(arrival(patient))
        assert sorted(found.name for found in path.parent.iterdir()) == [".lock", "mai.json"]
        assert path.stat().st_mode & 0o777 == 0o640

    def test_an_unknown_patient_gets_no_encounter(self, record: FolderRecord) -> None:
        with pytest.raises(NotFound):
            record.put_encounter(arrival(people.patient(MAI)))

    def test_a_file_replaced_meanwhile_is_a_conflict_and_stays(self, tmp_path: Path) -> None:
        path = written(tmp_path / "mai.json", people.patient(MAI))
        seen = stamp_of(path)
        theirs = written(tmp_path / "new", people.patient(LAN)).replace(path).read_text()
        with pytest.raises(RecordConflict):
            replace_file(path, b"{}", seen)
        assert path.read_text() == theirs
        assert [found.name for found in tmp_path.iterdir()] == ["mai.json"]

    def test_a_lock_that_is_held_for_too_long_is_given_up(self, tmp_path: Path, record: FolderRecord) -> None:
        patient = people.patient(MAI)
        written(tmp_path / "mai.json", patient)
        with locked(tmp_path / ".lock"), pytest.raises(RecordUnreachable):
            record.put_encounter(arrival(patient))

    def test_a_read_only_folder_is_unreachable_and_whole(self, tmp_path: Path, record: FolderRecord) -> None:
        patient = people.patient(MAI)
        path = written(tmp_path / "ab" / "mai.json", patient)
        (path.parent / ".lock").mkdir()
        with pytest.raises(RecordUnreachable):
            record.put_encounter(arrival(patient))
        assert len(names_of(record, MAI)) == 1


def check_in_many(folder: Path, patient_id: str, process: int) -> None:
    with closing(FolderRecord(folder, HANOI)) as record:
        for one in range(10):
            update = EncounterUpdate(f"{process}-{one}", patient_id, EncounterStatus.ARRIVED, NOI_TIET, MORNING)
            record.put_encounter(update)


def test_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    patient = people.patient(MAI)
    path = written(tmp_path / "ab" / "mai.json", patient)
    for other in range(200):
        written(tmp_path / "ab" / f"{other}.json", people.patient())
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(check_in_many, [tmp_path] * 3, [patient["id"]] * 3, range(3)))
    entries = json.loads(path.read_text())["entry"]
    assert len({entry["resource"]["id"] for entry in entries}) == len(entries) == 31


def test_appointments_may_lie_in_a_file_of_their_own(tmp_path: Path, record: FolderRecord) -> None:
    patient, other = people.patient(MAI), people.patient(LAN)
    written(tmp_path / "mai.json", patient)
    booked = people.appointment(patient, MORNING)
    written(tmp_path / "today.json", booked, people.appointment(other, MORNING))
    [found] = record.appointments(patient["id"], date(2026, 11, 23))
    assert found.id == booked["id"]
    record.set_appointment_status(booked["id"], "arrived")
    [found] = record.appointments(patient["id"], date(2026, 11, 23))
    assert found.status == "arrived"


def test_a_new_insurance_card_finds_the_old_number_of_the_record(tmp_path: Path, record: FolderRecord) -> None:
    written(tmp_path / "mai.json", people.patient(insurance("GD4010100123456")))
    for presented in ("0100123456", "HT3010100123456", "GD4010100123456"):
        assert len(names_of(record, insurance(presented))) == 1
    assert names_of(record, insurance("0100123457")) == []


def test_references_by_urn_are_followed(tmp_path: Path, record: FolderRecord) -> None:
    patient, urn = people.patient(MAI), "urn:uuid:7a3f7d3e-5a7f-4a8e-9d6c-1c1b9d0f9a10"
    allergy = people.allergy(patient, people.concept("Penicillin"), patient={"reference": urn})
    booked = people.appointment(patient, MORNING, participant=[{"actor": {"reference": urn}}])
    entries = [{"fullUrl": urn, "resource": patient}, {"resource": allergy}, {"resource": booked}]
    (tmp_path / "mai.json").write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    assert [one.substance for one in record.summary(patient["id"]).allergies] == ["Penicillin"]
    assert len(record.appointments(patient["id"], date(2026, 11, 23))) == 1
