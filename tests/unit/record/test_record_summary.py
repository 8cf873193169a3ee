import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.model.summary import Interpretation, Medicine, Recorded, RecordSummary
from kiosk.record.contents import contents_of
from kiosk.record.resources import ResourceSet
from kiosk.record.summary import to_summary
from tests.contract.record import people
from tests.contract.record.people import Resource, concept

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
ME = people.patient()


def summary_of(*resources: Resource) -> RecordSummary:
    return to_summary(ResourceSet((None, one) for one in (ME, *resources)), ME, HANOI)


class TestWhatIsKnown:
    def test_no_information_is_not_the_same_as_none(self) -> None:
        unknown = summary_of(people.allergy(ME, concept("Không rõ", "no-allergy-info", IPS)))
        none = summary_of(people.allergy(ME, concept("Không", "no-known-allergies", IPS)))
        assert unknown.allergies_recorded is Recorded.NOT_RECORDED
        assert none.allergies_recorded is Recorded.NONE_KNOWN

    def test_one_allergy_outweighs_none_known(self) -> None:
        none = people.allergy(ME, concept("Không", "716186003"))
        summary = summary_of(none, people.allergy(ME, concept("Tôm")))
        assert [one.substance for one in summary.allergies] == ["Tôm"]
        assert summary.allergies_recorded is Recorded.ITEMS

    def test_no_known_food_allergy_is_shown_as_it_is_written(self) -> None:
        summary = summary_of(people.allergy(ME, concept("Không dị ứng thức ăn", "429625007")))
        assert [one.substance for one in summary.allergies] == ["Không dị ứng thức ăn"]

    def test_a_denial_that_was_withdrawn_is_none(self) -> None:
        wrong = people.clinical_status("entered-in-error", "allergyintolerance")
        denied = people.allergy(ME, concept("Không", "716186003"), verificationStatus=wrong)
        assert summary_of(denied).allergies_recorded is Recorded.NOT_RECORDED

    def test_a_section_may_be_declared_empty(self) -> None:
        reason = concept("Không có", "nilknown", "http://terminology.hl7.org/CodeSystem/list-empty-reason")
        section = {"code": concept("Thuốc", "10160-0", "http://loinc.org"), "emptyReason": reason}
        composition = {"resourceType": "Composition", "subject": people.subject(ME), "section": [section]}
        summary = summary_of(composition)
        assert summary.medicines_recorded is Recorded.NONE_KNOWN
        assert summary.problems_recorded is Recorded.NOT_RECORDED

    def test_problems_that_ended_are_left_out_and_only_those(self) -> None:
        summary = summary_of(
            people.condition(ME, concept("Tăng huyết áp"), onsetPeriod={"start": "2011-05"}),
            people.condition(ME, concept("Hen"), clinicalStatus=people.clinical_status("relapse")),
            people.condition(ME, concept("Gút"), clinicalStatus=concept("Active", "55561003")),
            people.condition(ME, concept("Lao"), clinicalStatus=concept("Resolved")),
            people.condition(ME, concept("Sởi"), clinicalStatus=None, abatementDateTime="1999"),
            people.condition(ME, concept("Sốt"), verificationStatus=people.clinical_status("refuted")),
        )
        assert {one.name for one in summary.problems} == {"Tăng huyết áp", "Hen", "Gút"}
        assert summary.problems[0].since == "2011-05"

    def test_what_has_no_name_is_not_missed(self) -> None:
        summary = summary_of(people.allergy(ME, {}), people.condition(ME, {}), people.medication_statement(ME))
        assert [summary.allergies[0].substance, summary.problems[0].name, summary.medicines[0].name] == ["?", "?", "?"]

    def test_what_names_no_patient_is_nobodys(self) -> None:
        nobody = [
            people.allergy(ME, concept("Tôm"), patient=who) for who in (None, {}, {"reference": "Patient/x"}, "p")
        ]
        assert summary_of(*nobody).allergies == ()


