from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from kiosk.errors import NotFound, RecordRefused
from kiosk.model.identity import Identifier, IdentifierSystem, PartialDate, Sex
from kiosk.model.summary import Allergy, Measurement, Medicine, PastEncounter, Problem, Recorded
from kiosk.ports.record import EncounterStatus, EncounterUpdate
from tests.contract.record import people
from tests.contract.record.people import NOI_TIET, Resource, citizen, concept, insurance, number
from tests.contract.record.worlds import HANOI, World

TODAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=HANOI)


def arrival(patient: Resource, check_in_id: str, status: EncounterStatus = EncounterStatus.ARRIVED) -> EncounterUpdate:
    return EncounterUpdate(check_in_id, patient["id"], status, NOI_TIET, MORNING)


def check_in_id() -> str:
    return people.new_id("check-in")


class TestFindingPatients:
    @pytest.mark.parametrize("system", IdentifierSystem)
    def test_a_patient_is_found_by_each_kind_of_number(self, world: World, system: IdentifierSystem) -> None:
        identifier = Identifier(system, number(12))
        held = world.hold(people.patient(identifier))
        [found] = world.record.find_patients(identifier)
        assert found.id == held["id"]
        assert found.name == "Nguyễn Thị Mẫu"
        assert found.birth_date == PartialDate(1990, 3, 5)
        assert found.sex is Sex.FEMALE
        assert found.identifiers == (identifier,)
        assert found.active
        assert not found.deceased

    def test_the_number_of_another_system_finds_nobody(self, world: World) -> None:
        value = number(12)
        world.hold(people.patient(citizen(value)))
        assert world.record.find_patients(Identifier(IdentifierSystem.HOSPITAL_CODE, value)) == []

    def test_an_unknown_number_finds_nobody(self, world: World) -> None:
        world.hold(people.patient(citizen(number(12))))
        assert world.record.find_patients(citizen(number(12))) == []

    @pytest.mark.parametrize("hostile", ["*", "a,b", "x|y", "$", "\\", "", "%", "' OR 1=1 --", "ệ" * 50])
    def test_what_is_no_number_finds_nobody(self, world: World, hostile: str) -> None:
        world.hold(people.patient(citizen(number(12))))
        assert world.record.find_patients(citizen(hostile)) == []

    def test_the_long_number_of_an_old_insurance_card_finds_the_short_one_of_the_record(self, world: World) -> None:
        short = number(10)
        held = world.hold(people.patient(insurance(short)))
        assert [found.id for found in world.record.find_patients(insurance(f"GD401{short}"))] == [held["id"]]

    def test_an_insurance_number_is_not_cut_out_of_a_citizen_number(self, world: World) -> None:
        short = number(10)
        world.hold(people.patient(insurance(short)))
        assert world.record.find_patients(insurance(f"00{short}")) == []

    def test_everybody_with_the_number_is_found(self, world: World) -> None:
        shared = citizen(number(12))
        held = {world.hold(people.patient(shared))["id"] for _ in range(2)}
        assert {found.id for found in world.record.find_patients(shared)} == held

    def test_a_replaced_an_inactive_and_a_dead_patient_are_told_apart(self, world: World) -> None:
        living = people.patient()
        link = [{"other": people.subject(living), "type": "replaced-by"}]
        world.hold(living)
        replaced = world.hold(people.patient(link=link))
        inactive = world.hold(people.patient(active=False))
        dead = world.hold(people.patient(deceasedDateTime="2025-01-01"))
        assert not world.record.patient(replaced["id"]).active
        assert not world.record.patient(inactive["id"]).active
        assert world.record.patient(dead["id"]).deceased
        assert world.record.patient(living["id"]).active

    @pytest.mark.parametrize(
        ("fields", "multiple"),
        [
            ({}, False),
            ({"multipleBirthBoolean": False}, False),
            ({"multipleBirthBoolean": True}, True),
            ({"multipleBirthInteger": 1}, True),
            ({"multipleBirthInteger": 2}, True),
        ],
    )
    def test_a_twin_is_known_as_one(self, world: World, fields: dict[str, object], multiple: bool) -> None:  # noqa: FBT001 # a row of the table
        identifier = citizen(number(12))
        held = world.hold(people.patient(identifier, **fields))
        assert world.record.patient(held["id"]).multiple_birth == multiple
        [found] = world.record.find_patients(identifier)
        assert found.multiple_birth == multiple

    def test_an_unknown_patient_is_not_found(self, world: World) -> None:
        for unknown in ("nobody", "../Patient", "", "a/b", "ệ"):
            with pytest.raises(NotFound):
                world.record.patient(unknown)


