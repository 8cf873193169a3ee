import re
import unicodedata
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.demo.hospital import (
    Hospital,
    InventedPatient,
    cards_of,
    citizen_qr,
    demo_clinics,
    demo_hospital,
    demo_staff,
    hospital_code,
    insurance_qr,
)
from kiosk.demo.hospital.resources import appointment_start
from kiosk.errors import InputError
from kiosk.identify.codes.citizen_number import CitizenNumber
from kiosk.identify.codes.recognise import recognise_claim
from kiosk.model.identity import IdentifierSystem, fold_name
from kiosk.model.staff import Role
from kiosk.settings import Settings
from tests.support.invented_hospital import of_type, resources_of

SHARED_BY_PLAN = {"de-twice-a", "de-twice-b", "de-shared-a", "de-shared-b"}
DIFFERENT_BY_PLAN = {"de-name-differs", "de-birth-differs"}


def ordinary(hospital: Hospital) -> list[InventedPatient]:
    return [patient for patient in hospital.patients if patient.id not in SHARED_BY_PLAN]


def test_a_citizen_number_fits_sex_and_birth_year(hospital: Hospital) -> None:
    numbered = [patient for patient in hospital.patients if patient.citizen_id]
    assert len(numbered) > 200
    for patient in numbered:
        number = CitizenNumber.from_text(patient.citizen_id or "")
        assert number is not None
        assert (number.sex, number.birth_year) == (patient.sex, patient.birth_date.year)


def test_a_citizen_number_begins_with_the_province_of_the_insurance(hospital: Hospital) -> None:
    generated = [patient for patient in hospital.patients if not patient.id.startswith("de-")]
    both = [(patient.citizen_id, patient.insurance) for patient in generated]
    assert all(citizen[1:3] == insurance.number[:2] for citizen, insurance in both if citizen and insurance)


def test_no_two_people_share_a_number_unless_planted(hospital: Hospital) -> None:
    for numbers in (
        [patient.id for patient in hospital.patients],
        [patient.hospital_code for patient in hospital.patients],
        [patient.citizen_id for patient in ordinary(hospital) if patient.citizen_id],
        [patient.old_id for patient in ordinary(hospital) if patient.old_id],
        [patient.insurance.number for patient in ordinary(hospital) if patient.insurance],
    ):
        assert [number for number, times in Counter(numbers).items() if times > 1] == []


def test_numbers_have_the_shapes_of_real_ones(hospital: Hospital) -> None:
    pattern = demo_hospital().code_pattern
    for patient in hospital.patients:
        assert re.fullmatch(pattern, patient.hospital_code)
        assert re.fullmatch(r"[0-9]{9}", patient.old_id or "123456789")
        assert re.fullmatch(r"0600 [0-9]{3} [0-9]{3}", patient.phone)
        if patient.insurance:
            assert re.fullmatch(r"[0-9]{10}", patient.insurance.number)
            assert re.fullmatch(r"[A-Z]{2}[1-5][0-9]{2}", patient.insurance.prefix)


def test_the_record_holds_insurance_numbers_of_both_lengths(hospital: Hospital) -> None:
    lengths = Counter(len(patient.insurance.recorded_number) for patient in hospital.patients if patient.insurance)
    assert lengths.keys() == {10, 15}
    assert min(lengths.values()) > 40


def test_names_are_vietnamese_and_composed(hospital: Hospital) -> None:
    for patient in hospital.patients:
        assert patient.name == unicodedata.normalize("NFC", patient.name)
        assert len(patient.name.split()) >= 2
    with_marks = [patient for patient in hospital.patients if fold_name(patient.name) != patient.name.casefold()]
    assert len(with_marks) > 0.9 * len(hospital.patients)


def test_the_hall_is_old_and_has_children(hospital: Hospital) -> None:
    ages = [patient.age_on(hospital.day) for patient in hospital.patients]
    assert sum(age >= 60 for age in ages) > 0.35 * len(ages)
    assert sum(age >= 75 for age in ages) > 25
    assert sum(age < 6 for age in ages) > 8
    assert min(ages) >= 0
    assert max(ages) < 100


