from pathlib import Path

import pytest

from kiosk.demo.hospital import Hospital, build_hospital, load_hospital
from tests.support.invented_hospital import DAY, SEED, Resource, all_resources


@pytest.fixture(scope="session")
def hospital_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only: a test that changes a hospital builds its own."""
    folder = tmp_path_factory.mktemp("hospital") / "record"
    build_hospital(folder, seed=SEED, day=DAY)
    return folder


@pytest.fixture(scope="session")
def hospital(hospital_folder: Path) -> Hospital:
    loaded = load_hospital(hospital_folder)
    assert loaded is not None
    return loaded


@pytest.fixture(scope="session")
def resources(hospital_folder: Path) -> list[Resource]:
    """Everything in the record, read once; not to be changed."""
    return list(all_resources(hospital_folder))