class TestAppointments:
    def test_the_day_is_the_hospitals_and_the_order_is_by_start(self, world: World) -> None:
        patient = people.patient()
        starts = {
            "late": datetime(2026, 11, 23, 16, 59, tzinfo=UTC),  # 23:59 in Hà Nội
            "early": datetime(2026, 11, 22, 17, 0, tzinfo=UTC),  # 00:00 in Hà Nội
            "yesterday": datetime(2026, 11, 22, 16, 59, tzinfo=UTC),
            "tomorrow": datetime(2026, 11, 23, 17, 0, tzinfo=UTC),
        }
        booked = {word: people.appointment(patient, start) for word, start in starts.items()}
        world.hold(patient, *booked.values())
        found = world.record.appointments(patient["id"], TODAY)
        assert [one.id for one in found] == [booked["early"]["id"], booked["late"]["id"]]

    def test_an_appointment_says_where_and_why_and_whether(self, world: World) -> None:
        patient = people.patient()
        why = [concept("Tái khám đái tháo đường")]
        world.hold(patient, people.appointment(patient, MORNING, status="cancelled", reasonCode=why))
        [found] = world.record.appointments(patient["id"], TODAY)
        assert found.patient_id == patient["id"]
        assert found.start == MORNING
        assert found.places == (NOI_TIET,)
        assert found.status == "cancelled"
        assert found.reason == "Tái khám đái tháo đường"

    def test_anothers_appointment_is_not_shown(self, world: World) -> None:
        patient, other = people.patient(), people.patient()
        world.hold(other, people.appointment(other, MORNING))
        world.hold(patient)
        assert world.record.appointments(patient["id"], TODAY) == []

    def test_the_status_is_set_once(self, world: World) -> None:
        patient = people.patient()
        booked = people.appointment(patient, MORNING)
        world.hold(patient, booked)
        world.record.set_appointment_status(booked["id"], "arrived")
        [first] = world.all_of(patient, "Appointment")
        world.record.set_appointment_status(booked["id"], "arrived")
        [second] = world.all_of(patient, "Appointment")
        assert first["status"] == "arrived"
        assert first["participant"] == booked["participant"]
        assert second == first

    def test_an_unknown_appointment_is_not_found(self, world: World) -> None:
        with pytest.raises(NotFound):
            world.record.set_appointment_status("nothing", "arrived")


class TestWhoIsExpected:
    def test_the_day_is_the_hospitals(self, world: World) -> None:
        day = date(2027, 1, 5)
        starts = {
            "late": datetime(2027, 1, 5, 16, 59, tzinfo=UTC),  # 23:59 in Hà Nội
            "early": datetime(2027, 1, 4, 17, 0, tzinfo=UTC),  # 00:00 in Hà Nội
            "yesterday": datetime(2027, 1, 4, 16, 59, tzinfo=UTC),
            "tomorrow": datetime(2027, 1, 5, 17, 0, tzinfo=UTC),
        }
        patients = {word: people.patient() for word in starts}
        for word, start in starts.items():
            world.hold(patients[word], people.appointment(patients[word], start))
        assert world.record.expected(day) == {patients["late"]["id"], patients["early"]["id"]}

    def test_only_what_is_booked_counts_and_everybody_once(self, world: World) -> None:
        morning = datetime(2027, 1, 16, 8, 30, tzinfo=HANOI)
        twice, cancelled, here, nowhere = (people.patient() for _ in range(4))
        world.hold(twice, people.appointment(twice, morning), people.appointment(twice, morning + timedelta(hours=2)))
        world.hold(cancelled, people.appointment(cancelled, morning, status="cancelled"))
        world.hold(here, people.appointment(here, morning, status="arrived"))
        world.hold(nowhere)
        assert world.record.expected(morning.date()) == {twice["id"]}

    def test_more_than_one_page_of_people_is_expected(self, world: World) -> None:
        morning = datetime(2027, 1, 17, 8, 30, tzinfo=HANOI)
        patients = [people.patient() for _ in range(60)]
        world.hold(*patients, *(people.appointment(patient, morning) for patient in patients))
        assert world.record.expected(morning.date()) == {patient["id"] for patient in patients}

    def test_nobody_is_expected_on_a_free_day(self, world: World) -> None:
        assert world.record.expected(date(2031, 1, 1)) == frozenset()


