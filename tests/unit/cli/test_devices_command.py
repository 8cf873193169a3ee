import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.devices import devices
from kiosk.hardware.simulated.bench import FileBench
from kiosk.settings import Settings
from kiosk.settings.sections import FaceSettings, PathSettings, StationSettings


def demo(tmp_path: Path) -> Settings:
    return Settings(
        mode="demo",
        paths=PathSettings(runtime=str(tmp_path), trust=str(tmp_path / "trust")),
        station=StationSettings(camera="simulated", scanner="simulated", printer="simulated", card_reader="simulated"),
    )


def check(settings: Settings, *options: str) -> Result:
    return CliRunner().invoke(devices, ["check", *options], obj=settings)


def test_devices_that_work_end_with_0(tmp_path: Path) -> None:
    result = check(demo(tmp_path), "--json")
    assert result.exit_code == 0
    assert {device["device"]: device["state"] for device in json.loads(result.output)} == {
        "camera": "working",
        "scanner": "working",
        "printer": "working",
        "card_reader": "working",
        "trust": "no_anchor",
    }


def test_a_device_that_does_not_work_ends_with_1_and_says_what_to_do(tmp_path: Path) -> None:
    bench = FileBench(tmp_path)
    bench.plug("camera", connected=False)
    bench.plug("card_reader", connected=False)
    bench.set_paper(out=True)
    result = check(demo(tmp_path))
    assert result.exit_code == 1
    camera, scanner, printer, card_reader, trust = result.output.splitlines()
    assert "absent" in camera
    assert "plug it in" in camera
    assert "working" in scanner
    assert "no_paper" in printer
    assert "roll of paper" in printer
    assert "no_reader" in card_reader
    assert "no authority is trusted" in trust


def test_a_station_without_devices_is_no_fault() -> None:
    result = check(Settings(), "--json")
    assert result.exit_code == 0
    assert {device["state"] for device in json.loads(result.output)} == {"not_used"}


@pytest.mark.parametrize(
    ("station", "device", "state"),
    [
        (StationSettings(camera="/dev/v4l/by-id/none"), 0, "absent"),
        (StationSettings(scanner="serial:/dev/serial/by-id/none"), 1, "absent"),
        (StationSettings(scanner="evdev:/dev/input/by-id/none"), 1, "absent"),
        (StationSettings(scanner="telepathy:"), 1, "fault"),
        (StationSettings(printer="file:/dev/usb/none"), 2, "absent"),
        (StationSettings(printer="fax"), 2, "fault"),
        (StationSettings(card_reader=" "), 3, "fault"),
    ],
)
def test_real_devices_that_are_not_there_are_named(station: StationSettings, device: int, state: str) -> None:
    result = check(Settings(station=station), "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)[device]["state"] == state


def test_its_help_has_an_example() -> None:
    result = CliRunner().invoke(devices, ["check", "--help"])
    assert "Example: kiosk" in result.output


def test_the_demos_devices_need_no_library_of_real_ones(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kiosk.hardware.simulated.devices import *; "
        f"bench = FileBench(Path({str(tmp_path)!r})); SimulatedCamera(bench).frame(); SimulatedScanner(bench).line(0); "
        "print([name for name in ('escpos', 'serial', 'evdev', 'PIL', 'usb') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_faces_are_not_taken_by_a_camera_without_a_name_of_its_own(tmp_path: Path) -> None:
    settings = Settings(
        station=StationSettings(camera="/dev/video0"),
        face=FaceSettings(enabled=True),
        paths=PathSettings(trust=str(tmp_path)),
    )
    result = check(settings)
    assert result.exit_code == 1
    assert "/dev/v4l/by-id/" in result.output.splitlines()[0]