def test_some_old_people_do_not_know_their_whole_birth_date(hospital: Hospital) -> None:
    partial = [patient.birth_date for patient in hospital.patients if not patient.birth_date.is_full]
    assert {len(str(birth_date)) for birth_date in partial} == {4, 7}
    assert all(birth_date.year < 1960 for birth_date in partial)


def test_every_card_is_read_as_its_holder(hospital: Hospital) -> None:
    pattern = demo_hospital().code_pattern
    for patient in hospital.patients:
        for card in cards_of(patient):
            claim = recognise_claim(card.payload, pattern, typed=False)
            if card.kind == "hospital_code":
                assert claim.identifier.value == patient.hospital_code
                continue
            assert claim.warnings == ()
            assert claim.sex is patient.sex
            if patient.id not in DIFFERENT_BY_PLAN:
                assert (claim.name, claim.birth_date) == (patient.name, patient.birth_date)


def test_codes_have_as_many_fields_as_their_forms(hospital: Hospital) -> None:
    holder = hospital.planted("citizen_card_2024")
    assert citizen_qr(holder, 2021).count("|") == 6
    assert citizen_qr(holder, 2024).count("|") == 10
    assert citizen_qr(holder, 2024).endswith("||||")
    assert insurance_qr(holder, "old").split("|")[0] == "GD4010199900001"
    assert (insurance_qr(holder, "old").count("|"), insurance_qr(holder, "new").count("|")) == (14, 16)
    assert insurance_qr(holder).endswith("|$")
    assert hospital_code(holder) == "BN900001"


def test_who_has_no_card_has_no_code_of_it(hospital: Hospital) -> None:
    for code in (citizen_qr, insurance_qr):
        with pytest.raises(InputError) as caught:
            code(hospital.planted("hospital_code_only"))
        assert caught.value.kind == "no_card"


def test_about_a_third_is_expected_today_in_every_clinic(hospital: Hospital) -> None:
    expected = [patient for patient in hospital.patients if patient.appointments]
    assert 100 <= len(expected) <= 140
    assert sum(len(patient.appointments) > 1 for patient in expected) >= 5
    by_clinic = Counter(appointment.clinic_id for patient in expected for appointment in patient.appointments)
    assert by_clinic.keys() == {clinic.id for clinic in demo_clinics()}


def test_appointments_are_within_the_clinics_hours_and_never_at_once(hospital: Hospital) -> None:
    hours = {clinic.id: (clinic.opens, clinic.closes) for clinic in demo_clinics()}
    for patient in hospital.patients:
        starts = [appointment_start(one, hospital.day, ZoneInfo(hospital.zone)) for one in patient.appointments]
        assert len(set(starts)) == len(starts)
        for appointment, start in zip(patient.appointments, starts, strict=True):
            opens, closes = hours[appointment.clinic_id]
            assert opens <= start.time() <= closes
            assert start.utcoffset() == ZoneInfo("Asia/Ho_Chi_Minh").utcoffset(start)


def test_the_patient_resource_has_the_identifiers_of_the_vietnamese_guide(
    hospital: Hospital, hospital_folder: Path
) -> None:
    patient = hospital.planted("citizen_card_2021")
    resource = of_type(resources_of(hospital_folder, patient.id), "Patient")[0]
    assert {(one["system"], one["value"]) for one in resource["identifier"]} == {
        (IdentifierSystem.CITIZEN_ID, "036079900002"),
        (IdentifierSystem.OLD_ID, "369900002"),
        (IdentifierSystem.INSURANCE, "3699900002"),
        (IdentifierSystem.HOSPITAL_CODE, "BN900002"),
    }


def test_the_demos_settings_are_settings() -> None:
    settings = Settings(mode="demo", hospital=demo_hospital(), clinics=demo_clinics())
    assert [clinic.id for clinic in settings.clinics if clinic.discreet] == ["tam-than"]


def test_the_demo_has_an_account_of_each_role() -> None:
    staff = demo_staff()
    assert {account.role for account in staff} == set(Role)
    assert len(next(account for account in staff if account.role is Role.DOCTOR).clinics) == 2
    known = {clinic.id for clinic in demo_clinics()}
    assert all(set(account.clinics) <= known for account in staff)
