"""Where faces are on, and what is said where they are not."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from kiosk.bootstrap import open_engine, open_services
from kiosk.bootstrap.faces import open_faces, why_faces_are_off, with_face_parts
from kiosk.errors import ConfigurationError
from kiosk.settings import Settings
from kiosk.settings.sections import FaceSettings, PathSettings, StationSettings
from kiosk.storage.migrations import upgrade
from tests.support.face_models import MODELS

DETECTOR, RECOGNISER = "face_detection_yunet_2023mar.onnx", "face_recognition_sface_2021dec.onnx"
ATTACK_DETECTOR = "fr_liveness.onnx"


@dataclass(frozen=True)
class Host:
    """A host with these networks and credentials."""

    folder: Path
    settings: Settings

    def install(self, *files: str) -> None:
        self.settings.models_dir.mkdir(parents=True, exist_ok=True)
        for file in files:
            (self.settings.models_dir / file).symlink_to(MODELS / file)

    def give_key(self) -> None:
        (self.folder / "face-master-key").write_text("ab" * 32, encoding="ascii")

    def with_face(self, **changed: object) -> Settings:
        face = msgspec.structs.replace(self.settings.face, **changed)
        return msgspec.structs.replace(self.settings, face=face)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    data = tmp_path / "data"
    paths = PathSettings(data=str(data), credentials=str(tmp_path), runtime=str(tmp_path), trust=str(data / "trust"))
    return Host(tmp_path, Settings(mode="demo", face=FaceSettings(enabled=True), paths=paths))


def test_a_host_with_networks_and_key_takes_faces(host: Host) -> None:
    host.install(DETECTOR, RECOGNISER, ATTACK_DETECTOR)
    host.give_key()
    faces = open_faces(host.settings)
    assert faces
    assert (faces.tries, faces.attempt_lasts.total_seconds()) == (2, 30)
    assert faces.thresholds.today == host.settings.face.threshold_today
    assert (faces.gallery, faces.portrait_features) == (None, None)


def test_faces_are_off_unless_the_hospital_turns_them_on(host: Host) -> None:
    assert open_faces(host.with_face(enabled=False)) is None
    assert why_faces_are_off(Settings()) == "face.enabled is false"


@pytest.mark.parametrize("absent", [DETECTOR, RECOGNISER, ATTACK_DETECTOR])
def test_a_host_without_one_of_the_networks_offers_no_face_and_says_which(host: Host, absent: str) -> None:
    host.install(*{DETECTOR, RECOGNISER, ATTACK_DETECTOR} - {absent})
    host.give_key()
    assert open_faces(host.settings) is None
    why = why_faces_are_off(host.settings)
    assert why
    assert why.startswith(f"{absent} missing in")
    assert "kiosk models install" in why


def test_another_file_of_that_name_is_none(host: Host) -> None:
    host.install(DETECTOR, RECOGNISER)
    (host.settings.models_dir / ATTACK_DETECTOR).write_bytes(b"another network")
    host.give_key()
    assert ATTACK_DETECTOR in (why_faces_are_off(host.settings) or "")


def test_the_demos_simulated_attack_detection_needs_no_network(host: Host) -> None:
    host.install(DETECTOR, RECOGNISER)
    host.give_key()
    assert open_faces(host.with_face(attack_detection="simulated"))


def test_a_station_without_the_master_key_does_not_start(host: Host) -> None:
    host.install(DETECTOR, RECOGNISER, ATTACK_DETECTOR)
    upgrade(open_engine(host.settings))
    services = open_services(host.settings)
    assert services.faces
    with_camera = msgspec.structs.replace(host.settings, station=StationSettings(camera="simulated"))
    with pytest.raises(ConfigurationError, match="face-master-key"):
        with_face_parts(with_camera, services)
