"""What a FHIR server, or whatever answers in its place, may do wrong."""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import trustme

from kiosk.errors import ConfigurationError, NotFound, RecordConflict, RecordError, RecordRefused, RecordUnreachable
from kiosk.ports.record import EncounterStatus, EncounterUpdate
from kiosk.record.gateway import FhirRecord
from tests.contract.record import people
from tests.contract.record.people import NOI_TIET, Resource, citizen
from tests.contract.record.strange_server import (
    Asked,
    Reply,
    StrangeServer,
    bundle,
    closed_port,
    outcome,
    strange_server,
)
from tests.contract.record.worlds import HANOI
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.integration

NUMBER = "001190012345"
PATIENT = people.patient(citizen(NUMBER)) | {"id": "p1"}
TIMEOUT = 1.0


@contextmanager
def answering(answer: Callable[[Asked], Reply] | Reply) -> Iterator[tuple[FhirRecord, StrangeServer]]:
    with strange_server(answer if callable(answer) else lambda _: answer) as server:
        record = FhirRecord(server.url, zone=HANOI, token="invented-token", timeout_seconds=TIMEOUT)
        with closing(record):
            yield record, server


def error_of(answer: Callable[[Asked], Reply] | Reply) -> RecordError:
    with answering(answer) as (record, _), pytest.raises(RecordError) as raised:
        record.find_patients(citizen(NUMBER))
    assert NUMBER not in str(raised.value)
    assert "Mẫu" not in str(raised.value)
    return raised.value


def arrival() -> EncounterUpdate:
    start = datetime(2026, 11, 23, 8, 30, tzinfo=HANOI)
    return EncounterUpdate("c-1", "p1", EncounterStatus.ARRIVED, NOI_TIET, start)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408, 401, 302, 307])
def test_what_may_pass_or_an_operator_can_mend_is_unreachable(status: int) -> None:
    assert isinstance(error_of(outcome("exception", status)), RecordUnreachable)


@pytest.mark.parametrize("status", [400, 403, 422, 501])
def test_what_is_forbidden_or_not_understood_is_refused(status: int) -> None:
    error = error_of(outcome("invalid", status))
    assert isinstance(error, RecordRefused)
    assert str(error) == f"the record answered {status} (invalid)"


def test_an_outcome_in_place_of_the_answer_is_a_refusal() -> None:
    assert isinstance(error_of(outcome("processing", 200)), RecordRefused)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Sign in to the hospital's network</html>", b'{"resourceType": "Bundle", "entry": [', b"[]", b"{}",
     b"null", b'"\xff"', b"[" * 100_000, b'{"resourceType": "Patient"}', b'{"resourceType": 7}'],
)  # fmt: skip
def test_what_is_not_fhir_is_unreachable(body: bytes) -> None:
    assert isinstance(error_of(Reply(body=body, content_type="text/html")), RecordUnreachable)


def test_a_page_of_some_other_server_does_not_say_that_a_patient_is_unknown() -> None:
    with answering(Reply(404, b"<html>Not Found</html>", "text/html")) as (record, _), pytest.raises(RecordUnreachable):
        record.patient("p1")
    with answering(outcome("not-found", 404)) as (record, _), pytest.raises(NotFound):
        record.patient("p1")


def test_an_answer_that_is_cut_off_is_unreachable() -> None:
    assert isinstance(error_of(Reply(body=b'{"resourceType": "Bun', claims=5000)), RecordUnreachable)


def test_a_server_that_is_gone_is_unreachable() -> None:
    with closing(FhirRecord(closed_port(), zone=HANOI, timeout_seconds=TIMEOUT)) as record:
        for call in (record.check, lambda: record.patient("p1"), lambda: record.put_encounter(arrival())):
            with pytest.raises(RecordUnreachable):
                call()


@pytest.mark.parametrize(
    "slow", [Reply(after=2 * PATIENCE), Reply(body=b" " * 1000, dripping=0.2)], ids=["silent", "dripping"]
)
@pytest.mark.parametrize(
    "call",
    [lambda record: record.patient("p1"), lambda record: record.find_patients(citizen(NUMBER))],
    ids=["read", "search"],
)
def test_a_slow_server_costs_no_more_than_the_time_out(slow: Reply, call: Callable[[FhirRecord], object]) -> None:
    with answering(slow) as (record, _):
        started = time.monotonic()
        with pytest.raises(RecordUnreachable):
            call(record)
        assert time.monotonic() - started < PATIENCE


