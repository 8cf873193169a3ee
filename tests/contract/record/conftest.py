from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.contract.record.fhir_server import FhirServer
from tests.contract.record.worlds import FolderWorld, ServerWorld, World


@pytest.fixture(scope="session")
def fhir_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirServer]:
    server = FhirServer(tmp_path_factory.mktemp("fhir-server"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def folder_world(tmp_path: Path) -> Iterator[FolderWorld]:
    world = FolderWorld(tmp_path)
    with closing(world.record):
        yield world


@pytest.fixture
def server_world(fhir_server: FhirServer) -> Iterator[ServerWorld]:
    with httpx.Client(trust_env=False) as http:
        world = ServerWorld(fhir_server.url, http)
        with closing(world.record):
            yield world


@pytest.fixture(params=["folder_world", pytest.param("server_world", marks=pytest.mark.integration)])
def world(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found
