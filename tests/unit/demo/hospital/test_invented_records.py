import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from kiosk.demo.hospital import Hospital
from kiosk.demo.hospital.laboratory import filtration_rate
from kiosk.demo.hospital.tables import load_tables
from kiosk.model.identity import Sex
from tests.support.invented_hospital import (
    PLANTED_ERRORS,
    PlantedError,
    Resource,
    of_type,
    resources_in,
    resources_of,
    wrong_codes,
)

LOINC_HBA1C, LOINC_EGFR, LOINC_HAEMOGLOBIN, LOINC_CREATININE = "4548-4", "98979-8", "718-7", "14682-9"


@pytest.fixture(scope="module")
def records(hospital: Hospital, hospital_folder: Path) -> dict[str, list[Resource]]:
    return {patient.id: resources_of(hospital_folder, patient.id) for patient in hospital.patients}


def problems(resources: list[Resource]) -> set[str]:
    active = [one for one in of_type(resources, "Condition") if one["clinicalStatus"]["coding"][0]["code"] == "active"]
    return {one["code"]["coding"][0]["code"] for one in active}


def results(resources: list[Resource], loinc: str) -> list[Resource]:
    return [one for one in of_type(resources, "Observation") if one["code"]["coding"][0]["code"] == loinc]


def test_every_resource_is_accepted_by_the_r4_library(resources: list[Resource]) -> None:
    assert len(resources) > 5000
    for resource in resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert wrong_codes(resource) == []


@pytest.mark.parametrize("error", PLANTED_ERRORS, ids=str)
def test_a_planted_error_is_refused_by_the_r4_library(resources: list[Resource], error: PlantedError) -> None:
    right = next(one for one in resources if one["resourceType"] == error.kind)
    with pytest.raises(ValidationError):
        get_fhir_model_class(error.kind).model_validate(error.in_resource(right))


def test_there_is_a_planted_error_for_every_type_of_resource(resources: list[Resource]) -> None:
    assert {error.kind for error in PLANTED_ERRORS} == {one["resourceType"] for one in resources}


def test_a_wrong_code_is_noticed(hospital_folder: Path) -> None:
    patient = of_type(resources_of(hospital_folder, "de-citizen-2024"), "Patient")[0]
    assert wrong_codes(patient | {"gender": "nam"}) == ["gender"]


def test_ids_are_fhir_ids_and_unique(resources: list[Resource]) -> None:
    ids = [f"{one['resourceType']}/{one['id']}" for one in resources]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z]+/[A-Za-z0-9.-]{1,64}", one) for one in ids)


def test_every_reference_leads_to_a_resource(resources: list[Resource]) -> None:
    known = {f"{one['resourceType']}/{one['id']}" for one in resources}
    for resource in resources:
        assert set(re.findall(r"'reference': '([^']+)'", str(resource))) <= known


def test_a_bundle_holds_one_patient_and_only_what_is_theirs(records: dict[str, list[Resource]]) -> None:
    for patient_id, resources in records.items():
        assert [one["id"] for one in of_type(resources, "Patient")] == [patient_id]
        others = [one for one in resources if one["resourceType"] != "Patient"]
        assert all(f"Patient/{patient_id}" in str(one) for one in others)


def test_results_fit_the_problems(records: dict[str, list[Resource]]) -> None:
    seen: dict[str, int] = defaultdict(int)
    for resources in records.values():
        codes = problems(resources)
        if "E11.9" in codes:
            seen["E11.9"] += bool(results(resources, LOINC_HBA1C))
            assert all(5.5 < one["valueQuantity"]["value"] < 11 for one in results(resources, LOINC_HBA1C))
        if "N18.3" in codes:
            seen["N18.3"] += bool(results(resources, LOINC_EGFR))
            assert all(28 <= one["valueQuantity"]["value"] <= 65 for one in results(resources, LOINC_EGFR))
        if "D50.9" in codes:
            seen["D50.9"] += bool(results(resources, LOINC_HAEMOGLOBIN))
            assert all(one["valueQuantity"]["value"] < 124 for one in results(resources, LOINC_HAEMOGLOBIN))
    assert all(count > 2 for count in seen.values())
    assert seen.keys() == {"E11.9", "N18.3", "D50.9"}


