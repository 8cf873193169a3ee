"""`make demo` as a newcomer, an impatient one and an unlucky one run it."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE, until
from tests.support.running_demo import RunningDemo, command, free_port, running_demo, wait_for

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: what is measured below is a second start."""
    folder = tmp_path_factory.mktemp("demo") / "kiosk"
    with running_demo(folder, "--patients", "40"):
        pass
    return folder


@contextmanager
def begun(data: Path, *more: str) -> Iterator[RunningDemo]:
    """A demo that the test stops in its own way; what it left running ends with the block."""
    patient_port, staff_port = free_port(), free_port()
    process = subprocess.Popen(
        command(data, patient_port, staff_port, *more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        wait_for(process, "Ctrl+C stops everything")
        yield RunningDemo(process, data, patient_port, staff_port)
        if process.poll() is None:
            process.terminate()
            assert process.wait(PATIENCE) == 0


def children_of(demo: RunningDemo) -> list[int]:
    found = subprocess.run(["pgrep", "-f", str(demo.data)], capture_output=True, text=True, check=False).stdout.split()
    return [int(pid) for pid in found if int(pid) != demo.process.pid]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_even_with_live_screens_open(data: Path, number: signal.Signals) -> None:
    with begun(data) as demo, demo.browser().open(f"{demo.patient_url}/live", timeout=5):
        demo.process.send_signal(number)
        assert demo.process.wait(PATIENCE) == 0
        until(lambda: children_of(demo) == [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it_while_the_hospital_is_still_being_invented(tmp_path: Path, number: signal.Signals) -> None:
    starting = subprocess.Popen(
        command(tmp_path / "kiosk", free_port(), free_port(), "--patients", "5000"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starting:
        wait_for(starting, "Inventing the hospital")
        starting.send_signal(number)
        assert starting.wait(PATIENCE) == 0
    assert subprocess.run(["pgrep", "-f", str(tmp_path)], check=False).returncode == 1


def test_when_the_supervisor_is_killed_its_children_end(data: Path) -> None:
    with begun(data) as demo:
        assert len(children_of(demo)) >= 5
        demo.process.kill()
        demo.process.wait()
        until(lambda: children_of(demo) == [])


def test_a_child_that_dies_is_started_again(data: Path) -> None:
    with begun(data) as demo:
        before = set(children_of(demo))
        station = next(pid for pid in before if Path(f"/proc/{pid}/cmdline").read_bytes().endswith(b"station\0"))
        os.kill(station, signal.SIGKILL)
        wait_for(demo.process, "restarting")
        until(lambda: len(children_of(demo)) == len(before))
        assert station not in children_of(demo)


def test_a_taken_port_is_named_with_its_holder_and_another_choice(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = subprocess.run(
            command(tmp_path / "kiosk", port, free_port()), capture_output=True, text=True, check=False, timeout=30
        )
    assert done.returncode == 1
    assert f"port {port} is taken by" in done.stderr
    assert f"process {os.getpid()}" in done.stderr
    assert "--patient-port" in done.stderr
    assert "Traceback" not in done.stderr


def test_data_stay_until_fresh_is_asked_for(data: Path) -> None:
    passwords = []
    for more in ((), (), ("--fresh", "--patients", "40")):
        with begun(data, *more) as demo:
            passwords.append(demo.password("bacsi"))
    assert passwords[0] == passwords[1] != passwords[2]


def test_fresh_never_empties_a_folder_that_is_no_demos(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = subprocess.run(
        command(tmp_path, free_port(), free_port(), "--fresh"), capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 1
    assert "holds something that is not a demo's" in done.stderr
    assert (tmp_path / "thesis.txt").exists()


def test_the_unix_sockets_lie_in_a_short_private_folder_that_ends_with_it(data: Path) -> None:
    with begun(data) as demo:
        runtime = demo.settings.runtime_dir
        assert runtime.stat().st_mode & 0o777 == 0o700
        assert max(len(str(path)) for path in runtime.iterdir()) <= 107
    assert not runtime.exists()


def test_each_listener_knows_only_its_own_routes(data: Path) -> None:
    patient, staff = ["/preview", "/state", "/bench", "/theme.css"], ["/doctor/", "/reception/", "/display/", "/admin/"]
    with begun(data) as demo:
        for here, foreign in ((demo.patient_url, staff), (demo.staff_url, patient)):
            for path in foreign:
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    demo.browser().open(f"{here}{path}", timeout=5)


def test_another_process_of_this_host_gets_nothing_of_the_patients_screen(data: Path) -> None:
    with begun(data) as demo:
        for path in ("/", "/state", "/live", "/preview", "/bench", "/hello", "/hello?token=guess"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{demo.patient_url}{path}", timeout=5)
        with urllib.request.urlopen(f"{demo.patient_url}/readyz", timeout=5) as answer:
            assert answer.status == 200


def test_help_has_an_example() -> None:
    done = subprocess.run([sys.executable, "-m", "kiosk", "demo", "--help"], capture_output=True, text=True, check=True)
    assert "Example:" in done.stdout
