from pathlib import Path

import msgspec
import pytest

from kiosk.demo.preparation import write_settings
from kiosk.demo.supervisor import Demo
from kiosk.errors import ConfigurationError
from kiosk.settings import Settings, load_settings


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path, tmp_path / "runtime", 8080, 8443)


def choose(demo: Demo, **devices: str) -> None:
    """As somebody does in an editor: the station's table changes, the rest stays as it was written."""
    chosen = msgspec.to_builtins(load_settings(demo.settings_file))
    chosen["station"] |= devices
    demo.settings_file.write_bytes(msgspec.toml.encode(chosen))


def later_start(demo: Demo) -> Settings:
    later = Demo(demo.data, demo.data / "runtime-of-today", 9080, 9443)
    write_settings(later)
    return load_settings(later.settings_file)


def test_the_first_start_simulates_every_device(demo: Demo) -> None:
    station = write_settings(demo).station

    assert {station.camera, station.scanner, station.printer, station.card_reader} == {"simulated"}


def test_a_device_that_somebody_chose_stays_beside_simulated_ones(demo: Demo) -> None:
    write_settings(demo)
    choose(demo, printer="network:192.0.2.7:9100")

    settings = later_start(demo)

    assert settings.station.printer == "network:192.0.2.7:9100"
    assert settings.station.camera == "simulated"
    assert settings.runtime_dir.name == "runtime-of-today"
    assert settings.web.patient_port == 9080


def test_before_a_real_camera_no_attack_detection_is_simulated(demo: Demo) -> None:
    write_settings(demo)
    choose(demo, camera="/dev/v4l/by-id/usb-camera-index0")

    settings = later_start(demo)

    assert settings.station.camera == "/dev/v4l/by-id/usb-camera-index0"
    assert settings.face.attack_detection == "network"


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("[station]\ncamera = 5\n", "station.camera"),
        ('[station]\nwebcam = "simulated"\n', "`webcam`"),
        ('[station]\ncamera = "/dev/video0"\ncard_reader = "Virtual PCD"\n', "virtual card reader"),
        ("station = 5\n", "station"),
        ("[station\n", "line 1"),
    ],
)
def test_devices_that_are_refused_are_named_with_the_way_out(demo: Demo, written: str, named: str) -> None:
    demo.settings_file.write_text(written, encoding="utf-8")

    with pytest.raises(ConfigurationError) as refused:
        write_settings(demo)

    assert named in str(refused.value)
    assert "--fresh" in str(refused.value)
    assert demo.settings_file.read_text(encoding="utf-8") == written
