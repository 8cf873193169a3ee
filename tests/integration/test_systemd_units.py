"""The units, in a staged root, judged by systemd's own tools."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.settings.sections import WebSettings

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "systemd").glob("kiosk*"))
ASKS_THE_KERNEL = ("patient", "staff", "station", "deliver")
"""Whether it follows a time server: for that ProtectClock must be off, which the tool counts as 0.4."""
EXPOSURE = dict.fromkeys((f"kiosk-{name}.service" for name in ASKS_THE_KERNEL), 1.8) | {
    "kiosk-station.service": 2.1,
    "kiosk-front.service": 1.8,
    "kiosk-browser.service": 4.5,
}
"""Highest exposure level that is accepted (systemd-analyze security: 0 is closed, 10 is open)."""
USUAL_EXPOSURE = 1.5


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """A root with the units, and the programs that they start as empty executables."""
    target = tmp_path / "etc" / "systemd" / "system"
    target.mkdir(parents=True)
    for unit in UNITS:
        shutil.copy(unit, target)
        for program in re.findall(r"^ExecStart(?:Pre)?=(\S+)", unit.read_text(encoding="utf-8"), re.MULTILINE):
            path = tmp_path / program.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("#!/bin/sh\n", encoding="ascii")
            path.chmod(0o755)
    known = tmp_path / "usr" / "lib" / "systemd" / "system"
    known.mkdir(parents=True)
    for unit in Path("/lib/systemd/system").glob("*"):
        if unit.is_file():
            shutil.copy(unit, known)
    return tmp_path


def test_every_unit_verifies(staged: Path) -> None:
    names = [unit.name for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={staged}", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "kiosk" in line]
    assert (done.returncode, complaints) == (0, [])


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_every_service_is_closed(unit: Path) -> None:
    threshold = EXPOSURE.get(unit.name, USUAL_EXPOSURE)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={threshold * 10:.0f}", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1] + done.stderr


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_only_the_station_sees_devices(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    if unit.name in {"kiosk-station.service", "kiosk-browser.service"}:
        return
    assert "PrivateDevices=yes" in text
    assert "DeviceAllow" not in text


@pytest.mark.parametrize("name", ["patient", "staff", "station", "deliver", "database"])
def test_no_memory_of_a_service_reaches_a_disk(name: str) -> None:
    lines = (ROOT / "systemd" / f"kiosk-{name}.service").read_text(encoding="utf-8").splitlines()
    assert {"LimitCORE=0", "MemorySwapMax=0"} <= set(lines)


@pytest.mark.parametrize("name", ASKS_THE_KERNEL)
def test_who_may_ask_the_kernel_for_the_clock_cannot_set_it(name: str) -> None:
    lines = (ROOT / "systemd" / f"kiosk-{name}.service").read_text(encoding="utf-8").splitlines()
    assert {"CapabilityBoundingSet=", "AmbientCapabilities=", "SystemCallFilter=adjtimex"} <= set(lines)


def test_only_the_station_opens_face_references() -> None:
    holders = [unit.name for unit in UNITS if "face-master-key" in unit.read_text(encoding="utf-8")]
    assert holders == ["kiosk-station.service"]


def test_the_target_wants_every_process_of_one_host() -> None:
    text = (ROOT / "systemd" / "kiosk.target").read_text(encoding="utf-8")
    for name in ("patient", "staff", "station", "deliver"):
        assert f"kiosk-{name}.service" in text


@pytest.mark.parametrize("port", ["8080", "9080"])
def test_the_browser_is_started_with_the_token_in_a_file_of_its_own(tmp_path: Path, port: str) -> None:
    (tmp_path / "screen-token").write_text("a-token_1", encoding="ascii")
    line = re.search(r"^ExecStartPre=/bin/sh -c '(.*)'$", _unit("kiosk-browser"), re.MULTILINE)
    assert line
    # as systemd reads it: C escapes, then %% and $$ (systemd.service(5), systemd.unit(5))
    command = line[1].replace("\\\\", "\\").replace("%%", "%").replace("$$", "$")
    folders = {"CREDENTIALS_DIRECTORY": str(tmp_path), "RUNTIME_DIRECTORY": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-c", command], env=folders | {"PATIENT_PORT": port}, check=True)
    page = (tmp_path / "hello.html").read_text(encoding="ascii")
    assert page == f'<meta http-equiv=refresh content="0; url=http://127.0.0.1:{port}/hello?token=a-token_1">'
    assert "token=" not in re.findall(r"ExecStart=(?:.*\\\n)*.*", _unit("kiosk-browser"))[0]


def test_the_browser_looks_where_the_patients_screen_is_unless_told_otherwise() -> None:
    assert f"\nEnvironment=PATIENT_PORT={WebSettings().patient_port}\n" in _unit("kiosk-browser")


def _unit(name: str) -> str:
    return (ROOT / "systemd" / f"{name}.service").read_text(encoding="utf-8")
