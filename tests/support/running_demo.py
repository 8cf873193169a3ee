"""The demo as a newcomer starts it, on free ports and in a folder of its own."""

import http.cookiejar
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec

from kiosk.bootstrap import preview_socket
from kiosk.demo.hospital import Card, Hospital, InventedPatient, cards_of, load_hospital
from kiosk.hardware.simulated.bench import FileBench
from kiosk.live.screen_pass import TOKEN_FILE
from kiosk.settings import Settings, load_settings
from tests.support.face_models import MODELS

START_SECONDS = 300
PORTS = range(20_000, 32_000)
"""Below those that the kernel gives to anybody who connects (ip_local_port_range)."""


def free_port() -> int:
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def screen_token(settings: Settings) -> str:
    """What the patient's screen of these settings wants to see once."""
    return (settings.runtime_dir / TOKEN_FILE).read_text(encoding="ascii")


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


@dataclass
class RunningDemo:
    """A demo that answers.

    Attributes:
        visited: every address that a screen asked for, fragments and pictures too.
        log_folders: of kiosks beside its own.
    """

    process: subprocess.Popen[str]
    data: Path
    patient_port: int
    staff_port: int
    visited: list[str] = field(default_factory=list)
    log_folders: list[Path] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return load_settings(self.data / "demo.toml")

    @property
    def bench(self) -> FileBench:
        return FileBench(self.settings.runtime_dir)

    @property
    def hospital(self) -> Hospital:
        hospital = load_hospital(self.settings.record_dir)
        if hospital is None:
            raise AssertionError("the demo has no hospital")
        return hospital

    @property
    def patient_url(self) -> str:
        return f"http://127.0.0.1:{self.patient_port}"

    @property
    def kiosk_url(self) -> str:
        """The address that makes a browser the kiosk's, as the demo prints it."""
        return f"{self.patient_url}/hello?token={screen_token(self.settings)}"

    def browser(self) -> urllib.request.OpenerDirector:
        """A browser without a window that is the kiosk's."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        opener.open(self.kiosk_url, timeout=5).close()
        return opener

    @property
    def bench_url(self) -> str:
        """The device bench, for any browser."""
        return f"{self.kiosk_url}&to=bench"

    @property
    def staff_url(self) -> str:
        return f"http://127.0.0.1:{self.staff_port}"

    def newcomer(self) -> InventedPatient:
        """Somebody ordinary with a citizen card and no appointment today, and another one each time.

        Who has a number already is shown it again, so a journey that wants a new one has a patient of its own.
        """
        return next(self._newcomers)

    @cached_property
    def _newcomers(self) -> Iterator[InventedPatient]:
        return iter([patient for patient in self.hospital.patients if _is_ordinary(patient)])

    def password(self, name: str) -> str:
        return str(tomllib.loads((self.data / "demo-passwords.toml").read_text(encoding="utf-8"))[name])

    def card(self, patient: InventedPatient, kind: str) -> Card:
        return next(card for card in cards_of(patient) if card.kind == kind)

    def restart_station(self, **changed: str) -> None:
        """Let the station start again with other devices in its settings."""
        station = msgspec.structs.replace(self.settings.station, **changed)
        settings = msgspec.structs.replace(self.settings, station=station)
        (self.data / "demo.toml").write_bytes(msgspec.toml.encode(settings))
        os.kill(self._child("station"), signal.SIGTERM)
        wait_for(self.process, "restarting")
        ends = time.monotonic() + START_SECONDS
        while not _listens(preview_socket(settings)):
            if time.monotonic() > ends:
                raise AssertionError("the station did not start again")
            time.sleep(0.05)

    def _child(self, command: str) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        last = f"{command}\0".encode()
        return next(int(pid) for pid in children.split() if Path(f"/proc/{pid}/cmdline").read_bytes().endswith(last))

    def logs(self) -> str:
        folders = (self.data / "logs", *self.log_folders)
        return "\n".join(path.read_text(encoding="utf-8") for one in folders for path in sorted(one.glob("*.log")))


def command(data: Path, patient_port: int, staff_port: int, *more: str) -> list[str]:
    ports = ["--patient-port", str(patient_port), "--staff-port", str(staff_port)]
    return [sys.executable, "-m", "kiosk", "demo", "--data", str(data), *ports, *more]


def wait_for(process: subprocess.Popen[str], word: str, seconds: float = START_SECONDS) -> str:
    """What the process printed until a line held this word."""
    said, deadline = "", time.monotonic() + seconds
    if process.stdout is None:
        raise AssertionError("nothing to read")
    while word not in said:
        line = process.stdout.readline()
        if not line or time.monotonic() > deadline:
            raise AssertionError(f"the demo did not say {word!r}:\n{said}")
        said += line
    return said


def _is_ordinary(patient: InventedPatient) -> bool:
    return (
        not patient.id.startswith("de-")
        and bool(patient.citizen_card)
        and patient.active
        and patient.deceased_on is None
        and patient.birth_date.is_full
        and patient.card_name is None
        and patient.card_birth_date is None
        and not any(appointment.days == 0 for appointment in patient.appointments)
    )


@contextmanager
def running_demo(data: Path, *more: str) -> Iterator[RunningDemo]:
    """A demo that ends with the block."""
    patient_port, staff_port = free_port(), free_port()
    process = subprocess.Popen(
        command(data, patient_port, staff_port, *more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"KIOSK_MODELS": str(MODELS), **os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        wait_for(process, "Ctrl+C stops everything")
        yield RunningDemo(process, data, patient_port, staff_port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