class TestMedicines:
    def request(self, **fields: object) -> Resource:
        own = {
            "resourceType": "MedicationRequest",
            "subject": people.subject(ME),
            "status": "active",
            "intent": "order",
        }
        return own | {"medicationCodeableConcept": concept("Amlodipin 5 mg"), "authoredOn": "2026-01-02"} | fields

    @pytest.mark.parametrize(
        "fields",
        [{"status": "stopped"}, {"status": "draft"}, {"intent": "proposal"}, {"doNotPerform": True}],
    )
    def test_what_is_not_taken_is_left_out(self, fields: Resource) -> None:
        assert summary_of(self.request(**fields)).medicines == ()

    @pytest.mark.parametrize("status", [None, "active", "unknown", "đang dùng"])
    def test_what_may_be_taken_is_shown(self, status: str | None) -> None:
        assert summary_of(self.request(status=status)).medicines == (Medicine("Amlodipin 5 mg", None, "2026-01-02"),)

    def test_a_medicine_may_be_contained(self) -> None:
        contained = [{"resourceType": "Medication", "id": "m", "code": concept("Metformin")}]
        found = self.request(
            medicationCodeableConcept=None, medicationReference={"reference": "#m"}, contained=contained
        )
        assert [one.name for one in summary_of(found).medicines] == ["Metformin"]

    def test_a_reference_that_leads_nowhere_gives_its_display(self) -> None:
        reference = {"reference": "Medication/gone", "display": "Metformin"}
        found = self.request(medicationCodeableConcept=None, medicationReference=reference)
        assert [one.name for one in summary_of(found).medicines] == ["Metformin"]

    def test_a_dosage_without_a_text_is_put_together(self) -> None:
        dose = {"doseQuantity": {"value": 1, "unit": "viên"}}
        timing = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
        found = self.request(dosageInstruction=[{"doseAndRate": [dose], "timing": timing}])
        assert summary_of(found).medicines[0].dosage == "1 viên, 2 × / 1 d"

    def test_the_same_medicine_twice_is_shown_once(self) -> None:
        assert len(summary_of(self.request(), self.request()).medicines) == 1


class TestLaboratory:
    def series(self, *fields: Resource) -> list[tuple[str, str, float | None, float | None, list[float]]]:
        values = [people.laboratory(ME, "Kali", 4.1, "2026-01-01") | one for one in fields]
        found = summary_of(*values).laboratory
        return [(one.name, one.unit, one.low, one.high, [value.value for value in one.values]) for one in found]

    @pytest.mark.parametrize("status", ["registered", "preliminary", "cancelled", "entered-in-error"])
    def test_what_is_no_result_is_left_out(self, status: str) -> None:
        assert self.series({"status": status}) == []

    def test_units_are_not_mixed(self) -> None:
        assert len(self.series({}, {"valueQuantity": {"value": 16, "unit": "mg/dL"}})) == 2

    def test_a_range_in_another_unit_is_not_used(self) -> None:
        mmol, milligram = ({"low": {"value": low, "unit": unit}} for low, unit in ((3.5, "mmol/L"), (13, "mg/dL")))
        assert self.series({"referenceRange": [milligram, mmol]}) == [("Kali", "mmol/L", 3.5, None, [4.1])]
        assert self.series({"referenceRange": [milligram]}) == [("Kali", "mmol/L", None, None, [4.1])]

    def test_a_value_beyond_what_can_be_measured_says_so(self) -> None:
        value = {"value": 0.01, "unit": "µg/L", "comparator": "<"}
        [series] = summary_of(people.laboratory(ME, "Troponin", 1, "2026-01-01", valueQuantity=value)).laboratory
        assert series.values[0].comparator == "<"

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            (["N"], Interpretation.NORMAL),
            (["L"], Interpretation.LOW),
            (["H", "HH"], Interpretation.VERY_HIGH),
            (["LL"], Interpretation.VERY_LOW),
            (["A"], Interpretation.ABNORMAL),
            (["IND"], None),
            ([], None),
        ],
    )
    def test_the_laboratorys_interpretation_is_read(self, said: list[str], expected: Interpretation | None) -> None:
        meanings = [concept("…", code) for code in said]
        [series] = summary_of(people.laboratory(ME, "Kali", 4.1, "2026-01-01", interpretation=meanings)).laboratory
        assert series.values[0].interpretation is expected

    def test_parts_of_a_panel_are_series_of_their_own(self) -> None:
        parts = [{"code": concept(name), "valueQuantity": {"value": 1, "unit": "g/L"}} for name in ("A", "B")]
        found = self.series({"valueQuantity": None, "component": parts})
        assert {name for name, *_ in found} == {"A", "B"}

    @pytest.mark.parametrize("value", ["5", True, None, 10**400, [], {"value": 1}])
    def test_what_is_no_number_is_left_out(self, value: object) -> None:
        assert self.series({"valueQuantity": {"value": value, "unit": "g/L"}}) == []

    def test_one_code_is_one_series_whatever_it_is_called(self) -> None:
        named = [{"code": concept(name, "2823-3", "http://loinc.org")} for name in ("Kali", "Kali máu")]
        assert len(self.series(*named)) == 1


