"""`kiosk record`: what programs rely on."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.db import db
from kiosk.cli.record import record
from kiosk.errors import ConfigurationError
from kiosk.model.checkin import CheckIn, Stage
from kiosk.ports.outbox import DeliveryKind
from kiosk.settings import Settings
from kiosk.settings.sections import PathSettings, RecordSettings
from kiosk.storage.engine import open_engine
from kiosk.storage.unit_of_work import SqlStorage
from tests.contract.record import people
from tests.contract.record.people import citizen

NUMBER = "001190012345"
MAI = people.patient(citizen(NUMBER))
CITIZEN_URI = "http://fhir.ehealth.gov.vn/core/sid/national_id"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(paths=PathSettings(data=str(tmp_path)))
    settings.record_dir.mkdir()
    entries = [{"resource": one} for one in (MAI, people.allergy(MAI, people.concept("Tôm")))]
    bundle = json.dumps({"resourceType": "Bundle", "entry": entries})
    (settings.record_dir / "mai.json").write_text(bundle)
    CliRunner().invoke(db, ["upgrade"], obj=settings)
    return settings


def run(settings: Settings, *arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(record, arguments, obj=settings, input=stdin)


@pytest.mark.parametrize("system", ["citizen", CITIZEN_URI])
def test_a_record_is_shown_as_json(settings: Settings, system: str) -> None:
    result = run(settings, "show", "--identifier", "-", "--json", stdin=f"{system}|{NUMBER}\n")
    assert result.exit_code == 0
    [found] = json.loads(result.stdout)["patients"]
    assert found["patient"]["name"] == "Nguyễn Thị Mẫu"
    assert found["patient"]["birth_date"] == "1990-03-05"
    assert found["patient"]["identifiers"] == [{"system": CITIZEN_URI, "value": NUMBER}]
    assert [one["substance"] for one in found["allergies"]] == ["Tôm"]
    assert found["problems_recorded"] == "not_recorded"


def test_a_record_is_shown_in_words(settings: Settings) -> None:
    result = run(settings, "show", "--identifier", f"citizen|{NUMBER}")
    assert result.stdout == f"Nguyễn Thị Mẫu, 1990-03-05, Patient/{MAI['id']}\n  allergy: Tôm\n"


def test_every_showing_is_in_the_audit(settings: Settings) -> None:
    run(settings, "show", "--identifier", f"citizen|{NUMBER}")
    engine = open_engine(settings.database_url)
    with SqlStorage(engine).read() as work:
        [row] = work.audit.rows()
    engine.dispose()
    assert (row.action, row.subject) == ("read_record", f"Patient/{MAI['id']}")
    assert row.actor.startswith("cli:")
    assert NUMBER not in str(row)


def test_an_unknown_number_is_an_empty_answer(settings: Settings) -> None:
    result = run(settings, "show", "--identifier", "hospital|BN000001", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (3, {"patients": []})


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("001190012345", "bad_identifier"),
        ("citizen|", "bad_identifier"),
        ("passport|X1", "unknown_system"),
        ("citizen|" + "1" * 5000, "too_long"),
    ],
)
def test_what_cannot_be_used_is_told_as_json(settings: Settings, identifier: str, kind: str) -> None:
    result = run(settings, "show", "--identifier", "-", "--json", stdin=identifier)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["kind"] == kind


def test_an_index_is_made_anew(settings: Settings) -> None:
    (settings.record_dir / "broken.json").write_text("{")
    result = run(settings, "reindex")
    assert result.exit_code == 0
    assert result.stdout.endswith("1 files cannot be read\n")


def test_a_server_has_no_index(tmp_path: Path) -> None:
    server = RecordSettings(kind="fhir", url="https://fhir.example")
    result = run(Settings(paths=PathSettings(data=str(tmp_path)), record=server), "reindex")
    assert isinstance(result.exception, ConfigurationError)


def test_what_the_record_refused_is_listed_and_sent_again(settings: Settings) -> None:
    assert run(settings, "refused").output == "nothing was refused\n"
    moment = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    engine = open_engine(settings.database_url)
    with SqlStorage(engine).write() as work:
        work.check_ins.add(CheckIn("c1", "kiosk-1", Stage.DONE, 1, moment, moment, moment.date()))
        work.outbox.add(DeliveryKind.ENCOUNTER, "c1", moment)
        [queued] = work.outbox.due(moment, 1)
        work.outbox.refused(queued, "RecordRefused")
    engine.dispose()
    listed = run(settings, "refused")
    assert (listed.exit_code, listed.output) == (
        3,
        "2026-11-23T08:30:00+07:00  encounter  check-in/c1  RecordRefused\n",
    )
    assert "1 are sent again" in run(settings, "refused", "--again").output
    assert run(settings, "refused").exit_code == 0
    assert run(settings, "refused", "--help").exit_code == 0