def test_a_later_page_that_does_not_come_costs_no_more_than_the_time_out() -> None:
    def answer(asked: Asked) -> Reply:
        return bundle(PATIENT, next_link="?page=2") if asked.path.endswith("_search") else Reply(after=2 * PATIENCE)

    with answering(answer) as (record, _):
        started = time.monotonic()
        with pytest.raises(RecordUnreachable):
            record.find_patients(citizen(NUMBER))
        assert time.monotonic() - started < PATIENCE


def test_a_flood_is_refused() -> None:
    flood = Reply(body=b'{"resourceType": "Bundle", "x": "' + b"x" * (33 * 1024 * 1024) + b'"}')
    with strange_server(lambda _: flood) as server:
        record = FhirRecord(server.url, zone=HANOI)
        with closing(record), pytest.raises(RecordRefused):
            record.check()


def test_a_busy_server_is_asked_again_for_what_changes_nothing() -> None:
    replies = iter([outcome("throttled", 429), outcome("transient", 503), bundle(PATIENT)])
    with answering(lambda _: next(replies)) as (record, server):
        [found] = record.find_patients(citizen(NUMBER))
    assert found.id == "p1"
    assert len(server.asked) == 3


def test_a_write_is_never_sent_twice() -> None:
    def busy(asked: Asked) -> Reply:
        return bundle() if asked.path.endswith("_search") else outcome("transient", 503)

    with answering(busy) as (record, server), pytest.raises(RecordUnreachable):
        record.put_encounter(arrival())
    [written] = [asked for asked in server.asked if asked.path == "/fhir/Encounter"]
    assert written.headers["If-None-Exist"] == "identifier=urn:kiosk:check-in|c-1"


def test_a_number_stands_in_no_address() -> None:
    with answering(bundle(PATIENT)) as (record, server):
        record.find_patients(citizen(NUMBER))
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/fhir/Patient/_search")
    assert parse_qs(asked.body)["identifier"] == [f"http://fhir.ehealth.gov.vn/core/sid/national_id|{NUMBER}"]
    assert asked.headers["Authorization"] == "Bearer invented-token"


def test_a_server_without_post_searches_is_asked_by_get_from_then_on() -> None:
    def old(asked: Asked) -> Reply:
        return bundle(PATIENT) if asked.method == "GET" else outcome("not-supported", 405)

    with answering(old) as (record, server):
        assert len(record.find_patients(citizen(NUMBER))) == 1
        assert len(record.find_patients(citizen(NUMBER))) == 1
    assert [asked.method for asked in server.asked] == ["POST", "GET", "GET"]