class TestEncounters:
    def test_a_plan_may_be_a_section_of_a_composition(self) -> None:
        visit = people.encounter(ME, "2026-05-04")
        section = {
            "code": concept("Kế hoạch", "18776-5", "http://loinc.org"),
            "text": {"div": "<div><p>T&aacute;i kh&#225;m</p><p>sau 1 th&aacute;ng</p></div>"},
        }
        own = {"subject": people.subject(ME), "encounter": {"reference": f"Encounter/{visit['id']}"}}
        composition = {"resourceType": "Composition", "section": [{"section": [section]}], **own}
        assert summary_of(visit, composition).encounters[0].plan == "Tái khám sau 1 tháng"

    def test_places_and_reasons_are_looked_up(self) -> None:
        visit = people.encounter(
            ME,
            "2026-05-04",
            location=[{"location": {"reference": "Location/12"}}],
            reasonReference=[{"reference": "Condition/hen"}],
        )
        place = {"resourceType": "Location", "id": "12", "name": "Phòng khám Hô hấp"}
        asthma = people.condition(ME, concept("Hen phế quản")) | {"id": "hen"}
        [found] = summary_of(visit, place, asthma).encounters
        assert (found.clinic, found.reason) == ("Phòng khám Hô hấp", "Hen phế quản")

    def test_only_finished_ones_are_past_and_the_newest_come_first(self) -> None:
        visits = [people.encounter(ME, f"20{year:02}-05-04") for year in range(30)]
        found = summary_of(*visits, people.encounter(ME, "2031-01-01", status="planned")).encounters
        assert [one.on for one in found][:2] == ["2029-05-04", "2028-05-04"]
        assert len(found) == 20


WORDS = (
    "resourceType", "id", "subject", "patient", "reference", "code", "coding", "text", "status", "period", "start",
    "entry", "resource", "value", "valueQuantity", "section", "contained", "name", "given", "participant", "actor",
    "reaction", "manifestation", "referenceRange", "low", "category", "encounter", "identifier", "effectiveDateTime",
    "AllergyIntolerance", "Observation", "Encounter", "Appointment", "Composition", "Patient/p", "#x", "laboratory",
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(WORDS)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
KINDS = (
    "Patient", "AllergyIntolerance", "Condition", "MedicationStatement", "MedicationRequest", "Observation",
    "Encounter", "CarePlan", "ServiceRequest", "Composition", "Appointment",
)  # fmt: skip
RESOURCES = [
    people.allergy(ME, concept("Tôm"), reaction=[{"manifestation": [concept("Mẩn ngứa")]}]),
    people.condition(ME, concept("Hen"), onsetDateTime="2015"),
    people.medication_statement(ME, medicationCodeableConcept=concept("Aspirin"), dosage=[{"text": "1 viên"}]),
    people.laboratory(ME, "Kali", 4.1, "2026-01-01", referenceRange=[{"low": {"value": 3.5}}]),
    people.encounter(ME, "2026-05-04", location=[{"location": {"display": "Phòng 1"}}], reasonCode=[concept("Ho")]),
]


@settings(max_examples=300)
@given(resources=st.lists(st.fixed_dictionaries({"resourceType": st.sampled_from(KINDS)}), max_size=4), odd=st.data())
def test_no_resource_is_too_odd_to_be_read(resources: list[Resource], odd: st.DataObject) -> None:
    strange = [one | odd.draw(st.dictionaries(st.sampled_from(WORDS), JSON, max_size=5)) for one in resources]
    owned = [{"subject": people.subject(ME), "patient": people.subject(ME)} | one for one in strange]
    summary_of(*strange, *owned)
    contents_of({"resourceType": "Bundle", "entry": [{"resource": one} for one in (ME, *strange, *owned)]})


@settings(max_examples=300)
@given(st.sampled_from(RESOURCES), st.data())
def test_no_field_is_too_odd_to_be_read(resource: Resource, odd: st.DataObject) -> None:
    own = set(itertools.chain(resource)) - {"resourceType", "subject", "patient"}
    field = odd.draw(st.sampled_from(sorted(own)))
    summary_of(resource | {field: odd.draw(JSON)})
