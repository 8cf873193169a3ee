from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.model.identity import Identifier, IdentifierSystem, PartialDate, Sex
from kiosk.record.mapping import has_identifier, match_key, to_appointment, to_patient
from kiosk.record.resources import day_text, moment, text
from tests.contract.record import people
from tests.contract.record.people import Resource, insurance

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([{"use": "official", "text": "Nguyễn Thị Mẫu"}], "Nguyễn Thị Mẫu"),
        ([{"family": "Nguyễn", "given": ["Thị", "Mẫu"]}], "Nguyễn Thị Mẫu"),
        ([{"family": "Nguyễn", "given": "Mẫu"}], "Nguyễn Mẫu"),
        ([{"use": "nickname", "text": "Bé"}, {"use": "usual", "text": "Trần Mẫu"}], "Trần Mẫu"),
        ([{"use": "usual", "text": "Mẫu"}, {"use": "official", "text": "Trần Mẫu"}], "Trần Mẫu"),
        ([{"use": "official"}, {"use": "usual", "text": "Trần Mẫu"}], "Trần Mẫu"),
        ([{"use": "maiden", "text": "Lê Mẫu"}, {"text": "Trần Mẫu"}], "Trần Mẫu"),
        ([{"use": "old", "text": "Lê Mẫu"}], ""),
        ({"text": "  Nguyễn \t Thị\nMẫu "}, "Nguyễn Thị Mẫu"),
        ([{"text": "Nguye\u0302\u0303n Mẫu"}], "Nguyễn Mẫu"),
        ([{"text": 7, "given": [None, 8]}], ""),
        ("Mẫu", ""),
        (None, ""),
    ],
)
def test_the_name_is_the_official_one_in_vietnamese_order(names: object, expected: str) -> None:
    assert to_patient({"id": "p", "name": names}).name == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1990-03-05", PartialDate(1990, 3, 5)),
        ("1990-03", PartialDate(1990, 3)),
        ("1990", PartialDate(1990)),
        ("1990-02-30", None),
        ("05/03/1990", None),
        ("", None),
        (19900305, None),
        (None, None),
    ],
)
def test_a_birth_date_is_as_whole_as_it_is_written(written: object, expected: PartialDate | None) -> None:
    assert to_patient({"id": "p", "birthDate": written}).birth_date == expected


@pytest.mark.parametrize(
    ("fields", "deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2020"}, True),
        ({"deceasedBoolean": "true"}, False),
    ],
)
def test_death_is_told_by_a_flag_or_a_time(fields: Resource, deceased: bool) -> None:  # noqa: FBT001 # a row's value
    assert to_patient({"id": "p", **fields}).deceased is deceased


def test_a_patient_without_anything_agrees_with_nothing() -> None:
    patient = to_patient({})
    assert (patient.id, patient.name, patient.birth_date, patient.sex, patient.identifiers) == ("", "", None, None, ())


def test_only_known_systems_count_as_identifiers() -> None:
    written = [
        {"system": "urn:elsewhere", "value": "1"},
        {"system": str(IdentifierSystem.CITIZEN_ID), "value": 1190012345},
        {"system": str(IdentifierSystem.OLD_ID), "value": " 012345678 "},
        "001190012345",
    ]
    patient = to_patient({"id": "p", "identifier": written, "gender": "male"})
    assert patient.identifiers == (Identifier(IdentifierSystem.OLD_ID, "012345678"),)
    assert patient.sex is Sex.MALE


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("GD4010100123456", "0100123456"),
        ("gd 4 01 0100123456", "0100123456"),
        ("0100123456", "0100123456"),
        ("001190012345", "001190012345"),
        ("X0100123456", "X0100123456"),
        ("1234567890100123456", "1234567890100123456"),
    ],
)
def test_only_a_whole_insurance_number_is_cut_to_its_last_ten(value: str, key: str) -> None:
    assert match_key(insurance(value)) == key


def test_other_numbers_are_compared_whole() -> None:
    patient = to_patient(people.patient(Identifier(IdentifierSystem.HOSPITAL_CODE, "AB1230100123456")))
    assert has_identifier(patient, Identifier(IdentifierSystem.HOSPITAL_CODE, "AB1230100123456"))
    assert not has_identifier(patient, Identifier(IdentifierSystem.HOSPITAL_CODE, "0100123456"))


@pytest.mark.parametrize("start", [None, "", "tomorrow", "2026-13-01", 5, "0001-01-01T00:00:00+14:00", "9999-12-31"])
def test_an_appointment_without_a_time_is_none(start: object) -> None:
    assert to_appointment({"id": "a", "start": start}, "p", HANOI) is None


def test_an_appointment_tells_its_places_but_not_its_patient() -> None:
    actors = ["Patient/p", "http://x/Patient/p", "Location/1", "PractitionerRole/2", None]
    participants = [{"actor": {"reference": actor}} for actor in actors]
    written = {"id": "a", "start": "2026-11-23T01:00:00Z", "participant": participants, "description": "Tái khám"}
    found = to_appointment(written, "p", HANOI)
    assert found
    assert found.places == ("Location/1", "PractitionerRole/2")
    assert found.start == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert (found.status, found.reason) == ("", "Tái khám")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-23T20:00:00Z", "2026-11-24"),
        ("2026-11-23", "2026-11-23"),
        ("2026-11", "2026-11"),
        ("2026", "2026"),
        ("2026-11-23T", None),
        ("23.11.2026", None),
        (2026, None),
    ],
)
def test_days_are_the_hospitals(written: object, day: str | None) -> None:
    assert day_text(written, HANOI) == day


def test_a_moment_without_a_zone_is_the_hospitals() -> None:
    assert moment("2026-11-23T08:00:00", HANOI) == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert moment("2026", HANOI) == datetime(2026, 1, 1, tzinfo=HANOI)
    assert moment("2026-11-23T01:00:00.123456789Z", HANOI) == datetime(2026, 11, 23, 1, 0, 0, 123456, tzinfo=UTC)


def test_text_holds_no_control_characters() -> None:
    assert text("a\x00b\u202ec\r\n") == "a b c"
    assert text("\x00") is None
