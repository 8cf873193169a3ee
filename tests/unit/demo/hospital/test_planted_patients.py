from pathlib import Path

import pytest

from kiosk.demo.hospital import PLANTED, Hospital, cards_of
from kiosk.demo.hospital.cards import citizen_qr, insurance_qr
from kiosk.model.identity import fold_name
from tests.support.invented_hospital import of_type, resources_of


def kinds(hospital: Hospital, key: str) -> set[str]:
    return {card.kind for card in cards_of(hospital.planted(key))}


@pytest.mark.parametrize("key", PLANTED)
def test_every_planted_patient_is_there_under_a_fixed_id(hospital: Hospital, hospital_folder: Path, key: str) -> None:
    patient = hospital.planted(key)
    assert patient.id == PLANTED[key].id
    assert of_type(resources_of(hospital_folder, patient.id), "Patient")[0]["name"][0]["text"] == PLANTED[key].name


def test_the_two_forms_of_the_citizen_card(hospital: Hospital) -> None:
    assert len(citizen_qr(hospital.planted("citizen_card_2021")).split("|")) == 7
    assert len(citizen_qr(hospital.planted("citizen_card_2024")).split("|")) == 11


def test_the_two_forms_of_the_insurance_card_and_no_other_card(hospital: Hospital) -> None:
    for key, parts, recorded in (("insurance_new", 17, 15), ("insurance_old", 15, 10)):
        patient = hospital.planted(key)
        assert kinds(hospital, key) == {"insurance", "hospital_code"}
        assert len(insurance_qr(patient).split("|")) == parts
        assert patient.insurance is not None
        assert len(patient.insurance.recorded_number) == recorded


def test_the_one_with_the_hospitals_code_only(hospital: Hospital) -> None:
    assert kinds(hospital, "hospital_code_only") == {"hospital_code"}


def test_the_one_registered_twice_cannot_be_told_apart(hospital: Hospital) -> None:
    one, two = hospital.planted("twice_a"), hospital.planted("twice_b")
    assert (one.citizen_id, one.name, one.birth_date) == (two.citizen_id, two.name, two.birth_date)
    assert one.hospital_code != two.hospital_code


def test_two_people_share_an_insurance_number(hospital: Hospital) -> None:
    one, two = hospital.planted("shared_number_a"), hospital.planted("shared_number_b")
    assert one.insurance is not None
    assert two.insurance is not None
    assert one.insurance.number == two.insurance.number
    assert (one.name, one.birth_date) != (two.name, two.birth_date)


def test_twins_are_one_letter_apart_and_the_record_says_so(hospital: Hospital, hospital_folder: Path) -> None:
    one, two = hospital.planted("twin_a"), hospital.planted("twin_b")
    assert (fold_name(one.name), one.birth_date, one.sex) == (fold_name(two.name), two.birth_date, two.sex)
    assert one.name != two.name
    assert one.citizen_id != two.citizen_id
    recorded = [of_type(resources_of(hospital_folder, twin.id), "Patient")[0] for twin in (one, two)]
    assert [resource["multipleBirthInteger"] for resource in recorded] == [1, 2]


def test_cards_that_disagree_with_the_record(hospital: Hospital) -> None:
    assert "Vũ Thị Thu Hằng" in citizen_qr(hospital.planted("name_differs"))
    assert "|10081970|" in citizen_qr(hospital.planted("birth_date_differs"))


def test_who_is_expected_how_often(hospital: Hospital) -> None:
    expected = {key: len(hospital.planted(key).appointments) for key in PLANTED}
    assert expected["citizen_card_2024"] == 1
    assert expected["walk_in"] == 0
    assert expected["two_appointments"] == 2
    assert [one.days for one in hospital.planted("appointment_tomorrow").appointments] == [1]
    assert [one.status for one in hospital.planted("appointment_cancelled").appointments] == ["cancelled"]
    assert [one.clinic_id for one in hospital.planted("discreet_clinic").appointments] == ["tam-than"]


def test_ages_that_give_priority(hospital: Hospital) -> None:
    assert hospital.planted("aged_75").age_on(hospital.day) >= 75
    child = hospital.planted("child_under_6")
    assert child.age_on(hospital.day) < 6
    assert kinds(hospital, "child_under_6") == {"insurance", "hospital_code"}


def test_a_birth_date_of_which_only_the_year_is_known(hospital: Hospital, hospital_folder: Path) -> None:
    patient = hospital.planted("partial_birth_date")
    assert of_type(resources_of(hospital_folder, patient.id), "Patient")[0]["birthDate"] == "1948"
    assert "|00001948|" in citizen_qr(patient)


def test_records_that_nobody_may_be_checked_in_with(hospital_folder: Path) -> None:
    deceased = of_type(resources_of(hospital_folder, PLANTED["deceased"].id), "Patient")[0]
    merged = of_type(resources_of(hospital_folder, PLANTED["merged"].id), "Patient")[0]
    assert deceased["deceasedDateTime"] == "2026-10-07"
    assert merged["active"] is False
    assert merged["link"] == [{"other": {"reference": "Patient/de-citizen-2021"}, "type": "replaced-by"}]