class TestEncounters:
    def test_an_arrival_becomes_an_encounter(self, world: World) -> None:
        patient = world.hold(people.patient())
        update = EncounterUpdate(
            check_in_id(), patient["id"], EncounterStatus.ARRIVED, NOI_TIET, MORNING, appointment_id="hen-1"
        )
        world.record.put_encounter(update)
        [made] = world.all_of(patient, "Encounter")
        assert made["status"] == "arrived"
        assert made["identifier"] == [{"system": "urn:kiosk:check-in", "value": update.check_in_id}]
        assert made["subject"] == people.subject(patient)
        assert datetime.fromisoformat(made["period"]["start"]) == MORNING
        assert made["location"][0]["location"] == {"reference": NOI_TIET}
        assert made["appointment"] == [{"reference": "Appointment/hen-1"}]

    def test_a_repeat_changes_nothing(self, world: World) -> None:
        patient, own = world.hold(people.patient()), check_in_id()
        world.record.put_encounter(arrival(patient, own))
        before = world.all_of(patient, "Encounter")
        world.record.put_encounter(arrival(patient, own))
        assert world.all_of(patient, "Encounter") == before

    def test_the_state_follows_the_check_in_back_and_forth(self, world: World) -> None:
        patient, own = world.hold(people.patient()), check_in_id()
        done = MORNING + timedelta(minutes=20)
        for status, ended in (
            (EncounterStatus.ARRIVED, None),
            (EncounterStatus.IN_PROGRESS, None),
            (EncounterStatus.FINISHED, done),
            (EncounterStatus.IN_PROGRESS, None),
            (EncounterStatus.CANCELLED, done),
        ):
            world.record.put_encounter(EncounterUpdate(own, patient["id"], status, NOI_TIET, MORNING, ended))
            [made] = world.all_of(patient, "Encounter")
            assert made["status"] == status
            assert ("end" in made["period"]) == (ended is not None)
        assert made["meta"]["versionId"] == "5"

    def test_a_move_names_the_new_clinic_only(self, world: World) -> None:
        patient, own = world.hold(people.patient()), check_in_id()
        for place in (NOI_TIET, "Location/tim-mach", "Location/tim-mach", "Location/mat"):
            world.record.put_encounter(EncounterUpdate(own, patient["id"], EncounterStatus.ARRIVED, place, MORNING))
        [made] = world.all_of(patient, "Encounter")
        assert [one["location"]["reference"] for one in made["location"]] == ["Location/mat"]

    def test_what_the_hospital_wrote_stays(self, world: World) -> None:
        patient, own = world.hold(people.patient()), check_in_id()
        world.record.put_encounter(arrival(patient, own))
        [made] = world.all_of(patient, "Encounter")
        bed = {"location": {"reference": "Location/giuong-3"}}
        world.rewrite(patient, made | {"location": [*made["location"], bed], "type": [concept("Khám lại")]})
        world.record.put_encounter(arrival(patient, own, EncounterStatus.IN_PROGRESS))
        [now] = world.all_of(patient, "Encounter")
        assert now["status"] == "in-progress"
        assert bed in now["location"]
        assert now["type"] == [concept("Khám lại")]

    def test_the_encounters_of_a_day_are_those_of_check_ins(self, world: World) -> None:
        first, second, own = world.hold(people.patient()), world.hold(people.patient()), check_in_id()
        other, late, begun = check_in_id(), check_in_id(), datetime(2027, 3, 1, 0, 0, tzinfo=HANOI)
        done = begun + timedelta(hours=23, minutes=59)

        def told(patient: Resource, key: str, status: EncounterStatus, at: datetime) -> None:
            ended = at if status is EncounterStatus.FINISHED else None
            world.record.put_encounter(EncounterUpdate(key, patient["id"], status, NOI_TIET, at, ended))

        told(first, own, EncounterStatus.ARRIVED, begun)
        told(second, other, EncounterStatus.FINISHED, done)
        told(second, late, EncounterStatus.ARRIVED, begun + timedelta(days=1))
        world.hold(
            people.patient(), people.encounter(first, "2027-03-01", status="finished")
        )  # the hospital's own, of no check-in

        found = {one.check_in_id: one for one in world.record.encounters_of(begun.date())}

        assert set(found) == {own, other}
        assert (found[own].patient_id, found[own].status) == (first["id"], "arrived")
        assert (found[other].patient_id, found[other].status) == (second["id"], "finished")

    def test_a_day_without_check_ins_has_none(self, world: World) -> None:
        assert list(world.record.encounters_of(date(2031, 5, 5))) == []

    def test_an_encounter_of_the_wrong_patient_does_not_stay(self, world: World) -> None:
        patient, other, own = world.hold(people.patient()), world.hold(people.patient()), check_in_id()
        world.record.put_encounter(arrival(patient, own))
        world.record.withdraw_encounter(own, patient["id"])
        world.record.withdraw_encounter(own, patient["id"])
        world.record.put_encounter(arrival(other, f"{own}.1"))
        assert [one["status"] for one in world.all_of(patient, "Encounter")] == ["entered-in-error"]
        assert [one["status"] for one in world.all_of(other, "Encounter")] == ["arrived"]

    def test_what_was_never_told_is_not_withdrawn_and_nobody_elses_is(self, world: World) -> None:
        patient, other, own = world.hold(people.patient()), world.hold(people.patient()), check_in_id()
        world.record.withdraw_encounter(own, patient["id"])
        assert world.all_of(patient, "Encounter") == []
        world.record.put_encounter(arrival(patient, own))
        with pytest.raises(RecordRefused):
            world.record.withdraw_encounter(own, other["id"])
        assert [one["status"] for one in world.all_of(patient, "Encounter")] == ["arrived"]

    def test_many_at_once_make_one_encounter(self, world: World) -> None:
        patient, own = world.hold(people.patient()), check_in_id()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: world.record.put_encounter(arrival(patient, own)), range(8)))
        made = world.all_of(patient, "Encounter")
        assert [one["status"] for one in made if one["status"] != "entered-in-error"] == ["arrived"]

    def test_two_check_ins_are_two_encounters(self, world: World) -> None:
        patient = world.hold(people.patient())
        world.record.put_encounter(arrival(patient, check_in_id()))
        world.record.put_encounter(arrival(patient, check_in_id()))
        assert len(world.all_of(patient, "Encounter")) == 2

    def test_an_encounter_never_changes_hands(self, world: World) -> None:
        patient, other, own = world.hold(people.patient()), world.hold(people.patient()), check_in_id()
        world.record.put_encounter(arrival(patient, own))
        with pytest.raises(RecordRefused):
            world.record.put_encounter(arrival(other, own))
        assert world.all_of(other, "Encounter") == []

    @pytest.mark.parametrize("place", ["Organization/khoa-mat", "PractitionerRole/bs-1", "HealthcareService/sieu-am"])
    def test_a_clinic_may_be_more_than_a_location(self, world: World, place: str) -> None:
        patient, own = world.hold(people.patient()), check_in_id()
        update = EncounterUpdate(own, patient["id"], EncounterStatus.ARRIVED, place, MORNING)
        world.record.put_encounter(update)
        before = world.all_of(patient, "Encounter")
        world.record.put_encounter(update)
        assert world.all_of(patient, "Encounter") == before
        assert place in str(before)