def test_a_server_that_ignores_the_search_shows_nobody_elses_record() -> None:
    others = [people.patient(citizen(people.number(12))) for _ in range(3)]
    allergies = [people.allergy(other, people.concept("Penicillin")) for other in others]

    def ignorant(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply.of(PATIENT)
        return bundle(*allergies) if "Allergy" in asked.path else bundle(*others)

    with answering(ignorant) as (record, _):
        assert record.find_patients(citizen(NUMBER)) == []
        assert record.appointments("p1", date(2026, 11, 23)) == []
        assert record.summary("p1").allergies == ()


def test_a_server_that_answers_with_everybody_is_refused() -> None:
    crowd = [people.patient(citizen(people.number(12))) for _ in range(60)]
    assert isinstance(error_of(bundle(*crowd)), RecordRefused)


def test_a_read_that_brings_somebody_else_is_not_believed() -> None:
    with answering(Reply.of(PATIENT | {"id": "p2"})) as (record, _), pytest.raises(RecordUnreachable):
        record.patient("p1")


@pytest.mark.parametrize(
    "link", ["http://127.0.0.2:1/fhir?page=2", "https://elsewhere.example/fhir", "//elsewhere.example/x", "http://[/"]
)
def test_a_next_link_to_another_host_is_not_followed(link: str) -> None:
    assert isinstance(error_of(bundle(PATIENT, next_link=link)), RecordRefused)


def test_next_links_are_followed_to_the_end() -> None:
    twin = PATIENT | {"id": "p2"}
    with answering(lambda asked: bundle(twin) if "page=2" in asked.path else bundle(PATIENT, next_link="?page=2")) as (
        record,
        _,
    ):
        assert [found.id for found in record.find_patients(citizen(NUMBER))] == ["p1", "p2"]


def test_pages_that_lead_in_a_circle_are_refused() -> None:
    assert isinstance(error_of(bundle(PATIENT, next_link="?page=1")), RecordRefused)


def test_pages_without_end_are_refused() -> None:
    pages = iter(range(1000))
    with strange_server(lambda _: bundle(next_link=f"?page={next(pages)}")) as server:
        record = FhirRecord(server.url, zone=HANOI, timeout_seconds=10)
        with closing(record), pytest.raises(RecordRefused):
            record.find_patients(citizen(NUMBER))
    assert len(server.asked) < 60


def booked(patient: str, **fields: object) -> Resource:
    start = datetime(2026, 11, 23, 8, 30, tzinfo=HANOI)
    actor = {"reference": patient}
    return people.appointment(PATIENT, start, participant=[{"actor": actor}]) | fields


def test_who_is_expected_is_asked_for_once_in_five_minutes_and_without_names() -> None:
    with answering(bundle(booked("Patient/p1"))) as (record, server):
        for _ in range(3):
            assert record.expected(date(2026, 11, 23)) == {"p1"}
        assert record.expected(date(2026, 11, 24)) == frozenset()
    first, second = map(parse_qs, (asked.body for asked in server.asked))
    assert first["status"] == ["booked"]
    assert first["date"] == ["ge2026-11-22T17:00:00.000Z", "lt2026-11-23T17:00:00.000Z"]
    assert first["_elements"] == ["status,start,participant"]
    assert second["date"] == ["ge2026-11-23T17:00:00.000Z", "lt2026-11-24T17:00:00.000Z"]


def test_an_expected_patient_may_be_named_by_the_whole_address_and_a_version() -> None:
    def answer(asked: Asked) -> Reply:
        here = f"http://{asked.headers['Host']}/fhir"
        return bundle(
            booked(f"{here}/Patient/p1/_history/3"),
            booked("Patient/p2/_history/1"),
            booked("https://elsewhere.example/fhir/Patient/p3"),
            booked("Practitioner/p4"),
            booked("Patient"),
        )

    with answering(answer) as (record, _):
        assert record.expected(date(2026, 11, 23)) == {"p1", "p2"}


def test_a_server_that_ignores_the_search_makes_nobody_expected() -> None:
    other_day = booked("Patient/p2", start="2026-11-25T08:30:00+07:00")
    others = (booked("Patient/p1", status="cancelled"), other_day, booked("Patient/p3", start=None), PATIENT)
    with answering(bundle(*others)) as (record, _):
        assert record.expected(date(2026, 11, 23)) == frozenset()


def test_a_record_that_does_not_answer_is_not_waited_for_by_every_face() -> None:
    with answering(outcome("exception", 500)) as (record, server):
        for _ in range(3):
            with pytest.raises(RecordUnreachable):
                record.expected(date(2026, 11, 23))
    assert len(server.asked) == 1


def of_check_in(**fields: object) -> Resource:
    own = [{"system": "urn:kiosk:check-in", "value": "c-1"}]
    return people.encounter(PATIENT, "2026-11-23", identifier=own, status="planned", **fields) | {"id": "e1"}


def test_an_encounter_changed_meanwhile_is_a_conflict() -> None:
    def changed(asked: Asked) -> Reply:
        found = bundle(of_check_in(meta={"versionId": "7"}))
        return found if asked.method == "POST" else outcome("conflict", 412)

    with answering(changed) as (record, server), pytest.raises(RecordConflict):
        record.put_encounter(arrival())
    assert server.asked[-1].headers["If-Match"] == 'W/"7"'


@pytest.mark.parametrize("meta", [{}, {"versionId": ""}, {"versionId": "1\r\nX: y"}, {"versionId": 7}, "7"])
def test_a_server_without_versions_is_not_written_to_blindly(meta: object) -> None:
    with answering(bundle(of_check_in(meta=meta))) as (record, server), pytest.raises(RecordRefused):
        record.put_encounter(arrival())
    assert {asked.method for asked in server.asked} == {"POST"}


def test_of_several_encounters_of_one_check_in_the_first_stays() -> None:
    """Two requests at one moment make two on a server that searches and creates in two steps."""
    [first, second] = [of_check_in(meta={"versionId": "1"}) | {"id": one} for one in ("e1", "e2")]
    with answering(bundle(second, first)) as (record, server):
        record.put_encounter(arrival())
    changed = {asked.path.rsplit("/", 1)[-1]: json.loads(asked.body) for asked in server.asked if asked.method == "PUT"}
    assert changed["e2"]["status"] == "entered-in-error"
    assert changed["e2"]["identifier"] == second["identifier"]
    assert changed.get("e1", {}).get("status") != "entered-in-error"


def test_a_new_encounter_is_made_and_found_in_two_requests() -> None:
    kept: list[Resource] = []

    def keeps(asked: Asked) -> Reply:
        if asked.path.endswith("_search"):
            return bundle(*kept)
        kept.append(json.loads(asked.body) | {"id": "e1", "meta": {"versionId": "1"}})
        return Reply.of(kept[0], 201)

    with answering(keeps) as (record, server):
        record.put_encounter(replace(arrival(), is_new=True))
        assert [asked.path.rsplit("/", 1)[-1] for asked in server.asked] == ["Encounter", "_search"]
        record.put_encounter(arrival())
    assert len(server.asked) == 3
    assert len(kept) == 1


def test_an_encounter_that_matches_several_is_put_in_order() -> None:
    """A conditional create is refused as not selective enough (FHIR R4 3.1.0.8.1): the search shows which there are."""
    twins = [of_check_in(meta={"versionId": "1"}) | {"id": one} for one in ("e1", "e2")]

    def late(asked: Asked) -> Reply:
        if asked.method == "POST" and not asked.path.endswith("_search"):
            return outcome("multiple-matches", 412)
        created = any(earlier.headers.get("If-None-Exist") for earlier in server.asked)
        return bundle(*twins) if created else bundle()

    with answering(late) as (record, server):
        record.put_encounter(arrival())
    assert next(asked.path for asked in server.asked if asked.method == "PUT").endswith("/e2")


def test_the_encounters_of_two_patients_under_one_check_in_are_left_for_a_person() -> None:
    other = of_check_in() | {"id": "e2", "subject": {"reference": "Patient/p2"}}
    with answering(bundle(of_check_in(), other)) as (record, server), pytest.raises(RecordRefused):
        record.put_encounter(arrival())
    assert {asked.method for asked in server.asked} == {"POST"}


def test_a_summary_does_without_what_a_server_does_not_know() -> None:
    def small(asked: Asked) -> Reply:
        if asked.method == "GET" and "Patient/p1" in asked.path:
            return Reply.of(PATIENT)
        if "Condition" in asked.path:
            return bundle(people.condition(PATIENT, people.concept("Hen")))
        return outcome("not-supported", 404)

    with answering(small) as (record, _):
        summary = record.summary("p1")
    assert [problem.name for problem in summary.problems] == ["Hen"]


def test_a_summary_is_not_shown_without_the_allergies() -> None:
    def closed(asked: Asked) -> Reply:
        if "Allergy" in asked.path:
            return outcome("forbidden", 403)
        return Reply.of(PATIENT) if asked.method == "GET" else bundle()

    with answering(closed) as (record, _), pytest.raises(RecordRefused):
        record.summary("p1")


def test_medications_that_were_not_included_are_fetched() -> None:
    medicine = people.medication_statement(PATIENT, medicationReference={"reference": "Medication/m1"})

    def poor(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply.of(PATIENT)
        if asked.path.endswith("/MedicationStatement/_search"):
            return bundle(medicine)
        if asked.path.endswith("/Medication/_search"):
            return bundle({"resourceType": "Medication", "id": "m1", "code": people.concept("Metformin")})
        return bundle()

    with answering(poor) as (record, _):
        assert [one.name for one in record.summary("p1").medicines] == ["Metformin"]


@pytest.mark.parametrize(
    ("url", "token"), [("http://x:y", None), ("https://", None), ("fhir", None), ("https://fhir.example", "mật khẩu")]
)
def test_what_cannot_be_an_address_or_a_token_is_a_matter_of_configuration(url: str, token: str | None) -> None:
    with pytest.raises(ConfigurationError):
        FhirRecord(url, zone=HANOI, token=token)


def test_a_server_is_believed_only_with_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    for name, one in (("own", authority), ("other", stranger)):
        one.cert_pem.write_to_path(str(tmp_path / name))
    with strange_server(lambda _: bundle(PATIENT), context) as server:
        with closing(FhirRecord(server.url, zone=HANOI, ca=tmp_path / "own")) as record:
            assert len(record.find_patients(citizen(NUMBER))) == 1
        for ca in (tmp_path / "other", None):
            with closing(FhirRecord(server.url, zone=HANOI, ca=ca)) as record, pytest.raises(RecordUnreachable):
                record.find_patients(citizen(NUMBER))
    assert len(server.asked) == 1
