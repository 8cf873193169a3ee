import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.demo.hospital import Hospital, build_hospital, load_hospital, move_to_day, write_thin
from kiosk.demo.hospital.build import INDEX_FILE
from kiosk.errors import ConfigurationError, InputError
from tests.support.invented_hospital import DAY, SEED, bundle_files, of_type, resources_in, resources_of


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        build_hospital(tmp_path / name, seed=SEED, day=DAY, patients=60)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize(("seed", "day"), [(SEED + 1, DAY), (SEED, DAY + timedelta(days=1))])
def test_another_seed_or_day_gives_another_hospital(tmp_path: Path, seed: int, day: date) -> None:
    build_hospital(tmp_path / "one", seed=SEED, day=DAY, patients=60)
    build_hospital(tmp_path / "other", seed=seed, day=day, patients=60)
    assert contents(tmp_path / "one") != contents(tmp_path / "other")


def test_by_default_more_than_three_hundred_patients_have_a_file_each(
    hospital: Hospital, hospital_folder: Path
) -> None:
    files = [path for path in bundle_files(hospital_folder) if path.name != "hospital.json"]
    assert {path.stem for path in files} == {patient.id for patient in hospital.patients}
    assert len(files) == 320
    assert len({path.parent for path in files}) <= 256
    assert all(path.parent.name == path.stem[:2] for path in files)


def test_every_bundle_puts_resources_under_their_own_ids(hospital_folder: Path) -> None:
    for path in bundle_files(hospital_folder):
        bundle = json.loads(path.read_text(encoding="utf-8"))
        assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
        for entry in bundle["entry"]:
            url = f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
            assert entry["request"] == {"method": "PUT", "url": url}
            assert entry["fullUrl"].endswith(f"/fhir/{url}")


def test_a_later_start_finds_the_people_without_building(tmp_path: Path) -> None:
    built = build_hospital(tmp_path / "record", seed=SEED, day=DAY, patients=60)
    assert load_hospital(tmp_path / "record") == built


def test_where_nothing_was_built_nothing_is_found(tmp_path: Path) -> None:
    assert load_hospital(tmp_path) is None


def test_an_unreadable_index_is_a_fault_of_the_host(tmp_path: Path) -> None:
    (tmp_path / INDEX_FILE).write_bytes(b"{")
    with pytest.raises(ConfigurationError, match="cannot read"):
        load_hospital(tmp_path)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "somebody's").write_text("record", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not empty"):
        build_hospital(tmp_path, seed=SEED, day=DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["somebody's"]


def test_what_an_interrupted_build_left_is_neither_found_nor_in_the_way(tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(done: int, _: int) -> None:
        if done == 5:
            raise Interrupted

    with pytest.raises(Interrupted):
        build_hospital(tmp_path / "record", seed=SEED + 1, day=DAY, patients=60, progress=interrupt)
    assert load_hospital(tmp_path / "record") is None
    build_hospital(tmp_path / "record", seed=SEED, day=DAY, patients=60)
    build_hospital(tmp_path / "whole", seed=SEED, day=DAY, patients=60)
    assert contents(tmp_path / "record") == contents(tmp_path / "whole")


def test_progress_is_told_after_each_patient(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    build_hospital(tmp_path / "record", seed=SEED, day=DAY, patients=30, progress=lambda *step: told.append(step))
    assert told == [(number, 30) for number in range(1, 31)]


class TestOnALaterDay:
    later = DAY + timedelta(days=9)

    def test_todays_appointments_are_todays_again(self, tmp_path: Path) -> None:
        moved = self.moved_hospital(tmp_path)
        assert moved.day == self.later
        for patient in moved.patients:
            written = of_type(resources_of(tmp_path / "record", patient.id), "Appointment")
            assert [resource["start"] for resource in written] == [
                f"{self.later + timedelta(days=appointment.days)}T{appointment.at}+07:00"
                for appointment in patient.appointments
            ]

    def test_who_arrived_is_expected_again_and_who_cancelled_is_not(self, tmp_path: Path) -> None:
        folder = tmp_path / "record"
        build_hospital(folder, seed=SEED, day=DAY, patients=30)
        self.change(folder, "de-citizen-2024", "booked", "arrived")
        move_to_day(folder, self.later)
        assert of_type(resources_of(folder, "de-citizen-2024"), "Appointment")[0]["status"] == "booked"
        assert of_type(resources_of(folder, "de-cancelled"), "Appointment")[0]["status"] == "cancelled"

    def test_nothing_else_is_rewritten(self, tmp_path: Path) -> None:
        folder = tmp_path / "record"
        build_hospital(folder, seed=SEED, day=DAY, patients=60)
        before = {path: resources_in(path) for path in bundle_files(folder)}
        times = {path: path.stat().st_mtime_ns for path in before}
        moved = move_to_day(folder, self.later)
        expected = {patient.id for patient in moved.patients if patient.appointments}
        for path, resources in before.items():
            others = [resource for resource in resources if resource["resourceType"] != "Appointment"]
            assert [one for one in resources_in(path) if one["resourceType"] != "Appointment"] == others
            assert (path.stat().st_mtime_ns != times[path]) == (path.stem in expected)

    def test_the_same_day_touches_nothing(self, tmp_path: Path) -> None:
        folder = tmp_path / "record"
        build_hospital(folder, seed=SEED, day=DAY, patients=30)
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        move_to_day(folder, DAY)
        assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before

    def test_a_folder_without_a_hospital_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="no invented hospital"):
            move_to_day(tmp_path, self.later)

    def moved_hospital(self, tmp_path: Path) -> Hospital:
        build_hospital(tmp_path / "record", seed=SEED, day=DAY, patients=60)
        move_to_day(tmp_path / "record", self.later)
        moved = load_hospital(tmp_path / "record")
        assert moved is not None
        return moved

    def change(self, folder: Path, patient_id: str, old: str, new: str) -> None:
        path = folder / patient_id[:2] / f"{patient_id}.json"
        text = path.read_text(encoding="utf-8")
        assert f'"status":"{old}"' in text
        path.write_text(text.replace(f'"status":"{old}"', f'"status":"{new}"'), encoding="utf-8")


class TestThinPatients:
    def test_each_has_an_appointment_on_the_day_and_little_else(self, tmp_path: Path) -> None:
        people = write_thin(tmp_path, 200, seed=SEED, day=DAY)
        assert len(people) == len(bundle_files(tmp_path)) - 1 == 200
        for patient in people:
            resources = resources_of(tmp_path, patient.id)
            assert {resource["resourceType"] for resource in resources} <= {"Patient", "Coverage", "Appointment"}
            assert of_type(resources, "Appointment")[0]["start"].startswith(DAY.isoformat())

    def test_more_than_the_numbers_last_for_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError) as caught:
            write_thin(tmp_path, 100_001, seed=SEED, day=DAY)
        assert caught.value.kind == "too_many"
        assert not list(tmp_path.iterdir())
