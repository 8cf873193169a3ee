import shutil
from pathlib import Path

import pytest

from kiosk.errors import ConfigurationError
from kiosk.identify.face.feature_extraction import SFace, open_recogniser
from kiosk.identify.face.weights import PINNED, Role, find, is_complete, missing, pinned
from tests.support.face_models import MODELS

ROLES: tuple[Role, ...] = ("detector", "recogniser", "attack_detector")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    for weights in PINNED:
        shutil.copy(MODELS / weights.file, tmp_path)
    return tmp_path


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_one_file(folder: Path, role: Role) -> None:
    assert find(folder, role) == folder / pinned(role).file
    assert [weights.role for weights in PINNED].count(role) == 1


def test_a_whole_folder_is_complete(folder: Path) -> None:
    assert is_complete(folder)


@pytest.mark.parametrize("role", ROLES)
def test_one_changed_byte_is_refused(folder: Path, role: Role) -> None:
    path = folder / pinned(role).file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ConfigurationError, match=f"{path.name} is another file.*kiosk models install"):
        find(folder, role)
    assert [weights.role for weights in missing(folder)] == [role]
    assert not is_complete(folder)


@pytest.mark.parametrize("role", ROLES)
def test_an_absent_file_is_named_with_what_to_do(tmp_path: Path, role: Role) -> None:
    with pytest.raises(ConfigurationError, match=rf"{pinned(role).file} is missing; run: kiosk models install"):
        find(tmp_path, role)


def test_a_longer_file_is_refused(folder: Path) -> None:
    with (folder / pinned("detector").file).open("ab") as file:
        file.write(b"more")
    with pytest.raises(ConfigurationError, match="another file"):
        find(folder, "detector")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / pinned("detector").file).mkdir()
    with pytest.raises(ConfigurationError, match="another file"):
        find(tmp_path, "detector")


def test_no_recogniser_opens_without_its_own_weights(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="sface"):
        open_recogniser("sface", tmp_path)


def test_a_recogniser_opens_from_its_weights() -> None:
    assert isinstance(open_recogniser("sface", MODELS), SFace)