class TestSummaries:
    def test_what_was_never_asked_is_not_recorded(self, world: World) -> None:
        patient = world.hold(people.patient())
        summary = world.record.summary(patient["id"])
        assert summary.patient.id == patient["id"]
        assert summary.allergies_recorded is Recorded.NOT_RECORDED
        assert summary.problems_recorded is Recorded.NOT_RECORDED
        assert summary.medicines_recorded is Recorded.NOT_RECORDED
        assert (summary.allergies, summary.problems, summary.medicines) == ((), (), ())
        assert (summary.laboratory, summary.encounters) == ((), ())

    def test_what_was_asked_and_denied_is_none_known(self, world: World) -> None:
        patient = people.patient()
        world.hold(patient, people.allergy(patient, concept("Không dị ứng", "716186003")))
        summary = world.record.summary(patient["id"])
        assert (summary.allergies, summary.allergies_recorded) == ((), Recorded.NONE_KNOWN)

    def test_allergies_and_problems_that_are_over_or_refuted_are_left_out(self, world: World) -> None:
        patient = people.patient()
        shock = [{"manifestation": [concept("Sốc phản vệ")], "severity": "severe"}]
        over = people.clinical_status("resolved")
        world.hold(
            patient,
            people.allergy(patient, concept("Penicillin"), reaction=shock, recordedDate="2019-04-02"),
            people.allergy(patient, concept("Tôm"), clinicalStatus=people.clinical_status("inactive")),
            people.condition(patient, concept("Đái tháo đường típ 2"), onsetDateTime="2015"),
            people.condition(patient, concept("Viêm họng"), clinicalStatus=over),
        )
        summary = world.record.summary(patient["id"])
        assert summary.allergies == (Allergy("Penicillin", "Sốc phản vệ", severe=True, recorded_on="2019-04-02"),)
        assert summary.problems == (Problem("Đái tháo đường típ 2", "2015"),)

    def test_medicines_are_named_wherever_the_name_stands(self, world: World) -> None:
        patient = people.patient()
        medication = {"resourceType": "Medication", "id": people.new_id("chat"), "code": concept("Metformin 500 mg")}
        reference = {"reference": f"Medication/{medication['id']}"}
        world.hold(
            patient,
            medication,
            people.medication_statement(patient, medicationReference=reference, dosage=[{"text": "2 viên/ngày"}]),
            people.medication_statement(patient, medicationCodeableConcept=concept("Aspirin"), status="stopped"),
        )
        summary = world.record.summary(patient["id"])
        assert summary.medicines == (Medicine("Metformin 500 mg", "2 viên/ngày", None),)

    def test_laboratory_values_form_series_of_the_newest(self, world: World) -> None:
        patient = people.patient()
        span = [{"low": {"value": 3.9, "unit": "mmol/L"}, "high": {"value": 6.4, "unit": "mmol/L"}}]
        values = [
            people.laboratory(patient, "Glucose", 5 + step / 10, f"2026-01-{step + 1:02}", referenceRange=span)
            for step in range(15)
        ]
        world.hold(patient, *values, people.laboratory(patient, "Kali", 4.1, "2025-05-05T07:00:00+07:00"))
        glucose, potassium = world.record.summary(patient["id"]).laboratory
        assert (glucose.name, glucose.unit, glucose.low, glucose.high) == ("Glucose", "mmol/L", 3.9, 6.4)
        assert len(glucose.values) == 12
        assert glucose.values[-1] == Measurement(datetime(2026, 1, 15, tzinfo=HANOI), 6.4)
        assert not glucose.is_abnormal
        assert potassium.name == "Kali"

    def test_past_encounters_tell_their_plan(self, world: World) -> None:
        patient = people.patient()
        where = [{"location": {"reference": "Location/phong-12", "display": "Phòng khám Nội tiết"}}]
        why = [concept("Tái khám")]
        last = people.encounter(patient, "2026-05-04T08:00:00+07:00", location=where, reasonCode=why)
        first = people.encounter(patient, "2025-01-02")
        plan = {
            "resourceType": "CarePlan",
            "id": people.new_id("ke-hoach"),
            "status": "active",
            "intent": "plan",
            "subject": people.subject(patient),
            "encounter": {"reference": f"Encounter/{last['id']}"},
            "description": "Xét nghiệm HbA1c sau ba tháng",
        }
        world.hold(patient, first, last, plan)
        newest, oldest = world.record.summary(patient["id"]).encounters
        wanted = "Xét nghiệm HbA1c sau ba tháng"
        assert newest == PastEncounter("2026-05-04", "Phòng khám Nội tiết", "Tái khám", wanted)
        assert oldest == PastEncounter("2025-01-02", None, None, None)

    def test_nothing_of_another_patient_is_shown(self, world: World) -> None:
        patient, other = people.patient(), people.patient()
        world.hold(other)
        world.hold(
            patient,
            people.allergy(other, concept("Penicillin")),
            people.condition(other, concept("Hen")),
            people.medication_statement(other, medicationCodeableConcept=concept("Aspirin")),
            people.laboratory(other, "Kali", 4.1, "2025-05-05"),
            people.encounter(other, "2025-01-02"),
        )
        summary = world.record.summary(patient["id"])
        assert (summary.allergies, summary.problems, summary.medicines) == ((), (), ())
        assert (summary.laboratory, summary.encounters) == ((), ())

    def test_an_unknown_patient_has_no_summary(self, world: World) -> None:
        with pytest.raises(NotFound):
            world.record.summary("nobody")


def test_a_record_that_answers_says_so(world: World) -> None:
    world.record.check()
