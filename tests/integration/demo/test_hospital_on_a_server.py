"""The invented hospital on a real FHIR R4 server: `$validate`, and the bundles posted as they are."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kiosk.demo.hospital import PLANTED, Hospital, build_hospital
from kiosk.model.identity import IdentifierSystem
from tests.contract.record.fhir_server import FhirServer
from tests.support.invented_hospital import (
    DAY,
    PLANTED_ERRORS,
    SEED,
    PlantedError,
    Resource,
    bundle_files,
    resources_in,
)

pytestmark = pytest.mark.integration

ABOUT_EVERYBODY = {"Patient", "Coverage", "Appointment", "Organization", "Location", "Practitioner"}
WHOLE_RECORDS = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hospital") / "record"


@pytest.fixture(scope="module")
def hospital(folder: Path) -> Hospital:
    return build_hospital(folder, seed=SEED, day=DAY)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    fhir_server = FhirServer(tmp_path_factory.mktemp("server"))
    try:
        fhir_server.start()
        headers = {"Content-Type": "application/fhir+json"}
        with httpx.Client(base_url=fhir_server.url, headers=headers, timeout=30, trust_env=False) as client:
            yield client
    finally:
        fhir_server.stop()


def severities(server: httpx.Client, resource: Resource) -> set[str]:
    answer = server.post(f"/{resource['resourceType']}/$validate", json=resource).json()
    assert answer["resourceType"] == "OperationOutcome"
    return {issue["severity"] for issue in answer["issue"]}


def test_the_server_accepts_everybody_and_many_whole_records(
    server: httpx.Client, folder: Path, hospital: Hospital
) -> None:
    whole = {row.id for row in PLANTED.values()} | {patient.id for patient in hospital.patients[-WHOLE_RECORDS:]}
    kinds: dict[str, int] = {}
    for path in bundle_files(folder):
        for resource in resources_in(path):
            kind = resource["resourceType"]
            if path.stem in whole or kind in ABOUT_EVERYBODY:
                assert severities(server, resource) == {"information"}, resource
                kinds[kind] = kinds.get(kind, 0) + 1
    assert kinds["Patient"] == len(hospital.patients)
    assert kinds.keys() == {error.kind for error in PLANTED_ERRORS}


@pytest.mark.usefixtures("hospital")
@pytest.mark.parametrize("error", PLANTED_ERRORS, ids=str)
def test_the_server_refuses_a_planted_error(server: httpx.Client, folder: Path, error: PlantedError) -> None:
    right = next(
        resource
        for path in reversed(bundle_files(folder))
        for resource in resources_in(path)
        if resource["resourceType"] == error.kind
    )
    assert severities(server, error.in_resource(right)) & {"error", "fatal"}


@pytest.mark.usefixtures("hospital")
def test_the_server_takes_the_bundles_as_transactions(server: httpx.Client, folder: Path) -> None:
    for path in (folder / "hospital.json", *sorted((folder / "de").glob("de-*.json"))):
        for _ in ("the first time", "again"):
            assert server.post("", content=path.read_bytes()).status_code == httpx.codes.OK
    found = server.get("/Patient", params={"identifier": f"{IdentifierSystem.CITIZEN_ID}|001072900006"}).json()
    assert {entry["resource"]["id"] for entry in found["entry"]} == {"de-twice-a", "de-twice-b"}
    expected = server.get("/Appointment", params={"patient": "de-two-appointments"}).json()
    assert len(expected["entry"]) == 2