def test_series_have_several_values_and_some_are_abnormal(records: dict[str, list[Resource]]) -> None:
    diabetics = [resources for resources in records.values() if "E11.9" in problems(resources)]
    assert sum(len(results(resources, LOINC_HBA1C)) >= 3 for resources in diabetics) > 10
    meanings: dict[str, int] = defaultdict(int)
    for resources in records.values():
        for one in of_type(resources, "Observation"):
            meanings[one["interpretation"][0]["coding"][0]["code"]] += 1
    abnormal = meanings["H"] + meanings["L"]
    assert 0.08 < abnormal / (abnormal + meanings["N"]) < 0.4


def test_an_interpretation_fits_value_and_range(records: dict[str, list[Resource]]) -> None:
    for resources in records.values():
        for one in of_type(resources, "Observation"):
            value, bounds = one["valueQuantity"]["value"], one["referenceRange"][0]
            low = bounds["low"]["value"] if "low" in bounds else value
            high = bounds["high"]["value"] if "high" in bounds else value
            expected = "L" if value < low else "H" if value > high else "N"
            assert one["interpretation"][0]["coding"][0]["code"] == expected
            assert {quantity["code"] for quantity in bounds.values()} == {one["valueQuantity"]["code"]}


def test_filtration_rate_is_that_of_ckd_epi_2021() -> None:
    # worked from the published equation: creatinine 1.0 mg/dL at 60 years
    assert round(filtration_rate(88.42, Sex.FEMALE, 60)) == 64
    assert round(filtration_rate(88.42, Sex.MALE, 60)) == 86


def test_no_medicine_is_taken_against_an_allergy(records: dict[str, list[Resource]]) -> None:
    tables = load_tables()
    groups = {kind.substance: kind.group for kind in tables.allergies}
    group_of = {medicine.name: medicine.group for medicine in tables.medicines.values()}
    tried = 0
    for resources in records.values():
        allergic = {groups.get(one["code"]["text"]) for one in of_type(resources, "AllergyIntolerance")} - {None}
        taken = of_type(resources, "MedicationRequest") + of_type(resources, "MedicationStatement")
        tried += bool(allergic)
        assert not allergic & {group_of.get(one["medicationCodeableConcept"]["text"]) for one in taken} - {None}
    assert tried > 30


def test_none_known_and_not_recorded_are_both_there(records: dict[str, list[Resource]]) -> None:
    denied = [one for one in records.values() if "716186003" in str(of_type(one, "AllergyIntolerance"))]
    silent = [one for one in records.values() if not of_type(one, "AllergyIntolerance")]
    assert len(denied) > 60
    assert len(silent) > 30
    assert all(len(of_type(resources, "AllergyIntolerance")) == 1 for resources in denied)


def test_encounters_are_past_finished_and_planned_on(hospital: Hospital, records: dict[str, list[Resource]]) -> None:
    for patient in hospital.patients:
        resources = records[patient.id]
        plans = {plan["encounter"]["reference"]: plan["description"] for plan in of_type(resources, "CarePlan")}
        for encounter in of_type(resources, "Encounter"):
            ended = datetime.fromisoformat(encounter["period"]["end"])
            assert encounter["status"] == "finished"
            assert ended.date() < (patient.deceased_on or hospital.day)
            assert patient.birth_date.year <= ended.year
            assert plans[f"Encounter/{encounter['id']}"]


def test_problems_begin_after_birth_and_fit_the_sex(hospital: Hospital, records: dict[str, list[Resource]]) -> None:
    of_one_sex = {row.code: row.sex for row in load_tables().conditions if row.sex}
    for patient in hospital.patients:
        for condition in of_type(records[patient.id], "Condition"):
            code = condition["code"]["coding"][0]["code"]
            assert of_one_sex.get(code, patient.sex) is patient.sex
            if "onsetDateTime" in condition:
                assert str(patient.birth_date) <= condition["onsetDateTime"] <= hospital.day.isoformat()


def test_the_hospital_itself_has_its_clinics_and_doctors(hospital_folder: Path) -> None:
    resources = resources_in(hospital_folder / "hospital.json")
    assert len(of_type(resources, "Location")) == 9
    assert len(of_type(resources, "Practitioner")) >= 9
