"""What kiosk writes, as a library that validates FHIR R4 sees it."""

from datetime import UTC, datetime, timedelta

import pytest
from fhir.resources.R4B.encounter import Encounter

from kiosk.errors import RecordRefused
from kiosk.ports.record import EncounterStatus, EncounterUpdate
from kiosk.record.resources import Resource, encode
from kiosk.record.writing import encounter_id, new_encounter, with_state

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PLACES = (
    "Location/1",
    "https://x/Location/1",
    "Organization/1",
    "PractitionerRole/1",
    "HealthcareService/1",
    "phong-1",
)


def update(place: str = "Location/1", patient_id: str = "p1") -> EncounterUpdate:
    return EncounterUpdate(
        "c-1", patient_id, EncounterStatus.FINISHED, place, NOW, NOW + timedelta(minutes=9), appointment_id="a1"
    )


@pytest.mark.parametrize("place", PLACES)
def test_an_encounter_is_valid_wherever_it_takes_place(place: str) -> None:
    written = new_encounter(update(place)) | {"id": encounter_id("c-1")}
    assert Encounter.model_validate_json(encode(written)).status == "finished"


@pytest.mark.parametrize("place", PLACES)
def test_a_repeat_is_equal(place: str) -> None:
    once = new_encounter(update(place))
    assert with_state(once, update(place)) == once


def test_a_server_may_write_times_in_its_own_way() -> None:
    own = {"start": "2026-11-23T08:30:00+07:00", "end": "2026-11-23T01:39:00Z"}
    stored = new_encounter(update()) | {"period": own}
    assert with_state(stored, update())["period"] == own


@pytest.mark.parametrize("reference", ["Patient/p1", "https://x/fhir/Patient/p1", "urn:uuid:p1"])
def test_a_subject_keeps_its_form(reference: str) -> None:
    stored: Resource = new_encounter(update()) | {"subject": {"reference": reference}}
    assert with_state(stored, update())["subject"] == {"reference": reference}


@pytest.mark.parametrize("reference", ["Patient/p2", "Patient/xp1", "Group/p1", "urn:uuid:xp1"])
def test_another_subject_is_refused(reference: str) -> None:
    stored: Resource = new_encounter(update()) | {"subject": {"reference": reference}}
    with pytest.raises(RecordRefused):
        with_state(stored, update())
